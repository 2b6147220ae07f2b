"""Admission of duties: requests, whom they concern, opinions, money and posts, appraisal items, refused orders."""

from __future__ import annotations

from alembic import op

revision = "city_0010"
down_revision = "city_0009"
branch_labels = None
depends_on = None

ADMISSION = """
create table duties_admission (
  id               bigint generated always as identity primary key,
  key              uuid not null unique,
  digest           bytea not null check (octet_length(digest) = 32),
  agency_id        bigint not null references duties_agency,
  title            text not null check (length(title) between 1 and 200),
  category         text check (length(category) between 1 and 40),
  item             text not null check (length(item) <= 4000),
  part             text not null check (part in ('support', 'lead')),
  target_ids       bigint[] not null,
  all_of           text check (all_of in ('unit', 'subdistrict', 'community')),
  within_id        bigint references areas,
  plan             text not null check (length(plan) <= 4000),
  basis            text not null check (length(basis) <= 4000),
  burdens          jsonb not null check (jsonb_typeof(burdens) = 'object'),
  total_yuan       numeric(14, 2) check (total_yuan >= 0),
  begins_at        timestamptz,
  ends_at          timestamptz check (ends_at > begins_at),
  renews_id        bigint references duties_admission,
  state            text not null check (state in ('draft', 'submitted', 'heard', 'admitted', 'refused', 'withdrawn',
                                                  'expired', 'renewed')),
  created_by       bigint not null references auth_account,
  created_at       timestamptz not null,
  submitted_by     bigint references auth_account,
  submitted_at     timestamptz,
  opinions_due_at  timestamptz check (opinions_due_at > submitted_at),
  decided_by       bigint references auth_account check (decided_by <> created_by and decided_by <> submitted_by),
  decided_post     bigint references auth_post,
  decided_at       timestamptz,
  verdict          text check (verdict in ('admit', 'admit-with-conditions', 'refuse')),
  reason           text check (length(reason) between 4 and 500),
  document         text check (length(document) between 1 and 200),
  conditions       text check (length(conditions) between 1 and 4000),
  matter           text,
  ended_at         timestamptz,
  check (cardinality(target_ids) = 0 or all_of is null),
  check (state in ('draft', 'withdrawn') or (submitted_at is not null and ends_at is not null
         and begins_at is not null and total_yuan is not null and opinions_due_at is not null)),
  check (state not in ('admitted', 'refused', 'expired', 'renewed') or decided_at is not null),
  check ((decided_at is null) = (decided_by is null) and (decided_at is null) = (verdict is null)
         and (decided_at is null) = (reason is null) and (decided_at is null) = (document is null)),
  check ((verdict = 'admit-with-conditions') = (conditions is not null) or verdict is null),
  check (state <> 'refused' or verdict = 'refuse'),
  check (state not in ('admitted', 'expired', 'renewed') or (verdict <> 'refuse' and matter is not null)),
  check (state <> 'withdrawn' or ended_at is not null)
);
create index duties_admission_agency on duties_admission (agency_id, id);
create index duties_admission_state on duties_admission (state, id);
create index duties_admission_asked on duties_admission (opinions_due_at) where state = 'submitted';
create index duties_admission_ends on duties_admission (ends_at) where state = 'admitted';
create index duties_admission_renews on duties_admission (renews_id) where renews_id is not null;
comment on table duties_admission is 'An agency asks to place work on sub-districts or communities (事项准入).';
comment on column duties_admission.key is 'Made by the client; a repeat is harmless.';
comment on column duties_admission.target_ids is 'Areas as they were asked for; whom it concerns stands in _target.';
comment on column duties_admission.matter is 'Code of the matter under which the item is routed and ordered.';
comment on column duties_admission.ended_at is 'When it was withdrawn.';

create table duties_admission_target (
  admission_id  bigint not null references duties_admission,
  area_id       bigint not null references areas,
  unit_id       bigint not null references areas,
  level         text not null check (level in ('subdistrict', 'community')),
  primary key (admission_id, area_id)
);
create index duties_admission_target_unit on duties_admission_target (unit_id, admission_id);
create index duties_admission_target_area on duties_admission_target (area_id, admission_id);
comment on table duties_admission_target is
  'On whom the work is placed, by the boundaries of the day it was submitted.';
comment on column duties_admission_target.unit_id is
  'The unit whose opinion is asked: the sub-district, or the community.';

create table duties_admission_opinion (
  admission_id  bigint not null references duties_admission,
  unit_id       bigint not null references areas,
  stance        text not null check (stance in ('support', 'oppose', 'silent')),
  reason        text check (length(reason) between 4 and 500),
  at            timestamptz not null,
  account_id    bigint references auth_account,
  post_id       bigint references auth_post,
  primary key (admission_id, unit_id),
  check ((stance = 'silent') = (account_id is null)),
  check ((stance = 'silent') = (reason is null))
);
comment on table duties_admission_opinion is 'What each unit said, or that it said nothing until its time was over.';

create table duties_admission_step (
  id            bigint generated always as identity primary key,
  admission_id  bigint not null references duties_admission,
  from_state    text,
  to_state      text not null,
  account_id    bigint references auth_account,
  post_id       bigint references auth_post,
  at            timestamptz not null,
  note          text check (length(note) <= 500)
);
create index duties_admission_step_of on duties_admission_step (admission_id, id);
comment on table duties_admission_step is 'How each request came to its state; only ever added to.';

alter table duties_item add foreign key (admission_id) references duties_admission;
create index duties_item_admission on duties_item (admission_id) where admission_id is not null;
create index duties_item_placed on duties_item (area_id) where admission_id is not null;
create index duties_item_listed on duties_item (list_id) where admission_id is null;
"""

