"""Buckets of rate limits."""

from __future__ import annotations

from alembic import op

revision = "city_0005"
down_revision = "city_0004"
branch_labels = None
depends_on = None

SQL = """
select 1;
"""


def upgrade() -> None:
    op.execute(SQL)
