"""Mapped tables of notices: messages to bodies and their marks, subscriptions with secrets, deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base


class Message(Base):
    """Addressed to a body by its name, and shown to every post there."""

    __tablename__ = "notices_message"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(BigInteger)
    target: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Read(Base):
    __tablename__ = "notices_read"

    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("notices_message.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Seen(Base):
    """Up to which message an account has read everything."""

    __tablename__ = "notices_seen"

    account_id: Mapped[int] = mapped_column(ForeignKey("auth_account.id"), primary_key=True)
    upto: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Subscription(Base):
    """`destination`: the mailbox or number of an office on duty, sealed; never that of a person."""

    __tablename__ = "notices_subscription"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text))
    body: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    destination: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("auth_account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Secret(Base):
    """What webhooks are signed with; sealed."""

    __tablename__ = "notices_secret"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("notices_subscription.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Delivery(Base):
    """Without any address: a subscription's is read from it, a reporter's from the sealed contact."""

    __tablename__ = "notices_delivery"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("notices_subscription.id"))
    incident_id: Mapped[UUID | None]
    topic: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    claim: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    claimed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[str | None] = mapped_column(Text)
    parts: Mapped[int | None] = mapped_column(SmallInteger)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
