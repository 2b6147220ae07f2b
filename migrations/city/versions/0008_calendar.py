"""The calendar of working days."""

from __future__ import annotations

revision = "city_0008"
down_revision = "city_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
