"""Planning: atoms and edges, plans with one sheet a community, the log of operations, jobs, what replaced what."""

from __future__ import annotations

from alembic import op

revision = "city_0014"
down_revision = "city_0013"
branch_labels = None
depends_on = None

ATOMS = """
create table planning_basis (
  id            bigint generated always as identity primary key,
  community_id  bigint not null references areas,
  digest        bytea not null,
  source        jsonb not null,
  atoms         integer not null check (atoms > 0),
  made_at       timestamptz not null,
  made_by       bigint references auth_account,
  unique (community_id, digest)
);
comment on table planning_basis is
  'The atoms of one community and how they touch. Never changed: other ground is another basis.';

create table planning_atom (
  basis_id     bigint not null references planning_basis on delete cascade,
  no           integer not null check (no >= 0),
  key          text not null,
  kind         text not null check (kind in ('building', 'unit', 'open', 'given')),
  block        integer not null,
  group_name   text,
  building_id  bigint,
  geom         geometry(MultiPolygon, 4326) not null,
  label        geometry(Point, 4326) not null,
  area_m2      double precision not null check (area_m2 >= 0),
  perimeter_m  double precision not null check (perimeter_m >= 0),
  primary key (basis_id, no)
);
create index planning_atom_geom on planning_atom using gist (geom);
comment on column planning_atom.key is 'The same ground has the same key in every basis.';
comment on column planning_atom.group_name is 'What must stay together: a villager group (村民小组), an estate.';

create table planning_edge (
  basis_id   bigint not null references planning_basis on delete cascade,
  a          integer not null,
  b          integer not null check (a < b),
  shared_m   double precision not null check (shared_m >= 0),
  on_street  boolean not null,
  bridge     boolean not null,
  primary key (basis_id, a, b)
);

create table planning_count (
  id          bigint generated always as identity primary key,
  basis_id    bigint not null references planning_basis on delete cascade,
  counted_on  date not null,
  source      text not null,
  households  integer[] not null,
  total       integer not null check (total >= 0),
  digest      bytea not null,
  made_at     timestamptz not null,
  unique (basis_id, counted_on, digest)
);
comment on table planning_count is
  'Households of every atom of a basis, in the order of their numbers, as counted on a day.';

create table planning_load (
  basis_id  bigint not null references planning_basis on delete cascade,
  month     date not null check (extract(day from month) = 1),
  category  text not null default '*',
  counts    integer[] not null,
  primary key (basis_id, month, category)
);
comment on table planning_load is 'Incidents a month at every atom, derived and rebuilt at will.';

create table planning_load_mark (
  basis_id  bigint primary key references planning_basis on delete cascade,
  upto      bigint not null,
  made_at   timestamptz not null
);
comment on column planning_load_mark.upto is 'The last number of an incident that planning_load has in it.';
"""

