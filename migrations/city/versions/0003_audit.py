"""The audit trail: entries, seals, approvals."""

from __future__ import annotations

from alembic import op

revision = "city_0003"
down_revision = "city_0002"
branch_labels = None
depends_on = None

SQL = """
select 1;
"""


def upgrade() -> None:
    op.execute(SQL)
