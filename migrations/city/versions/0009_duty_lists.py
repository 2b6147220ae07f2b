"""Duty lists: kinds, drafts that two persons publish, and all that an item says."""

from __future__ import annotations

from alembic import op

revision = "city_0009"
down_revision = "city_0008"
branch_labels = None
depends_on = None

# What is in force already was put there by the owner: published, territorial unless its city file says otherwise.
LISTS = """
alter table duties_agency add column closed_at timestamptz;
comment on column duties_agency.closed_at is 'Since when there is no such body any more; it keeps what it did.';

alter table duties_list
  add column kind text not null default 'territorial'
    check (kind in ('powers', 'public_services', 'tasks', 'territorial', 'precedents', 'admitted')),
  add column state text not null default 'published' check (state in ('draft', 'checked', 'published')),
  add column base_id bigint references duties_list,
  add column drafted_by bigint references auth_account,
  add column drafted_at timestamptz,
  add column wanted_from timestamptz,
  add column acknowledged text[] not null default '{}',
  add column approval_id bigint references audit_approval,
  alter column valid drop not null,
  alter column version drop not null,
  add check ((state = 'published') = (valid is not null)),
  add check ((state = 'published') = (version is not null)),
  add check (approval_id is null or state <> 'draft');
alter table duties_list alter column kind drop default, alter column state drop default;
create unique index duties_list_draft on duties_list (name) where state <> 'published' and drafted_at is not null;
comment on column duties_list.kind is
  '权力 powers, 公共服务 public_services, 职责任务 tasks, 属地管理 territorial, 裁定先例 precedents, 准入 admitted.';
comment on column duties_list.state is 'draft, checked (the linter found no error), published; never edited after.';
comment on column duties_list.base_id is 'Of a draft: the version that it was made to follow.';
comment on column duties_list.wanted_from is 'Of a checked draft: the instant from which it is asked to hold.';
comment on column duties_list.acknowledged is 'Matters that lose their responsible by it, as whoever asked was told.';
comment on column duties_list.approval_id is 'The second person''s yes; none where the owner or a ruling put it there.';

alter table duties_item
  add column level text check (level in ('grid', 'community', 'subdistrict', 'district')),
  add column payer_agency_id bigint references duties_agency,
  add column opening text,
  add column closing text,
  add column risk_points jsonb not null default '[]' check (jsonb_typeof(risk_points) = 'array'),
  add column admission_id bigint,
  add column expires_at timestamptz,
  drop constraint duties_item_check,
  add constraint duties_item_lead check (num_nonnulls(lead_agency_id, lead_level) <= 1);
create index duties_item_expires on duties_item (expires_at) where expires_at is not null;
comment on column duties_item.level is 'The tier at which the matter is to be solved.';
comment on column duties_item.payer_agency_id is 'Who pays; the department where the class is 协助.';
comment on column duties_item.opening is '立案条件: when a case is opened.';
comment on column duties_item.closing is '结案条件: when it may be closed.';
comment on column duties_item.risk_points is
  '廉政风险点: [{"text", "approval"}]; approval: acting on it needs one more.';
comment on column duties_item.admission_id is 'The admission (准入) by which the item came.';
comment on column duties_item.expires_at is 'Until when the item holds, whatever its list does.';
"""

# A version that was published stays as it is; the next one ends it. The items of a draft alone can change. Whoever is
# not the owner publishes with a taken approval, but for lists that grow by rulings and admissions.
GUARDS = """
create function duties_list_guard() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' then
    if old.state = 'published' then
      raise exception 'a published duty list is kept' using errcode = 'check_violation';
    end if;
    return old;
  end if;
  if tg_op = 'INSERT' then
    if new.state = 'published' then
      raise exception 'a duty list begins as a draft' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state = 'published' then
    if (to_jsonb(old) - 'valid') is distinct from (to_jsonb(new) - 'valid')
       or lower(new.valid) is distinct from lower(old.valid) or upper_inf(new.valid) or not upper_inf(old.valid) then
      raise exception 'a published duty list changes only by the version that ends it'
        using errcode = 'check_violation';
    end if;
  elsif new.state = 'published' then
    if exists (select from duties_item where list_id = new.id and lead_agency_id is null and lead_level is null) then
      raise exception 'an item of a published duty list has an owner' using errcode = 'check_violation';
    end if;
    if new.kind not in ('precedents', 'admitted')
       and not pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage')
       and not exists (select from audit_approval
                       where id = new.approval_id and noun = 'duties_list' and ref = new.id::text and state = 'taken')
    then
      raise exception 'a duty list is published by two persons' using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end $$;
create trigger duties_list_guard before insert or update or delete on duties_list
  for each row execute function duties_list_guard();

create function duties_item_guard() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op <> 'INSERT' and exists (select from duties_list where id = old.list_id and state = 'published')
     or tg_op <> 'DELETE' and exists (select from duties_list where id = new.list_id and state = 'published') then
    raise exception 'the items of a published duty list are kept' using errcode = 'check_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger duties_item_guard before insert or update or delete on duties_item
  for each row execute function duties_item_guard();

create function duties_support_guard() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (
    select from duties_item i join duties_list l on l.id = i.list_id
    where l.state = 'published'
      and (tg_op <> 'INSERT' and i.id = old.item_id or tg_op <> 'DELETE' and i.id = new.item_id)
  ) then
    raise exception 'the items of a published duty list are kept' using errcode = 'check_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger duties_support_guard before insert or update or delete on duties_support
  for each row execute function duties_support_guard();
"""


def upgrade() -> None:
    op.execute(LISTS)
    op.execute(GUARDS)
