"""The calendar of working days."""

from __future__ import annotations

from alembic import op

revision = "city_0008"
down_revision = "city_0007"
branch_labels = None
depends_on = None

# Only days that need saying: holidays, and weekends that are worked. A year without a row is not known.
SQL = """
create table platform_day (
  day      date primary key check (day between '1900-01-01' and '2199-12-31'),
  working  boolean not null,
  names    jsonb not null check (jsonb_typeof(names) = 'object'),
  source   text not null check (length(source) between 1 and 200),
  check (not working or extract(isodow from day) >= 6)
);
comment on table platform_day is
  'Days that are free although no weekend, or worked although one (调休), and what is said of them.';
comment on column platform_day.source is 'The notice that says so.';

create table platform_hours (
  starts  time primary key,
  ends    time not null,
  check (starts < ends or ends = '00:00')
);
comment on table platform_hours is
  'Working hours of a working day; without a row 08:00 to 12:00 and 14:00 to 18:00. 00:00 as an end is midnight.';
"""


def upgrade() -> None:
    op.execute(SQL)
