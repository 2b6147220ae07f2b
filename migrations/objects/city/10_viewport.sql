-- The spatial index of incidents: of our own class where there is one (objects/shared/10_viewport.sql), else PostGIS's.
-- One of the two, never both: each costs as much to keep as the other. Runs at every upgrade, and may be repeated.

do $$
begin
  if exists (select from pg_opclass where opcname = 'boxes' and opcnamespace = 'catalogue'::regnamespace) then
    create index if not exists incidents_boxes on incidents using gist (geom catalogue.boxes);
    drop index if exists incidents_geom;
  else
    create index if not exists incidents_geom on incidents using gist (geom);
  end if;
end $$;

-- When the latest incident of the whole city happened, where pages begin. As the owner: below a policy, the highest that
-- somebody may see is found by walking down from the top, for a post that reaches nothing to the bottom. It says no more
-- than a receipt in anybody's hand.
select set_config('gridgov.path_before', current_setting('search_path'), true);
select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

drop function if exists incidents_newest();

create or replace function incidents_latest() returns timestamptz
language plpgsql stable security definer set search_path from current as $$
begin
  return (select max(happened_at) from incidents);
end $$;

select set_config('search_path', current_setting('gridgov.path_before'), true);
