"""Mapped tables of duties: categories, agencies and sites; duty lists with items and supporting bodies; admissions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
)
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
    admission_id: Mapped[int | None] = mapped_column(ForeignKey("duties_admission.id"))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Support(Base):
    __tablename__ = "duties_support"

    item_id: Mapped[int] = mapped_column(ForeignKey("duties_item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    level: Mapped[str | None] = mapped_column(Text)


class Admission(Base):
    __tablename__ = "duties_admission"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[UUID] = mapped_column(unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    agency_id: Mapped[int] = mapped_column(ForeignKey("duties_agency.id"))
    title: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    part: Mapped[str] = mapped_column(Text)
    target_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    all_of: Mapped[str | None] = mapped_column(Text)
    within_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    plan: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    burdens: Mapped[dict[str, int]] = mapped_column(JSONB)
    total_yuan: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    begins_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("duties_admission.id"))
    state: Mapped[str] = mapped_column(Text)
    created_by: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opinions_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    decided_post: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verdict: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    matter: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AdmissionTarget(Base):
    __tablename__ = "duties_admission_target"

    admission_id: Mapped[int] = mapped_column(ForeignKey("duties_admission.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    level: Mapped[str] = mapped_column(Text)


class AdmissionOpinion(Base):
    __tablename__ = "duties_admission_opinion"

    admission_id: Mapped[int] = mapped_column(ForeignKey("duties_admission.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    stance: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))


class AdmissionStep(Base):
    __tablename__ = "duties_admission_step"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("duties_admission.id"))
    from_state: Mapped[str | None] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str | None] = mapped_column(Text)


class AdmissionPromise(Base):
    __tablename__ = "duties_admission_promise"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("duties_admission.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    due_on: Mapped[date] = mapped_column(Date)
    amount_yuan: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    posts: Mapped[int] = mapped_column(Integer)


class AdmissionTransfer(Base):
    __tablename__ = "duties_admission_transfer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["admission_id", "area_id"], ["duties_admission_target.admission_id", "duties_admission_target.area_id"]
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[UUID] = mapped_column(unique=True)
    admission_id: Mapped[int] = mapped_column(BigInteger)
    area_id: Mapped[int] = mapped_column(BigInteger)
    arrived_on: Mapped[date] = mapped_column(Date)
    amount_yuan: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    posts: Mapped[int] = mapped_column(Integer)
    document: Mapped[str] = mapped_column(Text)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("duties_admission_transfer.id"))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AdmissionConfirmation(Base):
    __tablename__ = "duties_admission_confirmation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("duties_admission_transfer.id"))
    received: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))


class AdmissionAttempt(Base):
    __tablename__ = "duties_admission_attempt"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    admission_id: Mapped[int | None] = mapped_column(ForeignKey("duties_admission.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("duties_agency.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    category: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Appraisal(Base):
    __tablename__ = "duties_appraisal"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int] = mapped_column(ForeignKey("duties_agency.id"))
    level: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    document: Mapped[str] = mapped_column(Text)
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    registered_by: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
