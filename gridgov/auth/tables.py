"""Mapped tables of accounts, posts, sessions and tokens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Identity, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base

MOMENT = DateTime(timezone=True)


class Account(Base):
    __tablename__ = "auth_account"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    disabled_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Password(Base):
    __tablename__ = "auth_password"

    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(MOMENT)
    must_change: Mapped[bool] = mapped_column(Boolean)


class Identity_(Base):  # noqa: N801  # SQLAlchemy has the plain word
    __tablename__ = "auth_identity"

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    created_at: Mapped[datetime] = mapped_column(MOMENT)


class Post(Base):
    __tablename__ = "auth_post"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    role: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("duties_agency.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    created_at: Mapped[datetime] = mapped_column(MOMENT)


class SignIn(Base):
    __tablename__ = "auth_session"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("auth_post.id"))
    how: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    seen_at: Mapped[datetime] = mapped_column(MOMENT)
    expires_at: Mapped[datetime] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Handshake(Base):
    __tablename__ = "auth_handshake"

    state_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text)
    verifier: Mapped[str] = mapped_column(Text)
    back_to: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(MOMENT)


class Token(Base):
    __tablename__ = "auth_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("auth_post.id"))
    label: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    expires_at: Mapped[datetime] = mapped_column(MOMENT)
    revoked_at: Mapped[datetime | None] = mapped_column(MOMENT)
    used_on: Mapped[date | None] = mapped_column(Date)