LEDGER = """
create table duties_admission_promise (
  id            bigint generated always as identity primary key,
  admission_id  bigint not null references duties_admission,
  area_id       bigint references areas,
  due_on        date not null,
  amount_yuan   numeric(14, 2) not null check (amount_yuan >= 0),
  posts         integer not null check (posts >= 0),
  check (amount_yuan > 0 or posts > 0)
);
create index duties_admission_promise_of on duties_admission_promise (admission_id, area_id);
create index duties_admission_promise_area on duties_admission_promise (area_id);
comment on table duties_admission_promise is 'Instalments of money and posts; fixed once the request is submitted.';
comment on column duties_admission_promise.area_id is 'For whom; null in a draft: shared by all targets.';

create table duties_admission_transfer (
  id            bigint generated always as identity primary key,
  key           uuid not null unique,
  admission_id  bigint not null,
  area_id       bigint not null,
  arrived_on    date not null,
  amount_yuan   numeric(14, 2) not null,
  posts         integer not null,
  document      text not null check (length(document) between 1 and 200),
  corrects_id   bigint references duties_admission_transfer,
  recorded_by   bigint not null references auth_account,
  recorded_at   timestamptz not null,
  foreign key (admission_id, area_id) references duties_admission_target,
  check (amount_yuan <> 0 or posts <> 0),
  check (corrects_id is not null or (amount_yuan >= 0 and posts >= 0))
);
create index duties_admission_transfer_of on duties_admission_transfer (admission_id, area_id);
create index duties_admission_transfer_area on duties_admission_transfer (area_id);
create index duties_admission_transfer_corrects on duties_admission_transfer (corrects_id)
  where corrects_id is not null;
comment on table duties_admission_transfer is 'What came, as the agency says; a correction is a row of its own.';

create table duties_admission_confirmation (
  id           bigint generated always as identity primary key,
  transfer_id  bigint not null references duties_admission_transfer,
  received     boolean not null,
  note         text check (length(note) between 4 and 500),
  at           timestamptz not null,
  account_id   bigint not null references auth_account,
  post_id      bigint references auth_post,
  check (received or note is not null)
);
create index duties_admission_confirmation_of on duties_admission_confirmation (transfer_id, id);
comment on table duties_admission_confirmation is 'What the receiving unit says of a transfer; the last word counts.';

create table duties_admission_attempt (
  id            bigint generated always as identity primary key,
  admission_id  bigint references duties_admission,
  agency_id     bigint not null references duties_agency,
  area_id       bigint not null references areas,
  category      text not null,
  at            timestamptz not null
);
create index duties_admission_attempt_of on duties_admission_attempt (admission_id) where admission_id is not null;
comment on table duties_admission_attempt is 'Orders that were refused because nothing admits them.';
comment on column duties_admission_attempt.admission_id is 'The admission that would have, had it not ended.';

create table duties_appraisal (
  id             bigint generated always as identity primary key,
  code           text not null check (length(code) between 1 and 40),
  title          text not null check (length(title) between 1 and 200),
  kind           text not null check (kind in ('assessment', 'veto', 'pledge')),
  agency_id      bigint not null references duties_agency,
  level          text not null check (level in ('unit', 'subdistrict', 'community')),
  area_id        bigint references areas,
  document       text not null check (length(document) between 1 and 200),
  valid          tstzrange not null check (not isempty(valid)),
  registered_by  bigint not null references auth_account,
  registered_at  timestamptz not null,
  ended_by       bigint references auth_account,
  exclude using gist (agency_id with =, code with =, valid with &&)
);
comment on table duties_appraisal is 'Register of appraisal items (考核事项); what is not in it is not appraised.';
comment on column duties_appraisal.area_id is 'Everything of that level below it; null: the whole city.';
"""

