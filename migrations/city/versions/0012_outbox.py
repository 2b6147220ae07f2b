"""The outbox, notices and their delivery."""

from __future__ import annotations

from alembic import op

revision = "city_0012"
down_revision = "city_0011"
branch_labels = None
depends_on = None


# What has not been dealt with is found by its mark and never by a position: a transaction that ends late leaves its row
# below rows that were dealt with long ago.
OUTBOX = """
create table platform_outbox (
  id        bigint generated always as identity primary key,
  topic     text collate "C" not null check (topic ~ '^[a-z][a-z_-]*([.][a-z][a-z_-]*){1,3}$'),
  key       text collate "C" not null check (length(key) between 1 and 80),
  facts     jsonb not null check (jsonb_typeof(facts) = 'object'),
  at        timestamptz not null,
  taken_at  timestamptz
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index platform_outbox_waiting on platform_outbox (id) where taken_at is null;
create index platform_outbox_taken on platform_outbox (taken_at) where taken_at is not null;
comment on table platform_outbox is
  'What happened, written in the transaction in which it happened. No personal data.';
comment on column platform_outbox.key is 'What it is about: mostly the id of a case or an incident.';
comment on column platform_outbox.taken_at is 'When it was dealt with: notices and deliveries follow from it.';
"""


def upgrade() -> None:
    op.execute(OUTBOX)
