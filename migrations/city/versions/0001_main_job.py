"""A city: areas with validity in time, layers, duties, incidents by month."""

from __future__ import annotations

from alembic import op

revision = "city_0001"
down_revision = None
branch_labels = None
depends_on = None

PLATFORM = """
create table platform_revision (
  noun      text primary key,
  revision  bigint not null
);
comment on table platform_revision is 'Rises with every change of what process-wide indexes are derived from.';
"""

AREAS = """
create table areas_plan (
  id          bigint generated always as identity primary key,
  name        text not null,
  basis       text,
  digest      text not null,
  valid_from  timestamptz not null,
  created_at  timestamptz not null default now()
);
comment on table areas_plan is 'Boundary plan: a set of changes that takes effect at an instant. Never edited after.';

create table areas (
  id       bigint generated always as identity primary key,
  level    text not null check (level in ('city', 'district', 'subdistrict', 'community', 'grid')),
  plan_id  bigint not null references areas_plan
);
comment on table areas is 'Identity of an area; everything that may change lies in areas_version.';

create table areas_version (
  id             bigint generated always as identity primary key,
  area_id        bigint not null references areas,
  plan_id        bigint not null references areas_plan,
  ended_plan_id  bigint references areas_plan,
  valid          tstzrange not null check (not isempty(valid)),
  level          text not null check (level in ('city', 'district', 'subdistrict', 'community', 'grid')),
  parent_id      bigint references areas,
  code           text not null,
  names          jsonb not null,
  kind           text check (kind in ('urban', 'rural', 'special')),
  population     integer check (population >= 0),
  households     integer check (households >= 0),
  attributes     jsonb not null default '{}',
  geom           geometry(MultiPolygon, 4326) not null,
  label          geometry(Point, 4326) not null,
  area_m2        double precision not null,
  digest         bytea not null,
  exclude using gist (area_id with =, valid with &&),
  exclude using gist (level with =, code with =, valid with &&),
  check ((level = 'city') = (parent_id is null))
);
create index areas_version_geom on areas_version using gist (geom);
create index areas_version_parent on areas_version (parent_id);

create table areas_street (
  id          bigint generated always as identity primary key,
  source      text not null,
  source_id   text not null,
  names       jsonb not null,
  class       text,
  attributes  jsonb not null default '{}',
  digest      bytea not null,
  geom        geometry(MultiLineString, 4326) not null,
  unique (source, source_id)
);
create index areas_street_geom on areas_street using gist (geom);

create table areas_building (
  id          bigint generated always as identity primary key,
  source      text not null,
  source_id   text not null,
  names       jsonb not null,
  class       text,
  households  integer check (households >= 0),
  attributes  jsonb not null default '{}',
  digest      bytea not null,
  geom        geometry(MultiPolygon, 4326) not null,
  unique (source, source_id)
);
create index areas_building_geom on areas_building using gist (geom);

create table areas_block (
  id          bigint generated always as identity primary key,
  source      text not null,
  source_id   text not null,
  names       jsonb not null,
  class       text,
  attributes  jsonb not null default '{}',
  digest      bytea not null,
  geom        geometry(MultiPolygon, 4326) not null,
  unique (source, source_id)
);
create index areas_block_geom on areas_block using gist (geom);

create table areas_facility (
  id          bigint generated always as identity primary key,
  source      text not null,
  source_id   text not null,
  names       jsonb not null,
  class       text,
  attributes  jsonb not null default '{}',
  digest      bytea not null,
  geom        geometry(Point, 4326) not null,
  unique (source, source_id)
);
create index areas_facility_geom on areas_facility using gist (geom);
comment on column areas_facility.class is 'Component code (管理部件) of GB/T 47678.5, where known.';

create table areas_name (
  kind      text not null,
  ref_id    bigint not null,
  names     jsonb not null,
  detail    jsonb not null default '{}',
  folded    text not null,
  pinyin    text not null,
  initials  text not null,
  point     geometry(Point, 4326) not null,
  extent    geometry(Polygon, 4326),
  primary key (kind, ref_id)
);
create index areas_name_folded on areas_name using gin (folded gin_trgm_ops);
create index areas_name_pinyin on areas_name using gin (pinyin gin_trgm_ops);
create index areas_name_initials on areas_name (initials text_pattern_ops);
comment on table areas_name is 'Search by name: 中文 or Latin as folded text, pinyin without tones, and its initials.';
"""

