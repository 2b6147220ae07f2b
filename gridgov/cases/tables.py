"""Mapped tables of cases: the file, its history, clocks, summons, ratings, and what the city sets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base

WHEN = DateTime(timezone=True)


class Case(Base):
    __tablename__ = "cases"

    id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), ForeignKey("incidents_key.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    happened_at: Mapped[datetime] = mapped_column(WHEN)
    category_id: Mapped[int] = mapped_column(ForeignKey("duties_category.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("duties_item.id"))
    channel: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime] = mapped_column(WHEN)
    accepted_at: Mapped[datetime | None] = mapped_column(WHEN)
    changed_at: Mapped[datetime] = mapped_column(WHEN)
    ended_at: Mapped[datetime | None] = mapped_column(WHEN)
    next_due_at: Mapped[datetime | None] = mapped_column(WHEN)
    next_yellow_at: Mapped[datetime | None] = mapped_column(WHEN)
    late_from: Mapped[datetime | None] = mapped_column(WHEN)
    suspended_until: Mapped[date | None] = mapped_column(Date)
    level: Mapped[str | None] = mapped_column(Text)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    merged_into: Mapped[UUID | None] = mapped_column(PG_UUID(as_uuid=True))
    whistles: Mapped[int] = mapped_column(SmallInteger)
    returns: Mapped[int] = mapped_column(SmallInteger)
    reworks: Mapped[int] = mapped_column(SmallInteger)
    extensions: Mapped[int] = mapped_column(SmallInteger)
    hops: Mapped[int] = mapped_column(SmallInteger)
    on_spot: Mapped[bool]
    forced: Mapped[bool]
    asking: Mapped[bool]
    place: Mapped[dict[str, str]] = mapped_column(JSONB)
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)


class CaseEvent(Base):
    __tablename__ = "cases_event"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    at: Mapped[datetime] = mapped_column(WHEN)
    action: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    role: Mapped[str | None] = mapped_column(Text)
    by_agency: Mapped[int | None] = mapped_column(BigInteger)
    by_area: Mapped[int | None] = mapped_column(BigInteger)
    to_agency: Mapped[int | None] = mapped_column(BigInteger)
    to_area: Mapped[int | None] = mapped_column(BigInteger)
    to_level: Mapped[str | None] = mapped_column(Text)
    summons: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    limits: Mapped[dict[str, str]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class CaseClock(Base):
    __tablename__ = "cases_clock"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    summons: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    limit: Mapped[str] = mapped_column(Text)
    extended: Mapped[list[str]] = mapped_column(ARRAY(Text))
    agency_id: Mapped[int | None] = mapped_column(BigInteger)
    office_id: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(WHEN)
    due_at: Mapped[datetime] = mapped_column(WHEN)
    yellow_at: Mapped[datetime] = mapped_column(WHEN)
    running: Mapped[bool]
    used: Mapped[int] = mapped_column(BigInteger)
    paused_at: Mapped[datetime | None] = mapped_column(WHEN)
    ended_at: Mapped[datetime | None] = mapped_column(WHEN)
    late: Mapped[bool | None]
    told: Mapped[str | None] = mapped_column(Text)


class CaseSummons(Base):
    __tablename__ = "cases_summons"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    summons: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    whistle: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    ground: Mapped[str] = mapped_column(Text)
    part: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int] = mapped_column(ForeignKey("duties_agency.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    called_at: Mapped[datetime] = mapped_column(WHEN)
    signed_at: Mapped[datetime | None] = mapped_column(WHEN)
    contacted_at: Mapped[datetime | None] = mapped_column(WHEN)
    answered_at: Mapped[datetime | None] = mapped_column(WHEN)
    ended_at: Mapped[datetime | None] = mapped_column(WHEN)
    ended_by: Mapped[str | None] = mapped_column(Text)
    refused: Mapped[bool]
    late: Mapped[bool]
    declined: Mapped[int] = mapped_column(SmallInteger)
    reworks: Mapped[int] = mapped_column(SmallInteger)
    extensions: Mapped[int] = mapped_column(SmallInteger)
    asking: Mapped[bool]
    sign_due_at: Mapped[datetime | None] = mapped_column(WHEN)
    contact_due_at: Mapped[datetime | None] = mapped_column(WHEN)
    report_due_at: Mapped[datetime | None] = mapped_column(WHEN)
    yellow_at: Mapped[datetime | None] = mapped_column(WHEN)
    sign_late: Mapped[bool | None]
    contact_late: Mapped[bool | None]
    report_late: Mapped[bool | None]
    whistled_at: Mapped[datetime] = mapped_column(WHEN)
    whistle_ended_at: Mapped[datetime | None] = mapped_column(WHEN)
    withdrawn: Mapped[bool]
    meetings: Mapped[int] = mapped_column(SmallInteger)
    attended: Mapped[int] = mapped_column(SmallInteger)
    meeting_at: Mapped[datetime | None] = mapped_column(WHEN)
    meeting_place: Mapped[str | None] = mapped_column(Text)
    leads: Mapped[list[str]] = mapped_column(ARRAY(Text))


class CaseRating(Base):
    __tablename__ = "cases_rating"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    summons: Mapped[int] = mapped_column(SmallInteger)
    agency_id: Mapped[int] = mapped_column(ForeignKey("duties_agency.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    at: Mapped[datetime] = mapped_column(WHEN)
    final: Mapped[bool]
    period: Mapped[str] = mapped_column(Text)
    speed: Mapped[int] = mapped_column(SmallInteger)
    quality: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    corrects: Mapped[int | None] = mapped_column(SmallInteger)
    second_id: Mapped[int | None] = mapped_column(BigInteger)


class CaseSetting(Base):
    __tablename__ = "cases_setting"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


# --- what passes between bodies and outwards ------------------------------------------------------------------------


class CaseSource(Base):
    __tablename__ = "cases_source"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    order_number: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), ForeignKey("incidents_key.id"), unique=True)
    kind: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(WHEN)
    taken_at: Mapped[datetime] = mapped_column(WHEN)


class CaseFeed(Base):
    __tablename__ = "cases_feed"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class CaseChange(Base):
    __tablename__ = "cases_change"

    name: Mapped[str] = mapped_column(ForeignKey("cases_feed.name"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_number: Mapped[str] = mapped_column(Text)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    seq: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime] = mapped_column(WHEN)
    action: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    holder: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(WHEN)
    paper: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))


class CaseFeedback(Base):
    __tablename__ = "cases_feedback"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    answered_at: Mapped[datetime] = mapped_column(WHEN)
    at: Mapped[datetime] = mapped_column(WHEN)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))


class CasePaperYear(Base):
    __tablename__ = "cases_paper_year"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int]


class CasePaper(Base):
    __tablename__ = "cases_paper"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("cases.number"))
    seq: Mapped[int] = mapped_column(SmallInteger)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    title: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(WHEN)


class CasePhoto(Base):
    __tablename__ = "cases_photo"

    attachment_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True))
    stage: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    agency_id: Mapped[int | None] = mapped_column(BigInteger)
    added_at: Mapped[datetime] = mapped_column(WHEN)


class CaseReception(Base):
    __tablename__ = "cases_reception"

    id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), primary_key=True)
    held_at: Mapped[datetime] = mapped_column(WHEN)
    notice: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("auth_post.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    made_at: Mapped[datetime] = mapped_column(WHEN)


class CaseOpinion(Base):
    __tablename__ = "cases_opinion"

    case_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), ForeignKey("incidents_key.id"), primary_key=True)
    reception_id: Mapped[UUID] = mapped_column(PG_UUID(as_uuid=True), ForeignKey("cases_reception.id"))
    ordinal: Mapped[int] = mapped_column(SmallInteger)
    replied_at: Mapped[datetime | None] = mapped_column(WHEN)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
