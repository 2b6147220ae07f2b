"""Mapped tables of analytics: what was published, and what counts follow from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from gridgov.platform.db import Base, SharedBase


class Xid8(UserDefinedType[int]):
    """A transaction, of which no number is ever given twice; SQLAlchemy has no name for it."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "xid8"


ischema_names["xid8"] = Xid8


class Release(Base):
    __tablename__ = "analytics_release"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    least: Mapped[int] = mapped_column(Integer)
    released_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    counts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Origin(Base):
    __tablename__ = "analytics_origin"

    one: Mapped[bool] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    system: Mapped[int | None] = mapped_column(BigInteger)
    pruned: Mapped[int] = mapped_column(Xid8)


class Home(Base):
    __tablename__ = "analytics_home"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mark: Mapped[UUID]
    before: Mapped[UUID | None]
    needs: Mapped[int] = mapped_column(Xid8)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def _changes(name: str, *columns: Column[Any]) -> Table:
    """Rows without a key: nobody looks for one of them."""
    return Table(
        name,
        Base.metadata,
        Column("no", BigInteger, nullable=False),
        Column("xid", Xid8, nullable=False),
        Column("sign", SmallInteger, nullable=False),
        Column("happened_at", DateTime(timezone=True), nullable=False),
        Column("category_id", Integer),
        Column("channel", Text),
        Column("area_id", BigInteger),
        Column("grid_id", BigInteger),
        Column("unit_id", BigInteger),
        Column("agency_id", BigInteger),
        *columns,
    )


IncidentChange = _changes(
    "analytics_incident_change",
    Column("status", Text),
    Column("outside", Boolean),
    Column("hex9", BigInteger),
    Column("quad25", BigInteger),
    Column("lon", Double),
    Column("lat", Double),
)
CaseChange = _changes(
    "analytics_case_change",
    Column("state", Text),
    Column("level", Text),
    *(Column(name, DateTime(timezone=True)) for name in ("opened_at", "accepted_at", "ended_at", "late_from")),
)


class IncidentMonth(Base):
    __tablename__ = "analytics_incident_month"

    month: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8)


class ProvinceReader(SharedBase):
    __tablename__ = "province_reader"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    cities: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ProvinceCity(SharedBase):
    __tablename__ = "province_city"

    city: Mapped[str] = mapped_column(Text, primary_key=True)
    as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    whole_as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    households: Mapped[int] = mapped_column(BigInteger)


class ProvinceDay(SharedBase):
    __tablename__ = "province_day"

    city: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    incidents: Mapped[int] = mapped_column(BigInteger)
    cases: Mapped[int] = mapped_column(BigInteger)
    overdue: Mapped[int] = mapped_column(BigInteger)
    closed: Mapped[int] = mapped_column(BigInteger)
    closed_lowest: Mapped[int] = mapped_column(BigInteger)


class AlertRule(Base):
    __tablename__ = "analytics_alert_rule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    desk: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("auth_post.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    counted: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    days: Mapped[int] = mapped_column(SmallInteger)
    threshold: Mapped[float] = mapped_column(Double)
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    agencies: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Alert(Base):
    __tablename__ = "analytics_alert"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("analytics_alert_rule.id"))
    revision: Mapped[int] = mapped_column(Integer)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    began_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    value: Mapped[float] = mapped_column(Double)
    threshold: Mapped[float] = mapped_column(Double)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
