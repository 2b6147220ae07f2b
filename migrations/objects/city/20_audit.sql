-- Audit: what the triggers of watched tables write, what the application may add to it, and that nothing is changed
-- afterwards. Runs at every upgrade and may be repeated.
--
-- Every function that works with its owner's rights looks nowhere but into the city's own schema, where nobody else
-- may create anything, and into temporary tables last: `set search_path from current` keeps the path set here.

select set_config('gridgov.path_before', current_setting('search_path'), true);
select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Who acts now, as the transaction was bound: xid, at, salt, account_id, post_id, role, login, reason, as the text of
-- expressions. Whoever writes an entry must have the number of a transaction before the entry's id is drawn; the
-- sealer counts on that.
create or replace function audit_who() returns text language sql immutable as $$
  select $who$
    pg_current_xact_id()::text::bigint, clock_timestamp(), gen_random_uuid(),
    nullif(current_setting('gridgov.account', true), '')::bigint,
    nullif(current_setting('gridgov.post', true), '')::bigint, nullif(current_setting('gridgov.role', true), ''),
    session_user, nullif(current_setting('gridgov.reason', true), '')
  $who$::text
$$;

-- The same of a row of an incident, as expressions over `h.hands` and the row's `incident`. A transaction that takes the
-- reports of several people says whose each is (`gridgov.hands`: incident -> [account, post, role]); elsewhere there are
-- none, and who acts is who the transaction is bound to.
create or replace function audit_hand(incident text) returns text language sql immutable as $$
  select format($who$
    pg_current_xact_id()::text::bigint, clock_timestamp(), gen_random_uuid(),
    coalesce((h.hands -> %1$s ->> 0)::bigint, nullif(current_setting('gridgov.account', true), '')::bigint),
    coalesce((h.hands -> %1$s ->> 1)::bigint, nullif(current_setting('gridgov.post', true), '')::bigint),
    coalesce(h.hands -> %1$s ->> 2, nullif(current_setting('gridgov.role', true), '')),
    session_user, nullif(current_setting('gridgov.reason', true), '')
  $who$, incident)
$$;

-- The key of the fingerprints, half by half. It never changes after the migration that made it; called immutable, it is
-- read once for each plan and not once for each write.
create or replace function audit_pad(outer_half boolean) returns bytea
language sql immutable set search_path from current as $$
  select case when outer_half then outer_pad else inner_pad end from audit_key
$$;
revoke all on function audit_pad(boolean) from public;

-- What stands for a personal value: HMAC-SHA-256, cut to 96 bits. `data` begins with table, column and row, so that
-- the same value is seen to be the same in one row over time, and not across rows.
create or replace function audit_fingerprint(data bytea) returns text language sql immutable as $$
  select 'hmac:' || encode(substring(sha256(audit_pad(true) || sha256(audit_pad(false) || data)) from 1 for 12), 'base64')
$$;
revoke all on function audit_fingerprint(bytea) from public;

-- The document of a row, as the text of an expression over `{r}`. A personal value that is empty is shown as it is.
create or replace function audit_document(target regclass, row_id text, personal text[], quiet text[]) returns text
language sql stable set search_path from current as $$
  select format('jsonb_build_object(%s)', string_agg(format('%L, %s', attname,
    case
      when attname = any (personal) or atttypid = 'bytea'::regtype then
        format(
          case atttypid
            when 'bytea'::regtype then 'audit_fingerprint(%2$s || {r}.%1$I)'
            when 'text'::regtype then
              'case when {r}.%1$I = '''' then '''' else audit_fingerprint(%2$s || convert_to({r}.%1$I, ''UTF8'')) end'
            when 'jsonb'::regtype then 'case when {r}.%1$I = ''{}'' then {r}.%1$I '
              'else to_jsonb(audit_fingerprint(%2$s || convert_to({r}.%1$I::text, ''UTF8''))) end'
            else 'audit_fingerprint(%2$s || convert_to(to_jsonb({r}.%1$I)::text, ''UTF8''))'
          end, attname,
          format('convert_to(%L || %s || ''|'', ''UTF8'')',
            format('%s|%s|', (select relname from pg_class where oid = target), attname), row_id))
      when format_type(atttypid, null) ~ '(^|\.)geometry$' then format('{r}.%I::text', attname)
      else format('{r}.%I', attname)
    end), ', ' order by attnum))
  from pg_attribute
  where attrelid = target and attnum > 0 and not attisdropped and attgenerated = '' and not attname = any (quiet)
$$;

