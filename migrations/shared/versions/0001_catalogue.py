"""The shared schema: cities, the national catalogue of categories, national division codes."""

from __future__ import annotations

from alembic import op

revision = "shared_0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = """
create table city (
  code        text primary key check (code ~ '^[a-z][a-z0-9_]{0,40}$'),
  names       jsonb not null,
  timezone    text not null,
  centre      geometry(Point, 4326) not null,
  srid_m      integer not null,
  nearest     text not null default 'road' check (nearest in ('road', 'straight')),
  demo        boolean not null default false,
  created_at  timestamptz not null default now()
);
comment on table city is 'Cities of this installation; each has a schema named by its code.';

create table category (
  standard_ref  text not null,
  kind          text not null check (kind in ('component', 'matter')),
  code          text not null,
  group_code    text not null,
  names         jsonb not null,
  group_names   jsonb not null,
  primary key (standard_ref, kind, code)
);
comment on table category is 'National catalogue of components (管理部件) and matters (管理事项), by standard.';

create table division (
  code         text primary key,
  level        text not null check (level in ('province', 'city', 'district', 'subdistrict', 'community')),
  name         text not null,
  parent_code  text
);
create index division_parent on division (parent_code);
comment on table division is 'National division codes (行政区划代码), without geometry.';
"""


def upgrade() -> None:
    op.execute(SQL)
