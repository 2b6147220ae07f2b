"""Admission of duties, and the ledger of what was promised."""

from __future__ import annotations

revision = "city_0010"
down_revision = "city_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
