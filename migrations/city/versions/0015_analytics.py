"""What counts are derived from, change by change; since when a case is late."""

from __future__ import annotations

from alembic import op

revision = "city_0015"
down_revision = "city_0014"
branch_labels = None
depends_on = None

LATE = """
alter table cases add column late_from timestamptz;
comment on column cases.late_from is
  'When the first clock that is late, or runs, was or will be due: the case is overdue after it.';
update cases c set late_from = k.late_from
from (
  select number, min(due_at) as late_from from cases_clock where late or running group by number
) k
where k.number = c.number;
"""

CHANGES = """
create sequence analytics_change_no;
comment on sequence analytics_change_no is 'Drawn for every change: who has seen it knows whether anything is new.';

create table analytics_incident_change (
  no           bigint not null default nextval('analytics_change_no'),
  xid          xid8 not null default pg_current_xact_id(),
  sign         smallint not null check (sign in (-1, 0, 1)),
  happened_at  timestamptz not null,
  category_id  integer,
  channel      text,
  status       text,
  area_id      bigint,
  grid_id      bigint,
  unit_id      bigint,
  outside      boolean,
  agency_id    bigint,
  hex9         bigint,
  quad25       bigint,
  lon          double precision,
  lat          double precision,
  check (sign = 0 or category_id is not null)
);
create index analytics_incident_change_xid on analytics_incident_change (xid);
comment on table analytics_incident_change is
  'What counts of incidents are kept fresh from: +1 came to be, -1 went, 0 a month of many changes, to be read anew.';
comment on column analytics_incident_change.area_id is 'Only where no grid is: the deepest area when it happened.';

create table analytics_case_change (
  no           bigint not null default nextval('analytics_change_no'),
  xid          xid8 not null default pg_current_xact_id(),
  sign         smallint not null check (sign in (-1, 0, 1)),
  happened_at  timestamptz not null,
  category_id  integer,
  channel      text,
  state        text,
  area_id      bigint,
  grid_id      bigint,
  unit_id      bigint,
  agency_id    bigint,
  level        text,
  opened_at    timestamptz,
  accepted_at  timestamptz,
  ended_at     timestamptz,
  late_from    timestamptz,
  check (sign = 0 or category_id is not null)
);
create index analytics_case_change_xid on analytics_case_change (xid);
comment on table analytics_case_change is 'The same of cases.';

create table analytics_origin (
  one     boolean primary key default true check (one),
  id      uuid not null default gen_random_uuid(),
  system  bigint,
  pruned  xid8 not null default '0'
);
insert into analytics_origin default values;
comment on table analytics_origin is 'Whose counts a store on disk holds, and up to where changes have been forgotten.';

create table analytics_incident_month (
  month  timestamptz primary key,
  xid    xid8 not null
);
comment on table analytics_incident_month is
  'The newest of the forgotten changes of each month (UTC), so that an export writes anew only what has changed.';
comment on column analytics_origin.system is
  'The cluster whose transactions the changes name; in another, as after a dump was restored, they mean nothing.';
comment on column analytics_origin.pruned is 'Changes of earlier transactions are gone: what was read before is stale.';

create table analytics_home (
  id      uuid primary key,
  mark    uuid not null,
  before  uuid,
  needs   xid8 not null,
  at      timestamptz not null
);
comment on table analytics_home is 'Stores on disk that follow this database: one a machine.';
comment on column analytics_home.mark is
  'Drawn whenever the store writes down what it holds: a database restored from before then lacks it.';
comment on column analytics_home.needs is 'Changes of this transaction and later ones are still needed there.';

create index cases_happened on cases (happened_at);
"""


def upgrade() -> None:
    op.execute(LATE)
    op.execute(CHANGES)
