"""Mapped tables of planning."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base


class Basis(Base):
    __tablename__ = "planning_basis"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[dict[str, Any]] = mapped_column(JSONB)
    atoms: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("auth_account.id"))


class Atom(Base):
    __tablename__ = "planning_atom"

    basis_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_basis.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    block: Mapped[int] = mapped_column(Integer)
    group_name: Mapped[str | None] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    label: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    area_m2: Mapped[float] = mapped_column(Double)
    perimeter_m: Mapped[float] = mapped_column(Double)


class Edge(Base):
    __tablename__ = "planning_edge"

    basis_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_basis.id", ondelete="CASCADE"), primary_key=True
    )
    a: Mapped[int] = mapped_column(Integer, primary_key=True)
    b: Mapped[int] = mapped_column(Integer, primary_key=True)
    shared_m: Mapped[float] = mapped_column(Double)
    on_street: Mapped[bool] = mapped_column(Boolean)
    bridge: Mapped[bool] = mapped_column(Boolean)


class Count(Base):
    __tablename__ = "planning_count"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    basis_id: Mapped[int] = mapped_column(ForeignKey("planning_basis.id", ondelete="CASCADE"))
    counted_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    households: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    total: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Load(Base):
    __tablename__ = "planning_load"

    basis_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_basis.id", ondelete="CASCADE"), primary_key=True
    )
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class LoadMark(Base):
    __tablename__ = "planning_load_mark"

    basis_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_basis.id", ondelete="CASCADE"), primary_key=True
    )
    upto: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Plan(Base):
    __tablename__ = "planning_plan"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    target: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("planning_plan.id"))
    returns_to: Mapped[int | None] = mapped_column(ForeignKey("planning_plan.id"))
    revision: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("auth_account.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("auth_account.id"))
    wanted_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    drawn_on: Mapped[dict[str, Any]] = mapped_column(JSONB)
    approval_id: Mapped[int | None] = mapped_column(BigInteger)
    areas_plan_id: Mapped[int | None] = mapped_column(ForeignKey("areas_plan.id"))
    effective_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Part(Base):
    __tablename__ = "planning_part"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("planning_plan.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    basis_id: Mapped[int] = mapped_column(ForeignKey("planning_basis.id"))
    count_id: Mapped[int] = mapped_column(ForeignKey("planning_count.id"))
    revision: Mapped[int] = mapped_column(BigInteger)
    assignment: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    made_with: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Operation(Base):
    __tablename__ = "planning_operation"

    part_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_part.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effect: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inverse: Mapped[dict[str, Any]] = mapped_column(JSONB)
    touched: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    redoes: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("auth_account.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Snapshot(Base):
    __tablename__ = "planning_snapshot"

    part_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_part.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    assignment: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class Change(Base):
    __tablename__ = "planning_change"

    plan_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_plan.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Matter(Base):
    __tablename__ = "planning_matter"

    plan_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_plan.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    list: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)


class Activation(Base):
    __tablename__ = "planning_activation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("planning_plan.id"))
    areas_plan_id: Mapped[int] = mapped_column(ForeignKey("areas_plan.id"))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("planning_plan.id"))
    effective_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Follow(Base):
    __tablename__ = "planning_follow"

    activation_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("planning_activation.id", ondelete="CASCADE"), primary_key=True
    )
    noun: Mapped[str] = mapped_column(Text, primary_key=True)
    after: Mapped[str] = mapped_column(Text)
    moved: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Job(Base):
    __tablename__ = "planning_job"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("planning_plan.id"))
    kind: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    said: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cancel: Mapped[bool] = mapped_column(Boolean)
    attempts: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str | None] = mapped_column(Text)
    alive_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("auth_account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class JobPart(Base):
    __tablename__ = "planning_job_part"

    job_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("planning_job.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("areas.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