DUTIES = """
create table duties_category (
  id            integer generated always as identity primary key,
  kind          text not null check (kind in ('component', 'matter')),
  code          text not null,
  names         jsonb not null,
  group_code    text,
  group_names   jsonb not null default '{}',
  standard_ref  text,
  pinyin        text not null default '',
  initials      text not null default '',
  unique (kind, code)
);
comment on table duties_category is 'The city''s catalogue; matters (事项) are what an incident can be about.';

create table duties_agency (
  id          bigint generated always as identity primary key,
  code        text not null unique,
  names       jsonb not null,
  kind        text,
  parent_id   bigint references duties_agency,
  attributes  jsonb not null default '{}'
);

create table duties_site (
  id            bigint generated always as identity primary key,
  source        text not null,
  source_id     text not null,
  agency_id     bigint references duties_agency,
  names         jsonb not null,
  kind          text,
  address       text,
  service_area  geometry(MultiPolygon, 4326),
  attributes    jsonb not null default '{}',
  digest        bytea not null,
  geom          geometry(Point, 4326) not null,
  unique (source, source_id)
);
create index duties_site_geom on duties_site using gist (geom);
create index duties_site_agency on duties_site (agency_id);
comment on table duties_site is 'Where an agency works from; without an agency, a service point (服务点).';

create table duties_list (
  id          bigint generated always as identity primary key,
  name        text not null,
  version     integer not null,
  basis       text,
  digest      text not null,
  valid       tstzrange not null check (not isempty(valid)),
  created_at  timestamptz not null default now(),
  unique (name, version),
  exclude using gist (name with =, valid with &&)
);
comment on table duties_list is 'Duty list (责任清单), a version in time.';

create table duties_item (
  id                 bigint generated always as identity primary key,
  list_id            bigint not null references duties_list,
  code               text not null,
  category           text not null,
  area_id            bigint references areas,
  management_class   text not null check (management_class in ('comprehensive', 'professional', 'assisting')),
  lead_agency_id     bigint references duties_agency,
  lead_level         text check (lead_level in ('unit', 'district', 'subdistrict', 'community', 'grid')),
  served_from_sites  boolean not null default false,
  nearest            text check (nearest in ('road', 'straight')),
  basis              text,
  time_limit         text,
  attributes         jsonb not null default '{}',
  unique (list_id, code),
  check ((lead_agency_id is null) <> (lead_level is null))
);
comment on column duties_item.category is 'A matter''s code, a prefix that ends in *, or * for all.';
comment on column duties_item.management_class is '综合 comprehensive, 专业 professional, 协助 assisting.';

create table duties_support (
  item_id    bigint not null references duties_item,
  position   smallint not null,
  agency_id  bigint references duties_agency,
  level      text check (level in ('unit', 'district', 'subdistrict', 'community', 'grid')),
  primary key (item_id, position),
  check ((agency_id is null) <> (level is null))
);
"""

