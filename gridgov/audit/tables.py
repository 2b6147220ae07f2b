"""Mapped tables of the audit trail. Their triggers and functions: migrations/objects/city/20_audit.sql."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base


class FingerprintKey(Base):
    """One row; read by the triggers alone."""

    __tablename__ = "audit_key"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    inner_pad: Mapped[bytes] = mapped_column(LargeBinary)
    outer_pad: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    salt: Mapped[UUID]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    role: Mapped[str | None] = mapped_column(Text)
    login: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    noun: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)


class AuditSeal(Base):
    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ids: Mapped[Any] = mapped_column(INT8MULTIRANGE, nullable=False)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    upto: Mapped[int] = mapped_column(BigInteger)
    open: Mapped[str] = mapped_column(Text)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    key: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Approval(Base):
    __tablename__ = "audit_approval"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    noun: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    permission: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    summary: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    requested_post: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    decided_post: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ApprovalStep(Base):
    __tablename__ = "audit_approval_step"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    approval_id: Mapped[int] = mapped_column(ForeignKey("audit_approval.id"))
    from_state: Mapped[str | None] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str | None] = mapped_column(Text)
