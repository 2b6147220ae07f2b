"""Mapped tables of areas: identities, versions in time, layers, names. The city itself lies in the shared schema."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, Double, ForeignKey, Identity, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base, SharedBase

json_type = JSONB()


def identity() -> Mapped[int]:
    """A surrogate key made by the database."""
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


def shape(kind: str) -> Mapped[WKBElement]:
    """A geometry column in EPSG:4326; its index is made by the migration."""
    return mapped_column(Geometry(kind, srid=4326, spatial_index=False), nullable=False)


class City(SharedBase):
    __tablename__ = "city"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    names: Mapped[dict[str, str]] = mapped_column(json_type)
    timezone: Mapped[str] = mapped_column(Text)
    centre: Mapped[WKBElement] = shape("POINT")
    srid_m: Mapped[int] = mapped_column(Integer)
    nearest: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Division(SharedBase):
    __tablename__ = "division"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    level: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    parent_code: Mapped[str | None] = mapped_column(Text)


class Plan(Base):
    __tablename__ = "areas_plan"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Area(Base):
    __tablename__ = "areas"

    id: Mapped[int] = identity()
    level: Mapped[str] = mapped_column(Text)
    plan_id: Mapped[int] = mapped_column(ForeignKey("areas_plan.id"))


class AreaVersion(Base):
    __tablename__ = "areas_version"

    id: Mapped[int] = identity()
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("areas_plan.id"))
    ended_plan_id: Mapped[int | None] = mapped_column(ForeignKey("areas_plan.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    level: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    code: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, str]] = mapped_column(json_type)
    kind: Mapped[str | None] = mapped_column(Text)
    population: Mapped[int | None] = mapped_column(Integer)
    households: Mapped[int | None] = mapped_column(Integer)
    attributes: Mapped[dict[str, Any]] = mapped_column(json_type)
    geom: Mapped[WKBElement] = shape("MULTIPOLYGON")
    label: Mapped[WKBElement] = shape("POINT")
    area_m2: Mapped[float] = mapped_column(Double)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class LayerColumns:
    """What every layer row carries: where it came from, its names, what was not mapped, and a digest of it all."""

    id: Mapped[int] = identity()
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, str]] = mapped_column(json_type)
    attributes: Mapped[dict[str, Any]] = mapped_column(json_type)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class Street(LayerColumns, Base):
    __tablename__ = "areas_street"

    class_: Mapped[str | None] = mapped_column("class", Text)
    geom: Mapped[WKBElement] = shape("MULTILINESTRING")


class Building(LayerColumns, Base):
    __tablename__ = "areas_building"

    class_: Mapped[str | None] = mapped_column("class", Text)
    households: Mapped[int | None] = mapped_column(Integer)
    geom: Mapped[WKBElement] = shape("MULTIPOLYGON")


class Block(LayerColumns, Base):
    __tablename__ = "areas_block"

    class_: Mapped[str | None] = mapped_column("class", Text)
    geom: Mapped[WKBElement] = shape("MULTIPOLYGON")


class Facility(LayerColumns, Base):
    __tablename__ = "areas_facility"

    class_: Mapped[str | None] = mapped_column("class", Text)
    geom: Mapped[WKBElement] = shape("POINT")


class Name(Base):
    __tablename__ = "areas_name"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    ref_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    names: Mapped[dict[str, str]] = mapped_column(json_type)
    detail: Mapped[dict[str, str]] = mapped_column(json_type)
    folded: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    initials: Mapped[str] = mapped_column(Text)
    point: Mapped[WKBElement] = shape("POINT")
    extent: Mapped[WKBElement | None] = mapped_column(
        Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True
    )


class Lineage(Base):
    __tablename__ = "areas_lineage"

    plan_id: Mapped[int] = mapped_column(ForeignKey("areas_plan.id"), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    households: Mapped[int] = mapped_column(Integer)
    share: Mapped[float] = mapped_column(Double)
