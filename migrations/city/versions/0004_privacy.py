"""Notices, consents, requests of data subjects, holds, limits; look-up of contacts by a blind index; their scope."""

from __future__ import annotations

from alembic import op

revision = "city_0004"
down_revision = "city_0003"
branch_labels = None
depends_on = None

LIMITS = """
create table privacy_limit (
  name     text primary key,
  days     integer not null check (days between 0 and 36525),
  working  boolean not null default false,
  source   text not null check (length(source) between 1 and 500),
  set_at   timestamptz not null,
  set_by   bigint references auth_account
);
comment on table privacy_limit is 'Where a city keeps or answers by other limits than the product''s own.';

create table privacy_hold (
  id          bigint generated always as identity primary key,
  holding     text not null,
  row_key     text not null,
  reason      text not null check (length(reason) between 4 and 500),
  placed_at   timestamptz not null,
  placed_by   bigint references auth_account,
  lifted_at   timestamptz check (lifted_at >= placed_at),
  lifted_by   bigint references auth_account
);
create unique index privacy_hold_live on privacy_hold (holding, row_key) where lifted_at is null;
comment on table privacy_hold is
  'Legal hold: the row is kept although its time is up or its owner wants it gone; then it is only stored.';
"""

NOTICES = """
create table privacy_notice (
  id            bigint generated always as identity primary key,
  code          text not null check (code ~ '^[a-z][a-z0-9-]{0,39}$'),
  version       integer not null check (version > 0),
  handler       jsonb not null,
  texts         jsonb not null check (texts ? 'zh' and texts ? 'en'),
  purposes      jsonb not null check (jsonb_typeof(purposes) = 'array' and jsonb_array_length(purposes) > 0),
  kinds         jsonb not null check (jsonb_typeof(kinds) = 'array' and jsonb_array_length(kinds) > 0),
  retention     jsonb not null check (jsonb_typeof(retention) = 'array' and jsonb_array_length(retention) > 0),
  rights        text[] not null check (cardinality(rights) > 0),
  digest        bytea not null check (octet_length(digest) = 32),
  valid         tstzrange not null check (not isempty(valid)),
  published_at  timestamptz not null,
  published_by  bigint references auth_account,
  unique (code, version),
  exclude using gist (code with =, valid with &&)
);
comment on table privacy_notice is 'What people are told before their data is taken (告知), in versions; never edited.';

create table privacy_consent (
  id                 uuid primary key,
  subject_index      bytea check (octet_length(subject_index) = 17),
  subject_sealed     bytea,
  notice_id          bigint not null references privacy_notice,
  purposes           text[] not null check (cardinality(purposes) > 0),
  separate           boolean not null,
  channel            text not null check (channel in ('mini-program', 'window', 'visit', 'hotline')),
  given_at           timestamptz not null,
  withdrawn_at       timestamptz check (withdrawn_at >= given_at),
  withdrawn_channel  text,
  recorded_by        bigint references auth_account,
  check ((withdrawn_at is null) = (withdrawn_channel is null))
);
create index privacy_consent_subject on privacy_consent (subject_index);
create index privacy_consent_withdrawn on privacy_consent (withdrawn_at) where withdrawn_at is not null;
comment on table privacy_consent is 'Who agreed to which purposes, after which notice, and until when (同意).';
comment on column privacy_consent.separate is '单独同意: given for this alone, as sensitive data needs.';
"""

REQUESTS = """
create sequence privacy_request_number;

create table privacy_request (
  id              uuid primary key,
  number          bigint not null default nextval('privacy_request_number'),
  kind            text not null check (kind in ('access', 'copy', 'correct', 'erase', 'explain')),
  state           text not null check (state in ('received', 'in-hand', 'done', 'refused', 'dropped')),
  proof           text not null check (proof in ('receipt', 'papers')),
  incident_id     uuid references incidents_key,
  subject_index   bytea check (octet_length(subject_index) = 17),
  subject_sealed  bytea,
  details_sealed  bytea,
  digest          bytea not null,
  area_id         bigint references areas,
  grid_id         bigint references areas,
  unit_id         bigint references areas,
  agency_id       bigint references duties_agency,
  filed_at        timestamptz not null,
  filed_by        bigint references auth_account,
  due_at          timestamptz not null check (due_at >= filed_at),
  extended_at     timestamptz,
  taken_by        bigint references auth_account,
  ended_at        timestamptz check (ended_at >= filed_at),
  outcome         jsonb,
  reason          text check (length(reason) between 4 and 1000),
  check ((state in ('done', 'refused', 'dropped')) = (ended_at is not null)),
  check (proof <> 'receipt' or incident_id is not null),
  check (state <> 'refused' or reason is not null)
);
create index privacy_request_unit on privacy_request (unit_id, due_at);
create index privacy_request_open on privacy_request (due_at) where ended_at is null;
create index privacy_request_subject on privacy_request (subject_index);
create index privacy_request_ended on privacy_request (ended_at) where ended_at is not null;
comment on table privacy_request is 'A person asks to see, copy, correct, erase or have explained what is held.';
comment on column privacy_request.proof is
  'receipt: number and secret of one report, and the request reaches no further; papers: an officer saw them.';
comment on column privacy_request.outcome is 'What was done, in counts; no personal data.';
"""

