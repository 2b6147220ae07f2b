"""Mapped tables of duties: categories, agencies and their sites, duty lists with items and supporting bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base, SharedBase


class NationalCategory(SharedBase):
    __tablename__ = "category"

    standard_ref: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    group_code: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    group_names: Mapped[dict[str, str]] = mapped_column(JSONB)


class Category(Base):
    __tablename__ = "duties_category"

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    group_code: Mapped[str | None] = mapped_column(Text)
    group_names: Mapped[dict[str, str]] = mapped_column(JSONB)
    standard_ref: Mapped[str | None] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)


class Agency(Base):
    __tablename__ = "duties_agency"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    stationed_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Site(Base):
    __tablename__ = "duties_site"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    service_area: Mapped[WKBElement | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True
    )
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)


class DutyList(Base):
    __tablename__ = "duties_list"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None] = mapped_column(Integer)
    basis: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    valid: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("duties_list.id"))
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    drafted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    wanted_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    acknowledged: Mapped[list[str]] = mapped_column(ARRAY(Text))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("audit_approval.id"))


class DutyItem(Base):
    __tablename__ = "duties_item"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("duties_list.id"))
    code: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    management_class: Mapped[str] = mapped_column(Text)
    lead_agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    lead_level: Mapped[str | None] = mapped_column(Text)
    served_from_sites: Mapped[bool]
    nearest: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    time_limit: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    level: Mapped[str | None] = mapped_column(Text)
    payer_agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    opening: Mapped[str | None] = mapped_column(Text)
    closing: Mapped[str | None] = mapped_column(Text)
    risk_points: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    admission_id: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Support(Base):
    __tablename__ = "duties_support"

    item_id: Mapped[int] = mapped_column(ForeignKey("duties_item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    level: Mapped[str | None] = mapped_column(Text)