INCIDENTS = """
create table incidents_key (
  id           uuid primary key,
  body_sha256  bytea not null,
  happened_at  timestamptz not null,
  created_at   timestamptz not null default now()
);
comment on table incidents_key is 'Ids made by clients; they make a repeated report harmless.';

create function incidents_quad25(at geometry) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  cells constant double precision := 33554432; -- 2^25 cells a side
  lat constant double precision := radians(greatest(-85.05112877980659, least(85.05112877980659, public.ST_Y(at))));
  x bigint := greatest(0, least(cells - 1, floor((public.ST_X(at) + 180) / 360 * cells)));
  y bigint := greatest(0, least(cells - 1, floor((1 - ln(tan(lat) + 1 / cos(lat)) / pi()) / 2 * cells)));
begin
  -- The bits of x and y take turns, y first: each step halves the distance between the bits that are kept together.
  x := (x | (x << 16)) & 281470681808895;     y := (y | (y << 16)) & 281470681808895;
  x := (x | (x << 8)) & 71777214294589695;    y := (y | (y << 8)) & 71777214294589695;
  x := (x | (x << 4)) & 1085102592571150095;  y := (y | (y << 4)) & 1085102592571150095;
  x := (x | (x << 2)) & 3689348814741910323;  y := (y | (y << 2)) & 3689348814741910323;
  x := (x | (x << 1)) & 6148914691236517205;  y := (y | (y << 1)) & 6148914691236517205;
  return x | (y << 1);
end $$;
comment on function incidents_quad25 is
  'Quadkey as a number: Z-order of the web-mercator cell of zoom 25 that holds the point.';

create sequence incidents_number;

create table incidents (
  id             uuid not null,
  number         bigint not null default nextval('incidents_number'),
  category_id    integer not null references duties_category,
  channel        text not null check (channel in
                   ('worker', 'hotline', 'mini-program', 'window', 'visit', 'deputy', 'sensor', 'import')),
  status         text not null default 'open' check (status in ('open', 'closed', 'void', 'duplicate')),
  happened_at    timestamptz not null,
  received_at    timestamptz not null default now(),
  reported_lon   double precision not null,
  reported_lat   double precision not null,
  datum          text not null check (datum in ('wgs84', 'cgcs2000', 'gcj02', 'bd09')),
  accuracy_m     real check (accuracy_m >= 0),
  area_id        bigint not null references areas,
  grid_id        bigint references areas,
  unit_id        bigint references areas,
  outside_m      real not null default 0 check (outside_m >= 0),
  candidate_ids  bigint[] not null default '{}',
  agency_id      bigint references duties_agency,
  lead_area_id   bigint references areas,
  site_id        bigint references duties_site,
  item_id        bigint references duties_item,
  hex9           bigint not null,
  text           text not null default '',
  address        text,
  place          jsonb not null default '{}',
  attributes     jsonb not null default '{}',
  geom           geometry(Point, 4326) not null,
  quad25         bigint not null generated always as (incidents_quad25(geom)) stored,
  primary key (id, happened_at)
) partition by range (happened_at);
comment on column incidents.area_id is 'Deepest area that held the point when it happened; frozen.';
comment on column incidents.grid_id is 'Grid that holds it by the plan in force now; re-set when boundaries change.';
comment on column incidents.unit_id is
  'Sub-district, or community where that tier is absent, by the plan in force now.';
comment on column incidents.outside_m is
  'Metres to the nearest area when no area held the point; then the ids name that nearest one.';
comment on column incidents.hex9 is 'H3 cell of resolution 9; coarser cells follow from it by bit arithmetic.';
comment on column incidents.quad25 is
  'Z-order of the map cell of zoom 25: a tile of any zoom is one contiguous range of it.';
create index incidents_time on incidents (happened_at, id);
create index incidents_receipt on incidents (number);
create index incidents_unit on incidents (unit_id, happened_at);
create index incidents_grid on incidents (grid_id, happened_at) include (category_id, outside_m);
create index incidents_category on incidents (category_id, happened_at) include (grid_id, area_id, outside_m, hex9);
create index incidents_quad on incidents (quad25) include (happened_at, category_id);
create index incidents_brin on incidents using brin (happened_at);
create index incidents_geom on incidents using gist (geom);
create table incidents_default partition of incidents default;

create table incidents_contact (
  incident_id   uuid primary key references incidents_key,
  name_sealed   bytea,
  phone_sealed  bytea,
  created_at    timestamptz not null default now()
);
comment on table incidents_contact is
  'Reporter''s contact, sealed. Purpose: answer to the reporter. Kept apart, so that no list reads it by chance.';
"""


def upgrade() -> None:
    for sql in (PLATFORM, AREAS, DUTIES, INCIDENTS):
        op.execute(sql)
