"""Accounts, posts, sessions, tokens; what protected rows carry for scope."""

from __future__ import annotations

from alembic import op

revision = "city_0002"
down_revision = "city_0001"
branch_labels = None
depends_on = None

SQL = """
select 1;
"""


def upgrade() -> None:
    op.execute(SQL)