CONTACTS = """
alter table incidents_contact
  add column phone_index     bytea check (octet_length(phone_index) = 17),
  add column notice_id       bigint references privacy_notice,
  add column frozen_at       timestamptz,
  add column frozen_because  text check (frozen_because in ('erase', 'withdrawal', 'retention')),
  add column area_id         bigint references areas,
  add column grid_id         bigint references areas,
  add column unit_id         bigint references areas,
  add column agency_id       bigint references duties_agency,
  add check ((frozen_at is null) = (frozen_because is null));
update incidents_contact c
   set area_id = i.area_id, grid_id = i.grid_id, unit_id = i.unit_id, agency_id = i.agency_id
  from incidents_key k join incidents i on i.id = k.id and i.happened_at = k.happened_at
 where k.id = c.incident_id;
alter table incidents_contact alter column area_id set not null;
create index incidents_contact_phone on incidents_contact (phone_index);
create index incidents_contact_unit on incidents_contact (unit_id);
create index incidents_contact_agency on incidents_contact (agency_id);
create index incidents_contact_created on incidents_contact (created_at, incident_id);
create index incidents_contact_frozen on incidents_contact (frozen_at) where frozen_at is not null;
comment on column incidents_contact.phone_index is
  'Keyed hash of the number in its normal form: a person''s contacts are found by it, the number is not told.';
comment on column incidents_contact.notice_id is 'The notice that was shown when the contact was given.';
comment on column incidents_contact.frozen_at is 'Since then kept only, and used for nothing.';
"""

# By the statement, for new boundaries move many thousands at once: one update of each table, where a trigger by the row
# took two to three times as long as the move itself. What belongs to an incident follows whoever may change the
# incident, with or without a right to it; so it is the owner's function. What agrees already is left alone.
FOLLOW = """
create function incidents_contact_follow() returns trigger language plpgsql security definer as $$
begin
  update incidents_contact c
     set area_id = n.area_id, grid_id = n.grid_id, unit_id = n.unit_id, agency_id = n.agency_id
    from changed n
   where c.incident_id = n.id
     and (c.area_id, c.grid_id, c.unit_id, c.agency_id) is distinct from (n.area_id, n.grid_id, n.unit_id, n.agency_id);
  update privacy_request r
     set area_id = n.area_id, grid_id = n.grid_id, unit_id = n.unit_id, agency_id = n.agency_id
    from changed n
   where r.incident_id = n.id
     and (r.area_id, r.grid_id, r.unit_id, r.agency_id) is distinct from (n.area_id, n.grid_id, n.unit_id, n.agency_id);
  return null;
end $$;
comment on function incidents_contact_follow is 'Where a matter moves to, its contact and the requests about it move.';
do $$ begin
  execute format('alter function incidents_contact_follow() set search_path = %I, pg_temp', current_schema());
end $$;
revoke all on function incidents_contact_follow() from public;
create trigger incidents_contact_follow after update on incidents
  referencing new table as changed for each statement execute function incidents_contact_follow();
create index privacy_request_incident on privacy_request (incident_id);
"""

RELEASES = """
create table analytics_release (
  month        date primary key check (extract(day from month) = 1),
  least        integer not null check (least >= 2),
  released_at  timestamptz not null,
  counts       jsonb not null check (jsonb_typeof(counts) = 'array')
);
comment on table analytics_release is
  'Public counts of a month as they were published, once: two versions could be subtracted.';
comment on column analytics_release.counts is 'For every area then in force its code, level, names, and count or null.';
"""


def upgrade() -> None:
    for sql in (LIMITS, NOTICES, REQUESTS, CONTACTS, FOLLOW, RELEASES):
        op.execute(sql)
