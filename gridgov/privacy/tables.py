"""Mapped tables of privacy: limits, holds, notices, consents, requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Integer, LargeBinary, Sequence, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base
from gridgov.platform.personal import Basis, blind_index, sealed
from gridgov.privacy.retention import CONSENT_RECORD, REQUEST_RECORD

MOMENT = DateTime(timezone=True)


class Limit(Base):
    __tablename__ = "privacy_limit"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    days: Mapped[int] = mapped_column(Integer)
    working: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(MOMENT)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))


class Hold(Base):
    __tablename__ = "privacy_hold"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    holding: Mapped[str] = mapped_column(Text)
    row_key: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(MOMENT)
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(MOMENT)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))


class Notice(Base):
    __tablename__ = "privacy_notice"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    handler: Mapped[dict[str, str]] = mapped_column(JSONB)
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    purposes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    kinds: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    retention: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    published_at: Mapped[datetime] = mapped_column(MOMENT)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))


class Consent(Base):
    __tablename__ = "privacy_consent"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_index: Mapped[bytes | None] = blind_index("subject_sealed", kind="phone")
    subject_sealed: Mapped[bytes | None] = sealed(
        purpose="to show who agreed to what, and to find the consent that is withdrawn",
        basis=Basis.STATUTORY_DUTY,
        kept=CONSENT_RECORD,
    )
    notice_id: Mapped[int] = mapped_column(ForeignKey("privacy_notice.id"))
    purposes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    separate: Mapped[bool] = mapped_column(Boolean)
    channel: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(MOMENT)
    withdrawn_at: Mapped[datetime | None] = mapped_column(MOMENT)
    withdrawn_channel: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))


class Request(Base):
    __tablename__ = "privacy_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Sequence("privacy_request_number"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    proof: Mapped[str] = mapped_column(Text)
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents_key.id"))
    subject_index: Mapped[bytes | None] = blind_index("subject_sealed", kind="phone")
    subject_sealed: Mapped[bytes | None] = sealed(
        purpose="to find what is held about the person who asks, and to answer",
        basis=Basis.STATUTORY_DUTY,
        kept=REQUEST_RECORD,
    )
    details_sealed: Mapped[bytes | None] = sealed(
        purpose="what the person wants to have corrected, in their words",
        basis=Basis.STATUTORY_DUTY,
        kept=REQUEST_RECORD,
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    filed_at: Mapped[datetime] = mapped_column(MOMENT)
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    due_at: Mapped[datetime] = mapped_column(MOMENT)
    extended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