PLANS = """
create table planning_plan (
  id            bigint generated always as identity primary key,
  name          text not null check (length(name) between 1 and 200),
  purpose       text not null default '' check (length(purpose) <= 4000),
  state         text not null default 'draft'
                check (state in ('draft', 'review', 'approved', 'effective', 'retired', 'dropped')),
  target        jsonb not null,
  parent_id     bigint references planning_plan,
  returns_to    bigint references planning_plan,
  revision      bigint not null default 0,
  created_at    timestamptz not null,
  created_by    bigint references auth_account,
  submitted_at  timestamptz,
  submitted_by  bigint references auth_account,
  wanted_from   timestamptz,
  digest        bytea,
  drawn_on      jsonb not null default '{}',
  approval_id   bigint,
  areas_plan_id bigint references areas_plan,
  effective_at  timestamptz,
  retired_at    timestamptz
);
create index planning_plan_state on planning_plan (state, id);
comment on column planning_plan.parent_id is 'The plan that this one was copied from.';
comment on column planning_plan.returns_to is 'The plan whose boundaries this one brings back.';
comment on column planning_plan.drawn_on is 'What was in force when it was submitted: a mark for each community.';
comment on column planning_plan.digest is 'What was submitted; what is put in force must be the same.';

create table planning_part (
  id            bigint generated always as identity primary key,
  plan_id       bigint not null references planning_plan,
  community_id  bigint not null references areas,
  basis_id      bigint not null references planning_basis,
  count_id      bigint not null references planning_count,
  revision      bigint not null default 0,
  assignment    integer[] not null,
  document      jsonb not null,
  digest        bytea not null,
  made_with     jsonb not null default '{}',
  unique (plan_id, community_id)
);
comment on table planning_part is
  'One community''s sheet of a plan as it stands; how it came about lies in planning_operation.';
comment on column planning_part.made_with is 'Solver, seed and settings where the sheet was proposed.';

create table planning_operation (
  part_id     bigint not null references planning_part on delete cascade,
  no          bigint not null check (no > 0),
  kind        text not null,
  payload     jsonb not null,
  effect      jsonb not null,
  inverse     jsonb not null,
  touched     integer[] not null,
  undoes      bigint,
  redoes      bigint,
  digest      bytea not null,
  account_id  bigint references auth_account,
  at          timestamptz not null,
  primary key (part_id, no)
);
comment on table planning_operation is 'The log of a sheet: appended, never changed; undoing appends the inverse.';
comment on column planning_operation.effect is
  'What it changed, as a restoring: a log is replayed by effects, whatever an operation of that kind came to mean.';
comment on column planning_operation.touched is 'Numbers of the grids whose ground or draft it changed.';
comment on column planning_operation.digest is 'The sheet after the operation.';

create table planning_snapshot (
  part_id     bigint not null references planning_part on delete cascade,
  no          bigint not null check (no >= 0),
  assignment  integer[] not null,
  document    jsonb not null,
  digest      bytea not null,
  primary key (part_id, no)
);
comment on table planning_snapshot is
  'A sheet whole after an operation, so that replaying need not begin at the first.';

create table planning_change (
  plan_id  bigint not null references planning_plan on delete cascade,
  no       integer not null check (no > 0),
  kind     text not null,
  payload  jsonb not null,
  primary key (plan_id, no)
);
comment on table planning_change is
  'Changes above the grids: communities merged, a tier abolished or brought back, areas given another parent or name.';

create table planning_matter (
  plan_id  bigint not null references planning_plan on delete cascade,
  no       integer not null check (no > 0),
  list     text not null,
  item     text not null,
  lead     text not null,
  note     text not null default '' check (length(note) <= 1000),
  primary key (plan_id, no)
);
comment on table planning_matter is 'Matters of bodies that cease: which body takes each over (承接).';

create table planning_activation (
  id              bigint generated always as identity primary key,
  plan_id         bigint not null references planning_plan,
  areas_plan_id   bigint not null references areas_plan,
  before_id       bigint references planning_plan,
  effective_from  timestamptz not null,
  at              timestamptz not null,
  moved           jsonb not null
);
comment on table planning_activation is 'Each time a plan took effect, and what moved with it.';

create table planning_follow (
  activation_id  bigint not null references planning_activation on delete cascade,
  noun           text not null,
  after          text not null default '',
  moved          bigint not null default 0,
  done_at        timestamptz,
  primary key (activation_id, noun)
);
comment on table planning_follow is 'History that follows after an activation, slice by slice: how far it has come.';

create table planning_job (
  id           uuid primary key,
  plan_id      bigint not null references planning_plan,
  kind         text not null check (kind in ('propose', 'atoms', 'load')),
  settings     jsonb not null,
  state        text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  done         integer not null default 0,
  total        integer not null default 0,
  said         text not null default '',
  result       jsonb not null default '{}',
  cancel       boolean not null default false,
  attempts     integer not null default 0,
  worker       text,
  alive_until  timestamptz,
  asked_at     timestamptz not null,
  asked_by     bigint references auth_account,
  ended_at     timestamptz
);
create index planning_job_open on planning_job (asked_at) where state in ('queued', 'running');
create index planning_job_plan on planning_job (plan_id, asked_at);

create table planning_job_part (
  job_id        uuid not null references planning_job on delete cascade,
  community_id  bigint not null references areas,
  state         text not null check (state in ('drawn', 'unchanged', 'conflict', 'failed')),
  result        jsonb not null,
  at            timestamptz not null,
  primary key (job_id, community_id)
);
comment on table planning_job_part is 'What a job has done with each community; written with the sheet itself.';
"""

LINEAGE = """
create table areas_lineage (
  plan_id     bigint not null references areas_plan,
  from_id     bigint not null references areas,
  to_id       bigint not null references areas,
  households  integer not null check (households >= 0),
  share       double precision not null check (share >= 0 and share <= 1),
  primary key (plan_id, from_id, to_id)
);
create index areas_lineage_to on areas_lineage (to_id);
comment on table areas_lineage is
  'What became of what with a boundary plan: households that went from one area to another.';
comment on column areas_lineage.share is 'Of the households of the area that they came from.';
"""

FOLLOWING = """
create index cases_ended_grid on cases (grid_id, number) where ended_at is not null;
create index areas_version_plan on areas_version (plan_id);
create index areas_version_ended_plan on areas_version (ended_plan_id) where ended_plan_id is not null;
"""


def upgrade() -> None:
    op.execute(ATOMS)
    op.execute(PLANS)
    op.execute(LINEAGE)
    op.execute(FOLLOWING)