-- A trigger that is to be there and to fire. One that is there already is left alone: to make it anew would wait for
-- whoever writes to the table, and let everybody else wait behind.
create or replace function audit_trigger(target regclass, name text, fired text, form text, called text) returns void
language plpgsql set search_path from current as $$
begin
  if not exists (
    select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = target and t.tgname = name and t.tgenabled = 'O' and p.proname = called
      and p.pronamespace = current_schema()::regnamespace
  ) then
    execute format('create or replace trigger %I %s on %s %s execute function %I()', name, fired, target, form, called);
  end if;
end $$;

-- Watches a table: from now on every statement that writes to it leaves an entry for each row.
--   personal  columns whose values must not be repeated: personal data, free text. bytea always counts as such.
--   quiet     columns whose change alone is no event (when a session was last seen).
-- A table that does not exist yet (null) is passed over. An entry's row_id is the primary key without what only says
-- in which partition the row lies. Writes to a partition by its own name are not seen: nobody is granted those.
create or replace function audit_watch(target regclass, personal text[] default '{}', quiet text[] default '{}')
returns void language plpgsql set search_path from current as $watch$
declare
  watched  text;
  unknown  text;
  keys     text[];
  row_id   text;
  document text;
  unit     boolean;
  incident text;  -- of tables to which reports of several people are written at once: the column that names theirs
