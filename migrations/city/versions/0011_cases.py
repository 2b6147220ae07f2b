"""Case files, whistles, ratings."""

from __future__ import annotations

revision = "city_0011"
down_revision = "city_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
