-- Analytics: what the triggers of incidents and cases announce for the counts that are derived from them. Runs at every
-- upgrade and may be repeated. A statement that touches many rows (more than 20,000; the setting gridgov.changes_most)
-- says only which months are to be read anew.

select set_config('gridgov.path_before', current_setting('search_path'), true);
select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Functions for one table: `facts` is the list of expressions that its counts depend on, as columns of its change table.
create or replace function analytics_announce(target regclass, changes text, columns text, facts text) returns void
language plpgsql set search_path from current as $body$
declare
  name constant text := (select relname from pg_class where oid = target);
  head constant text := 'returns trigger language plpgsql security definer set search_path from current as $$ ';
  months constant text := 'insert into ' || changes || ' (sign, happened_at)
    select distinct 0, date_trunc(''month'', happened_at at time zone ''UTC'') at time zone ''UTC'' from %s; ';
  most constant text := 'coalesce(nullif(current_setting(''gridgov.changes_most'', true), '''')::int, 20000)';
  many constant text := '(select count(*) from (select from %s limit ' || most || ' + 1) s) > ' || most;
begin
  execute format('create or replace function analytics_%s_came() %s begin if %s then %s else
    insert into %s (sign, %s) select 1, %s from came; end if; return null; end $$',
    name, head, format(many, 'came'), format(months, 'came'), changes, columns, facts);
  execute format('create or replace function analytics_%s_went() %s begin if %s then %s else
    insert into %s (sign, %s) select -1, %s from went; end if; return null; end $$',
    name, head, format(many, 'went'), format(months, 'went'), changes, columns, facts);
  execute format('create or replace function analytics_%s_changed() %s begin if %s then %s else
    insert into %5$s (sign, %6$s)
    select -1, g.* from (select %7$s from went except all select %7$s from came) g
    union all
    select 1, c.* from (select %7$s from came except all select %7$s from went) c; end if; return null; end $$',
    name, head, format(many, 'came'), format(months, '(table came union all table went) b'), changes, columns, facts);
  if not exists (select from pg_trigger where tgrelid = target and tgname = 'analytics_came') then
    execute format('create trigger analytics_came after insert on %s referencing new table as came
      for each statement execute function analytics_%s_came()', target, name);
    execute format('create trigger analytics_went after delete on %s referencing old table as went
      for each statement execute function analytics_%s_went()', target, name);
    execute format('create trigger analytics_changed after update on %s
      referencing old table as went new table as came
      for each statement execute function analytics_%s_changed()', target, name);
  end if;
  execute format('revoke all on function analytics_%1$s_came(), analytics_%1$s_went(), analytics_%1$s_changed()
    from public', name);
end $body$;
revoke all on function analytics_announce(regclass, text, text, text) from public;

select analytics_announce('incidents', 'analytics_incident_change',
  'happened_at, category_id, channel, status, area_id, grid_id, unit_id, outside, agency_id, hex9, quad25, lon, lat',
  'happened_at, category_id, channel, status, case when grid_id is null then area_id end, grid_id, unit_id,
   outside_m > 0, agency_id, hex9, quad25, public.st_x(geom), public.st_y(geom)');
select analytics_announce('cases', 'analytics_case_change',
  'happened_at, category_id, channel, state, area_id, grid_id, unit_id, agency_id, level, opened_at, accepted_at,
   ended_at, late_from',
  'happened_at, category_id, channel, state, case when grid_id is null then area_id end, grid_id, unit_id, agency_id,
   level, opened_at, accepted_at, ended_at, late_from');

-- Changes that are forgotten leave behind, month by month, that there were some.
create or replace function analytics_incident_change_forgotten() returns trigger
language plpgsql security definer set search_path from current as $$
begin
  insert into analytics_incident_month as m (month, xid)
  select date_trunc('month', happened_at, 'UTC'), max(xid) from went group by 1 order by 1
  on conflict (month) do update set xid = greatest(m.xid, excluded.xid);
  return null;
end $$;
revoke all on function analytics_incident_change_forgotten() from public;
create or replace trigger analytics_forgotten after delete on analytics_incident_change
  referencing old table as went for each statement execute function analytics_incident_change_forgotten();

select set_config('search_path', current_setting('gridgov.path_before'), true);
