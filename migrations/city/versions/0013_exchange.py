"""What passes between bodies: orders, tasks, replies, receptions."""

from __future__ import annotations

revision = "city_0013"
down_revision = "city_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
