"""Mapped tables of analytics: what was published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gridgov.platform.db import Base


class Release(Base):
    __tablename__ = "analytics_release"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    least: Mapped[int] = mapped_column(Integer)
    released_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    counts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
