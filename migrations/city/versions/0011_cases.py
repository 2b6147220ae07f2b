"""Case files, whistles, ratings."""

from __future__ import annotations

from alembic import op

revision = "city_0011"
down_revision = "city_0010"
branch_labels = None
depends_on = None

# What only follows from the events lies apart from them, and is kept so small that it stays in memory: pages of the
# present state leave room for the next one. Children are found by the case's number, which grows with time, so that
# new ones come to lie beside each other; case_id is what row policies look at.
CASES = """
create table cases (
  id             uuid primary key references incidents_key,
  number         bigint not null unique,
  happened_at    timestamptz not null,
  category_id    integer not null references duties_category,
  item_id        bigint references duties_item,
  channel        text not null,
  state          text not null,
  version        smallint not null check (version > 0),
  opened_at      timestamptz not null,
  accepted_at    timestamptz,
  changed_at     timestamptz not null,
  ended_at       timestamptz,
  next_due_at    timestamptz,
  next_yellow_at timestamptz,
  suspended_until date,
  level          text check (level in ('city', 'district', 'subdistrict', 'community', 'grid')),
  area_id        bigint not null references areas,
  grid_id        bigint references areas,
  unit_id        bigint references areas,
  agency_id      bigint references duties_agency,
  office_id      bigint references areas,
  agency_ids     bigint[] not null default '{}',
  merged_into    uuid,
  whistles       smallint not null default 0,
  returns        smallint not null default 0,
  reworks        smallint not null default 0,
  extensions     smallint not null default 0,
  hops           smallint not null default 0,
  on_spot        boolean not null default false,
  forced         boolean not null default false,
  asking         boolean not null default false,
  place          jsonb not null default '{}',
  geom           geometry(Point, 4326) not null
) with (fillfactor = 70);
comment on table cases is 'Case file (案卷): where it stands now. All of it follows from cases_event.';
comment on column cases.id is 'That of its incident.';
comment on column cases.agency_id is 'Agency that has it now; office_id the area whose office has it.';
comment on column cases.agency_ids is 'Every agency that takes part: the holder, who is summoned, who has a task.';
comment on column cases.next_due_at is 'When the next running clock is due: red after it.';
comment on column cases.next_yellow_at is 'When the first running clock shows yellow; the light follows from both.';
comment on column cases.asking is 'An extension or a suspension waits for an answer.';
create index cases_open_unit on cases (unit_id, changed_at desc, number desc) where ended_at is null;
create index cases_open_grid on cases (grid_id, changed_at desc, number desc) where ended_at is null;
create index cases_open on cases (changed_at desc, number desc) where ended_at is null;
create index cases_open_agencies on cases using gin (agency_ids) with (fastupdate = off) where ended_at is null;
create index cases_ended on cases (ended_at desc, number desc) where ended_at is not null;
create index cases_ended_unit on cases (unit_id, ended_at desc) where ended_at is not null;
create index cases_ended_agencies on cases using gin (agency_ids) where ended_at is not null;
create index cases_due on cases (next_due_at) where next_due_at is not null;
create index cases_suspended on cases (suspended_until) where suspended_until is not null;
create index cases_into on cases (merged_into) where merged_into is not null;
create index cases_near on cases using gist (geom) where ended_at is null;

create table cases_event (
  number      bigint not null references cases (number),
  seq         smallint not null check (seq > 0),
  case_id     uuid not null,
  at          timestamptz not null,
  action      text not null,
  before      text not null,
  after       text not null,
  account_id  bigint,
  post_id     bigint,
  role        text,
  by_agency   bigint,
  by_area     bigint,
  to_agency   bigint,
  to_area     bigint,
  to_level    text,
  summons     smallint,
  reason      text not null default '',
  text        text not null default '',
  limits      jsonb not null default '{}',
  facts       jsonb not null default '{}',
  primary key (number, seq)
);
comment on table cases_event is 'History of cases: only grows. Everything else about a case follows from it.';

create table cases_clock (
  number      bigint not null references cases (number),
  seq         smallint not null,
  summons     smallint not null default 0,
  name        text not null,
  case_id     uuid not null,
  "limit"     text not null,
  extended    text[] not null default '{}',
  agency_id   bigint,
  office_id   bigint,
  started_at  timestamptz not null,
  due_at      timestamptz not null,
  yellow_at   timestamptz not null,
  running     boolean not null,
  used        bigint not null default 0,
  paused_at   timestamptz,
  ended_at    timestamptz,
  late        boolean,
  told        text,
  primary key (number, seq, summons, name)
) with (fillfactor = 80);
comment on table cases_clock is 'Clocks (时限): follow from cases_event. late: known once it has ended.';
comment on column cases_clock.told is 'The last light that was announced.';
create index cases_clock_turn on cases_clock ((case when told is null then yellow_at else due_at end))
  where running and told is distinct from 'red';
create index cases_clock_paused on cases_clock (number) where paused_at is not null and ended_at is null;
create index cases_clock_agency on cases_clock (agency_id, ended_at) where agency_id is not null;

create table cases_summons (
  number       bigint not null references cases (number),
  summons      smallint not null,
  case_id      uuid not null,
  whistle      smallint not null,
  kind         text not null,
  ground       text not null,
  part         text not null,
  state        text not null,
  agency_id    bigint not null references duties_agency,
  area_id      bigint not null references areas,
  grid_id      bigint references areas,
  unit_id      bigint references areas,
  called_at    timestamptz not null,
  signed_at    timestamptz,
  contacted_at timestamptz,
  answered_at  timestamptz,
  ended_at     timestamptz,
  ended_by     text,
  refused      boolean not null default false,
  late         boolean not null default false,
  declined     smallint not null default 0,
  reworks      smallint not null default 0,
  extensions   smallint not null default 0,
  asking       boolean not null default false,
  sign_due_at     timestamptz,
  contact_due_at  timestamptz,
  report_due_at   timestamptz,
  yellow_at       timestamptz,
  sign_late       boolean,
  contact_late    boolean,
  report_late     boolean,
  whistled_at       timestamptz not null,
  whistle_ended_at  timestamptz,
  withdrawn         boolean not null default false,
  meetings       smallint not null default 0,
  attended       smallint not null default 0,
  meeting_at     timestamptz,
  meeting_place  text,
  leads          text[] not null default '{}',
  primary key (number, summons)
) with (fillfactor = 80);
comment on table cases_summons is 'Summons (应哨): one body called by a whistle (吹哨). Follows from cases_event.';
comment on column cases_summons.sign_due_at is 'When a clock that runs now is due; null where it stands or has ended.';
comment on column cases_summons.yellow_at is 'When the first clock that runs shows yellow.';
comment on column cases_summons.sign_late is 'Whether the clock was missed; null while that is open.';
comment on column cases_summons.whistled_at is 'Of its whistle, as whistle_ended_at and withdrawn are.';
comment on column cases_summons.meetings is 'Of the joint action (联合行动); attended: by this body.';
comment on column cases_summons.meeting_at is 'When the last one is, at meeting_place.';
comment on column cases_summons.leads is 'In what it leads there: enforcement, law, safeguard (执法, 法规, 保障).';
create index cases_summons_agency on cases_summons (agency_id, called_at desc, number desc);
create index cases_summons_open on cases_summons (agency_id, called_at desc, number desc) where ended_at is null;
create index cases_summons_called on cases_summons (called_at desc, number desc);
create index cases_summons_unit on cases_summons (unit_id, whistled_at desc, number desc);
create index cases_summons_grid on cases_summons (grid_id, whistled_at desc, number desc);
create index cases_summons_whistled on cases_summons (whistled_at desc, number desc);
create index cases_summons_whistling on cases_summons (whistled_at desc, number desc) where whistle_ended_at is null;

create table cases_rating (
  number     bigint not null references cases (number),
  seq        smallint not null,
  case_id    uuid not null,
  summons    smallint not null,
  agency_id  bigint not null references duties_agency,
  area_id    bigint not null references areas,
  grid_id    bigint references areas,
  unit_id    bigint references areas,
  at         timestamptz not null,
  final      boolean not null,
  period     text not null default '',
  speed      smallint not null check (speed between 1 and 5),
  quality    smallint not null check (quality between 1 and 5),
  reason     text not null,
  account_id bigint,
  post_id    bigint,
  corrects   smallint,
  second_id  bigint,
  primary key (number, seq),
  check (corrects is null or not final and second_id is not null and second_id <> account_id)
);
comment on table cases_rating is 'Rating of an answer (一事一评): speed by the clocks, quality with its reason.';
comment on column cases_rating.corrects is 'The rating (seq) that it stands for; second_id: the other person.';
create unique index cases_rating_final on cases_rating (number, summons) where final;
create unique index cases_rating_corrects on cases_rating (number, corrects) where corrects is not null;
create index cases_rating_agency on cases_rating (agency_id, at);
create index cases_rating_unit on cases_rating (unit_id, at);

create table cases_setting (
  name   text primary key,
  value  jsonb not null
);
comment on table cases_setting is 'What the city sets otherwise than the defaults: limits, channels, radii.';
"""

# What only grows is refused any change in the database itself, whoever asks.
GROWS = """
create function cases_refuse_change() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '% only grows: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
create trigger cases_grows before update or delete or truncate on cases_event
  for each statement execute function cases_refuse_change();
create trigger cases_grows before delete or truncate on cases_rating
  for each statement execute function cases_refuse_change();
-- Where it lies is that of its case, which a boundary plan may move; all that was judged stays.
create trigger cases_grows_on before update of number, seq, case_id, summons, agency_id, at, final, period, speed,
  quality, reason, account_id, post_id, corrects, second_id on cases_rating
  for each statement execute function cases_refuse_change();
"""


def upgrade() -> None:
    op.execute(CASES)
    op.execute(GROWS)