begin
  if target is null then
    return;
  end if;
  select relname into watched from pg_class where oid = target and relnamespace = current_schema()::regnamespace;
  if watched is null then
    raise exception 'audit_watch: % is no table of this city', target;
  end if;
  select string_agg(wanted, ', ') into unknown from unnest(personal || quiet) wanted
    where not exists (select from pg_attribute where attrelid = target and attname = wanted and not attisdropped);
  if unknown is not null then
    raise exception 'audit_watch: % has no column %', watched, unknown;
  end if;
  select array_agg(attname order by attnum) into keys
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    left join pg_partitioned_table p on p.partrelid = i.indrelid
    where i.indrelid = target and i.indisprimary and not coalesce(a.attnum = any (p.partattrs), false);
  if keys is null then
    raise exception 'audit_watch: % has no primary key', watched;
  end if;
  select string_agg(format('{r}.%I::text', name), ' || ''|'' || ') into row_id from unnest(keys) name;
  document := audit_document(target, row_id, personal, quiet);
  incident := case watched when 'incidents' then 'id' when 'incidents_contact' then 'incident_id'
                           when 'cases_event' then 'case_id' end;
  unit := exists (select from pg_attribute where attrelid = target and attname = 'unit_id' and not attisdropped);

  -- One statement without variables: PL/pgSQL would make those anew in each transaction, for more than all the rest.
  execute format($function$
    create or replace function %1$I() returns trigger language plpgsql security definer set search_path from current
    as $body$
    begin
      if tg_op = 'INSERT' then
        insert into audit_entry (xid, at, salt, account_id, post_id, role, login, reason, action, noun, row_id,
                                 unit_id, after)
        select %13$s, 'insert', %2$L, %3$s, %4$s, %5$s
        from %14$s new_rows n;
      elsif tg_op = 'DELETE' then
        insert into audit_entry (xid, at, salt, account_id, post_id, role, login, reason, action, noun, row_id,
                                 unit_id, before)
        select %12$s, 'delete', %2$L, %6$s, %7$s, %8$s
        from old_rows o;
      elsif tg_op = 'UPDATE' then
        insert into audit_entry (xid, at, salt, account_id, post_id, role, login, reason, action, noun, row_id,
                                 unit_id, before, after)
        select %12$s, 'update', %2$L, coalesce(%3$s, %6$s), coalesce(%4$s, %7$s), d.before, d.after
        from old_rows o full join new_rows n on %9$s
        cross join lateral (
          select case when %10$s is not null then %8$s end as was, case when %11$s is not null then %5$s end as is
          offset 0  -- made once, not once for each key
        ) x
        cross join lateral (
          select jsonb_object_agg(key, was -> key) filter (where was is not null) as before,
                 jsonb_object_agg(key, x.is -> key) filter (where x.is is not null) as after
          from jsonb_object_keys(coalesce(x.is, was)) key where was -> key is distinct from x.is -> key
        ) d
        where (%10$s is null or %11$s is null or o.* *<> n.*) and (d.before is not null or d.after is not null);
      else
        insert into audit_entry (xid, at, salt, account_id, post_id, role, login, reason, action, noun)
        select %12$s, 'truncate', %2$L;
      end if;
      return null;
    end $body$
    $function$,
    'audit_on_' || watched, watched,
    replace(row_id, '{r}', 'n'), case when unit then 'n.unit_id' else 'null::bigint' end, replace(document, '{r}', 'n'),
    replace(row_id, '{r}', 'o'), case when unit then 'o.unit_id' else 'null::bigint' end, replace(document, '{r}', 'o'),
    (select string_agg(format('o.%1$I = n.%1$I', name), ' and ') from unnest(keys) name),
    format('o.%I', keys[1]), format('n.%I', keys[1]), audit_who(),
    case when incident is null then audit_who() else audit_hand(format('n.%I::text', incident)) end,
    case when incident is null then ''
         else '(select nullif(current_setting(''gridgov.hands'', true), '''')::jsonb as hands offset 0) h,' end);
  execute format('revoke all on function %I() from public', 'audit_on_' || watched);
  perform audit_trigger(target, 'audit_insert', 'after insert', 'referencing new table as new_rows for each statement',
    'audit_on_' || watched);
  perform audit_trigger(target, 'audit_update', 'after update',
    'referencing old table as old_rows new table as new_rows for each statement', 'audit_on_' || watched);
  perform audit_trigger(target, 'audit_delete', 'after delete', 'referencing old table as old_rows for each statement',
    'audit_on_' || watched);
  perform audit_trigger(target, 'audit_truncate', 'after truncate', 'for each statement', 'audit_on_' || watched);
end $watch$;

-- What the application did that changes no watched row: a reveal, an export, a sign-in, a refusal. `facts` hold no
-- personal data. Returns the entry's id.
create or replace function audit_note(
  action text, noun text, row_id text default null, reason text default null, facts jsonb default null,
  unit_id bigint default null
) returns bigint language plpgsql security definer set search_path from current as $$
declare
  made bigint;
begin
  if action !~ '^[a-z][a-z-]{1,30}$' or action in ('insert', 'update', 'delete', 'truncate') then
    raise exception 'audit_note: “%” is no action of the application', action using errcode = 'check_violation';
  end if;
  if noun !~ '^[a-z][a-z_]{1,62}$' or length(row_id) > 200 or length(reason) > 500 or length(facts::text) > 8000 then
    raise exception 'audit_note: too long, or no noun' using errcode = 'check_violation';
  end if;
  perform pg_current_xact_id();  -- before the id is drawn
  insert into audit_entry (xid, at, salt, account_id, post_id, role, login, reason, action, noun, row_id, unit_id, facts)
  values (
    pg_current_xact_id()::text::bigint, clock_timestamp(), gen_random_uuid(),
    nullif(current_setting('gridgov.account', true), '')::bigint,
    nullif(current_setting('gridgov.post', true), '')::bigint, nullif(current_setting('gridgov.role', true), ''),
    session_user, coalesce(audit_note.reason, nullif(current_setting('gridgov.reason', true), '')), audit_note.action,
    audit_note.noun, audit_note.row_id, audit_note.unit_id, audit_note.facts)
  returning id into made;
  return made;
end $$;

-- The newest entry about a row that this very transaction wrote: what a receipt is made from.
create or replace function audit_own(noun text, row_id text) returns setof audit_entry
language sql stable security definer set search_path from current as $$
  select e.* from audit_entry e
  where e.noun = audit_own.noun and e.row_id = audit_own.row_id
    and e.xid = pg_current_xact_id_if_assigned()::text::bigint
  order by e.id desc limit 1
$$;

-- The seal over an entry, for whoever can show the entry's leaf.
create or replace function audit_proof(entry_id bigint, leaf bytea) returns setof audit_seal
language sql stable security definer set search_path from current as $$
  select s.* from audit_seal s
  where s.ids @> entry_id and octet_length(leaf) = 32
    and leaf = substring(s.leaves from 1 + 32 * (
          select sum(least(upper(r), entry_id) - lower(r)) from unnest(s.ids) r where lower(r) <= entry_id
        )::integer for 32)
$$;

-- Nothing of the trail changes. Whoever may disable this trigger is found out by `gridgov audit verify`.
create or replace function audit_refuse_change() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '% only grows: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
select audit_trigger(one, 'audit_grows', 'before update or delete or truncate', 'for each statement', 'audit_refuse_change')
from unnest('{audit_entry, audit_seal, audit_approval_step}'::regclass[]) one;

-- An approval moves along the edges of gridgov/audit/approving.py; what it is about never changes; and who is bound to
-- the transaction cannot decide in somebody else's name.
create or replace function audit_approval_guard() returns trigger language plpgsql set search_path from current as $$
declare
  account bigint := nullif(current_setting('gridgov.account', true), '')::bigint;
begin
  if tg_op = 'DELETE' then
    raise exception 'an approval is kept' using errcode = 'insufficient_privilege';
  end if;
  if (old.id, old.noun, old.ref, old.permission, old.digest, old.summary, old.requested_by, old.requested_post,
      old.requested_at, old.expires_at)
     is distinct from (new.id, new.noun, new.ref, new.permission, new.digest, new.summary, new.requested_by,
                       new.requested_post, new.requested_at, new.expires_at)
     or old.decided_by is not null and (old.decided_by, old.decided_post, old.decided_at)
                                       is distinct from (new.decided_by, new.decided_post, new.decided_at) then
    raise exception 'what was asked for and decided does not change' using errcode = 'check_violation';
  end if;
  if (old.state, new.state) not in (
    ('pending', 'approved'), ('pending', 'refused'), ('pending', 'withdrawn'), ('pending', 'expired'),
    ('approved', 'taken'), ('approved', 'withdrawn'), ('approved', 'expired')
  ) then
    raise exception 'an approval cannot go from % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if account is not null and (
    old.decided_by is null and new.decided_by <> account or old.taken_by is null and new.taken_by <> account
    or new.state = 'withdrawn' and new.requested_by <> account
  ) then
    raise exception 'nobody decides in the name of another' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
select audit_trigger('audit_approval', 'audit_guard', 'before update or delete', 'for each row', 'audit_approval_guard');

revoke all on function audit_note(text, text, text, text, jsonb, bigint), audit_own(text, text),
  audit_proof(bigint, bytea), audit_watch(regclass, text[], text[]),
  audit_trigger(regclass, text, text, text, text) from public;

-- Watched tables, one a line: table, personal columns, quiet columns. Tables that are not watched, and why, stand in
-- gridgov/audit/rules.py.
select audit_watch(to_regclass('incidents'), '{text, address, attributes}');
select audit_watch(to_regclass('incidents_contact'));
select audit_watch(to_regclass('incidents_attachment'));
select audit_watch(to_regclass('cases_event'), '{reason, text, facts}');
select audit_watch(to_regclass('cases_rating'), '{reason}');
select audit_watch(to_regclass('cases_setting'));
select audit_watch(to_regclass('cases_source'));
select audit_watch(to_regclass('cases_paper'));
select audit_watch(to_regclass('cases_photo'));
select audit_watch(to_regclass('cases_reception'), '{notice}');
select audit_watch(to_regclass('cases_opinion'));
select audit_watch(to_regclass('auth_account'), '{title}');
select audit_watch(to_regclass('auth_password'), '{hash}');
select audit_watch(to_regclass('auth_identity'), '{subject}');
select audit_watch(to_regclass('auth_post'));
select audit_watch(to_regclass('auth_session'), '{}', '{seen_at}');
select audit_watch(to_regclass('auth_token'), '{label}', '{used_on}');
select audit_watch(to_regclass('audit_approval'), '{summary}');
select audit_watch(to_regclass('platform_day'));
select audit_watch(to_regclass('platform_hours'));
select audit_watch(to_regclass('privacy_limit'));
select audit_watch(to_regclass('privacy_hold'), '{reason}');
select audit_watch(to_regclass('privacy_notice'), '{handler, texts}');
select audit_watch(to_regclass('privacy_consent'));
select audit_watch(to_regclass('privacy_request'), '{reason}');
select audit_watch(to_regclass('notices_subscription'));
select audit_watch(to_regclass('notices_secret'));
select audit_watch(to_regclass('duties_admission'), '{item, plan, reason, conditions}');
select audit_watch(to_regclass('duties_admission_target'));
select audit_watch(to_regclass('duties_admission_opinion'), '{reason}');
select audit_watch(to_regclass('duties_admission_step'), '{note}');
select audit_watch(to_regclass('duties_admission_promise'));
select audit_watch(to_regclass('duties_admission_transfer'));
select audit_watch(to_regclass('duties_admission_confirmation'), '{note}');
select audit_watch(to_regclass('duties_admission_attempt'));
select audit_watch(to_regclass('duties_appraisal'));
select audit_watch(to_regclass('analytics_alert_rule'));
select audit_watch(to_regclass('planning_plan'), '{purpose}');
select audit_watch(to_regclass('planning_change'));
select audit_watch(to_regclass('planning_matter'), '{note}');
select audit_watch(to_regclass('planning_activation'));

select set_config('search_path', current_setting('gridgov.path_before'), true);
