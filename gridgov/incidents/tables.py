"""Mapped tables of incidents: the keys that make repeats harmless, incidents by month, sealed contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Computed, DateTime, Double, ForeignKey, LargeBinary, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base
from gridgov.platform.personal import Basis, blind_index, sealed
from gridgov.privacy.retention import PHOTO_POSITION, REPORTER_CONTACT


class Key(Base):
    __tablename__ = "incidents_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Incident(Base):
    __tablename__ = "incidents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int] = mapped_column(ForeignKey("duties_category.id"))
    channel: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reported_lon: Mapped[float] = mapped_column(Double)
    reported_lat: Mapped[float] = mapped_column(Double)
    datum: Mapped[str] = mapped_column(Text)
    accuracy_m: Mapped[float | None] = mapped_column(REAL)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    outside_m: Mapped[float] = mapped_column(REAL)
    candidate_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    lead_area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("duties_site.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("duties_item.id"))
    hex9: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    place: Mapped[dict[str, str]] = mapped_column(JSONB)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    quad25: Mapped[int] = mapped_column(BigInteger, Computed("incidents_quad25(geom)", persisted=True))


class Contact(Base):
    """The reporter's contact; personal, and apart from the report so that no list reads it by chance.

    Where the incident belongs is repeated here, so that a row policy can use it; a trigger keeps it in step.
    """

    __tablename__ = "incidents_contact"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents_key.id"), primary_key=True)
    name_sealed: Mapped[bytes | None] = sealed(
        purpose="to address whoever is answered", basis=Basis.STATUTORY_DUTY, kept=REPORTER_CONTACT
    )
    phone_sealed: Mapped[bytes | None] = sealed(
        purpose="to ask back and to answer the report", basis=Basis.STATUTORY_DUTY, kept=REPORTER_CONTACT
    )
    phone_index: Mapped[bytes | None] = blind_index("phone_sealed", kind="phone")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("privacy_notice.id"))
    frozen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    frozen_because: Mapped[str | None] = mapped_column(Text)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))


class Attachment(Base):
    """A photo of an incident; the picture lies in the storage. Where the incident belongs is repeated, as above."""

    __tablename__ = "incidents_attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents_key.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    gps_sealed: Mapped[bytes | None] = sealed(
        purpose="to tell where and when a photo was taken, when that is disputed",
        basis=Basis.STATUTORY_DUTY,
        kept=PHOTO_POSITION,
        sensitive=True,
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
