"""Buckets of rate limits."""

from __future__ import annotations

from alembic import op

revision = "city_0005"
down_revision = "city_0004"
branch_labels = None
depends_on = None

# Unlogged: a bucket is worth no write-ahead log and no wait for the disk; after a crash of the server every bucket is
# full again and no lock is left. Only sweep_at is indexed, and a take never changes it, so that a take rewrites its
# row in place (HOT).
SQL = """
create unlogged table platform_bucket (
  key       bytea primary key check (octet_length(key) = 16),
  rule      text not null,
  until     timestamptz not null,
  strikes   integer not null default 0,
  passed    boolean not null,
  stale_at  timestamptz not null,
  sweep_at  timestamptz not null
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
create index platform_bucket_sweep on platform_bucket (sweep_at);
comment on table platform_bucket is 'Rate limits and locks. key: keyed fingerprint of the rule and of whom it counts.';
comment on column platform_bucket.until is 'Of a rate: when it is full again. Of a lock: until when it refuses.';
comment on column platform_bucket.strikes is 'Of a lock: tries that did not succeed, one after another.';
comment on column platform_bucket.passed is 'Whether the last take passed.';
comment on column platform_bucket.stale_at is 'From when on the row says no more than no row.';
comment on column platform_bucket.sweep_at is 'When housekeeping looks at the row next.';
"""


def upgrade() -> None:
    op.execute(SQL)
