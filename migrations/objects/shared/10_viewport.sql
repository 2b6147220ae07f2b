-- `<&&>`: PostGIS's `&&` (boxes meet) once more, as an operator of our own that PostgreSQL may use below a row policy.
--
-- Below a policy only leakproof operators look anything up, and no operator of PostGIS is marked so. Marking one of
-- them does not last: pg_dump leaves out what belongs to an extension. Ours is bound to the same C function, which
-- compares two boxes, raises nothing and says nothing else about them; it lives in this schema, so that it outlives
-- dump, restore and an update of PostGIS. `<->` is in the class too: the same index answers "what is nearest?".
--
-- Only a superuser may make this. Where the owner is none, nothing happens here, and viewports are looked up by map
-- cells instead (gridgov/incidents/queries/viewport.py); a superuser may run this file at any time, and the next
-- upgrade then makes the index. Runs at every upgrade, and may be repeated. Citus cannot give an operator class of ours
-- to its nodes: there it is left out as well.

do $$
declare
  library text;
  symbol  text;
begin
  if not (select rolsuper from pg_roles where rolname = current_user)
     or exists (select from pg_extension where extname = 'citus') then
    return;
  end if;
  -- Bound again each time: after a major upgrade PostGIS's library has another name.
  select probin, prosrc into strict library, symbol from pg_proc
    where oid = 'public.geometry_overlaps(public.geometry, public.geometry)'::regprocedure;
  execute format(
    'create or replace function catalogue.boxes_meet(public.geometry, public.geometry) returns boolean as %L, %L '
    'language c immutable strict parallel safe leakproof', library, symbol);
  if to_regoperator('catalogue.<&&>(public.geometry, public.geometry)') is null then
    create operator catalogue.<&&> (
      leftarg = public.geometry, rightarg = public.geometry, function = catalogue.boxes_meet,
      commutator = operator(catalogue.<&&>),
      restrict = public.gserialized_gist_sel_2d, join = public.gserialized_gist_joinsel_2d
    );
  end if;
  if not exists (select from pg_opclass where opcname = 'boxes' and opcnamespace = 'catalogue'::regnamespace) then
    create operator class catalogue.boxes for type public.geometry using gist as
      storage public.box2df,
      operator 3 catalogue.<&&>,
      operator 13 public.<-> for order by pg_catalog.float_ops,
      function 1 public.geometry_gist_consistent_2d(internal, public.geometry, integer),
      function 2 public.geometry_gist_union_2d(bytea, internal),
      function 3 public.geometry_gist_compress_2d(internal),
      function 4 public.geometry_gist_decompress_2d(internal),
      function 5 public.geometry_gist_penalty_2d(internal, internal, internal),
      function 6 public.geometry_gist_picksplit_2d(internal, internal),
      function 7 public.geometry_gist_same_2d(public.geometry, public.geometry, internal),
      function 8 public.geometry_gist_distance_2d(internal, public.geometry, integer);
  end if;
end $$;
