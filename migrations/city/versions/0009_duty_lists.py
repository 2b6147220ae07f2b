"""Duty lists: drafts, kinds, limits, conditions."""

from __future__ import annotations

revision = "city_0009"
down_revision = "city_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