# Requests move along the edges of gridgov/duties/admitting.py; what was asked for does not change once it was
# submitted, nor what was decided; nobody decides in the name of another, or on what a body of their own line asks for.
GUARDS = """
create function duties_own_line(account bigint, agency bigint, at timestamptz) returns boolean
language sql stable set search_path from current as $$
  with recursive above as (
    select id, parent_id from duties_agency where id = agency
    union select a.id, a.parent_id from duties_agency a join above b on a.id = b.parent_id
  ), below as (
    select id from duties_agency where id = agency
    union select a.id from duties_agency a join below b on a.parent_id = b.id
  )
  select exists (
    select from auth_post p where p.account_id = account and p.valid @> at
      and p.agency_id in (select id from above union select id from below)
  )
$$;
comment on function duties_own_line is 'Whether the account holds a post in the agency, or one above or below it.';

create function duties_admission_guard() returns trigger language plpgsql set search_path from current as $$
declare
  account  bigint := nullif(current_setting('gridgov.account', true), '')::bigint;
  moving   constant text[] := '{state, submitted_by, submitted_at, opinions_due_at, decided_by, decided_post,
    decided_at, verdict, reason, document, conditions, matter, ended_at}';
  decision constant text[] := '{decided_by, decided_post, decided_at, verdict, reason, document, conditions, matter}';
begin
  if tg_op = 'DELETE' then
    raise exception 'a request is kept' using errcode = 'insufficient_privilege';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'draft' or new.decided_at is not null then
      raise exception 'a request begins as a draft' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state <> 'draft' and to_jsonb(old) - moving is distinct from to_jsonb(new) - moving
     or (old.key, old.agency_id, old.created_by, old.created_at)
        is distinct from (new.key, new.agency_id, new.created_by, new.created_at)
     or old.submitted_at is not null and (old.submitted_by, old.submitted_at, old.opinions_due_at)
        is distinct from (new.submitted_by, new.submitted_at, new.opinions_due_at) then
    raise exception 'what was asked for does not change' using errcode = 'check_violation';
  end if;
  if old.decided_at is not null and exists (
       select from unnest(decision) name where to_jsonb(old) -> name is distinct from to_jsonb(new) -> name) then
    raise exception 'what was decided does not change' using errcode = 'check_violation';
  end if;
  if old.state <> new.state and (old.state, new.state) not in (
    ('draft', 'submitted'), ('draft', 'withdrawn'), ('submitted', 'heard'), ('submitted', 'withdrawn'),
    ('heard', 'admitted'), ('heard', 'refused'), ('heard', 'withdrawn'),
    ('admitted', 'withdrawn'), ('admitted', 'expired'), ('admitted', 'renewed'), ('renewed', 'withdrawn')
  ) then
    raise exception 'a request cannot go from % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if old.state = new.state and old.state <> 'draft' then
    raise exception 'a request that is submitted only moves on' using errcode = 'check_violation';
  end if;
  if old.decided_at is null and new.decided_at is not null then
    if new.state not in ('admitted', 'refused') then
      raise exception 'a decision admits or refuses' using errcode = 'check_violation';
    end if;
    if account is not null and new.decided_by <> account then
      raise exception 'nobody decides in the name of another' using errcode = 'insufficient_privilege';
    end if;
    if duties_own_line(new.decided_by, new.agency_id, new.decided_at) then
      raise exception 'nobody decides on what their own body asks for' using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end $$;
create trigger duties_admission_guard before insert or update or delete on duties_admission
  for each row execute function duties_admission_guard();

create function duties_admission_drafted() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (
    select from duties_admission
    where state <> 'draft'
      and (tg_op <> 'INSERT' and id = old.admission_id or tg_op <> 'DELETE' and id = new.admission_id)
  ) then
    raise exception 'what was asked for does not change' using errcode = 'check_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger duties_admission_promise_guard before insert or update or delete on duties_admission_promise
  for each row execute function duties_admission_drafted();
create trigger duties_admission_target_guard before insert on duties_admission_target
  for each row execute function duties_admission_drafted();

create function duties_admission_heard() returns trigger language plpgsql set search_path from current as $$
declare
  account bigint := nullif(current_setting('gridgov.account', true), '')::bigint;
begin
  if not exists (select from duties_admission where id = new.admission_id and state = 'submitted')
     or not exists (select from duties_admission_target
                    where admission_id = new.admission_id and unit_id = new.unit_id) then
    raise exception 'this unit is not asked now' using errcode = 'check_violation';
  end if;
  if account is not null and new.account_id <> account then
    raise exception 'nobody speaks in the name of another' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger duties_admission_opinion_guard before insert on duties_admission_opinion
  for each row execute function duties_admission_heard();

create function duties_admission_grows() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '% only grows: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
do $$
declare
  name text;
begin
  foreach name in array '{duties_admission_target, duties_admission_opinion, duties_admission_step,
    duties_admission_transfer, duties_admission_confirmation, duties_admission_attempt}'::text[] loop
    execute format('create trigger %s_grows before update or delete or truncate on %s for each statement '
                   'execute function duties_admission_grows()', name, name);
  end loop;
end $$;

create function duties_appraisal_guard() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' or to_jsonb(old) - '{valid, ended_by}'::text[] is distinct from
     to_jsonb(new) - '{valid, ended_by}'::text[] or lower(old.valid) is distinct from lower(new.valid) then
    raise exception 'an entry of the register is ended, never changed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger duties_appraisal_guard before update or delete on duties_appraisal
  for each row execute function duties_appraisal_guard();
"""


def upgrade() -> None:
    for sql in (ADMISSION, LEDGER, GUARDS):
        op.execute(sql)
