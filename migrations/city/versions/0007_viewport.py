"""Counts within units are read from an index alone. The spatial index is made by objects/city/10_viewport.sql."""

from __future__ import annotations

from alembic import op

revision = "city_0007"
down_revision = "city_0006"
branch_labels = None
depends_on = None

# Whoever reaches some units counts within them: the index that finds their incidents also holds what is counted and
# what the row policy asks, as incidents_category does for those who reach the whole city.
UNIT = """
drop index incidents_unit;
create index incidents_unit on incidents (unit_id, happened_at)
  include (category_id, grid_id, area_id, outside_m, hex9);
"""


def upgrade() -> None:
    op.execute(UNIT)
