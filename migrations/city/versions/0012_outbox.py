"""The outbox, notices and their delivery."""

from __future__ import annotations

revision = "city_0012"
down_revision = "city_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
