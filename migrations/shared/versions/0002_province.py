"""What a province sees of its cities: who may ask, and counts that each city rolls up."""

from __future__ import annotations

from alembic import op

revision = "shared_0002"
down_revision = "shared_0001"
branch_labels = None
depends_on = None

SQL = """
create table province_reader (
  id            bigint generated always as identity primary key,
  name          text not null check (length(name) between 1 and 80),
  token_sha256  bytea not null unique check (octet_length(token_sha256) = 32),
  cities        text[] check (cardinality(cities) > 0),
  created_at    timestamptz not null,
  expires_at    timestamptz not null check (expires_at > created_at),
  revoked_at    timestamptz
);
comment on table province_reader is 'Posts of a province: who may read the counts of which cities. No single incident.';
comment on column province_reader.name is 'Of the office or system, not of a person.';
comment on column province_reader.cities is 'Codes of the cities in its scope; null: every city of the installation.';

create table province_city (
  city        text primary key,
  as_of       timestamptz not null,
  whole_as_of timestamptz not null,
  households  bigint not null check (households >= 0)
);
comment on table province_city is 'How old the counts of a city are: of its latest days, and of all of its days.';

create table province_day (
  city           text not null,
  day            date not null,
  incidents      bigint not null,
  cases          bigint not null,
  overdue        bigint not null,
  closed         bigint not null,
  closed_lowest  bigint not null,
  primary key (city, day)
);
comment on table province_day is 'Additive counts of a city by the day, in its zone, on which things happened.';
"""


def upgrade() -> None:
    op.execute(SQL)
