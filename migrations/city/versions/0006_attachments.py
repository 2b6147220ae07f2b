"""Photos of incidents."""

from __future__ import annotations

from alembic import op

revision = "city_0006"
down_revision = "city_0005"
branch_labels = None
depends_on = None

# A photo is seen by whoever sees its incident. The incident's area, grid, unit and agency are repeated here, because a
# row policy may ask nothing but the row itself; the trigger below keeps them in step.
PHOTOS = """
create table incidents_attachment (
  id           uuid primary key,
  incident_id  uuid not null references incidents_key,
  number       smallint not null check (number between 1 and 9),
  sha256       bytea not null check (octet_length(sha256) = 32),
  size_bytes   integer not null check (size_bytes > 0),
  width        integer not null check (width > 0),
  height       integer not null check (height > 0),
  kind         text not null check (kind in ('jpeg', 'png', 'webp', 'heic')),
  gps_sealed   bytea,
  created_at   timestamptz not null,
  area_id      bigint not null references areas,
  grid_id      bigint references areas,
  unit_id      bigint references areas,
  agency_id    bigint references duties_agency,
  unique (incident_id, number)
);
create index incidents_attachment_unit on incidents_attachment (unit_id);
create index incidents_attachment_agency on incidents_attachment (agency_id);
create index incidents_attachment_gps on incidents_attachment (created_at, id) where gps_sealed is not null;
comment on table incidents_attachment is
  'Photos; the pictures themselves lie in the storage, under city, incident and sha256.';
comment on column incidents_attachment.id is
  'UUID of version 5 of the file as it was sent, within its incident: a repeat finds it.';
comment on column incidents_attachment.number is
  'Of the photos of its incident: at most nine, also when two come at once.';
comment on column incidents_attachment.sha256 is 'Of the picture that is stored: made anew from pixels, always JPEG.';
comment on column incidents_attachment.kind is 'What was sent.';
comment on column incidents_attachment.gps_sealed is
  'Where and when it was taken, as the file said it. Restricted: no list and no ordinary permission reads it.';
"""

FOLLOW = """
create function incidents_attachment_follow() returns trigger language plpgsql security definer as $$
begin
  update incidents_attachment
     set area_id = new.area_id, grid_id = new.grid_id, unit_id = new.unit_id, agency_id = new.agency_id
   where incident_id = new.id;
  return null;
end $$;
comment on function incidents_attachment_follow is 'Where a matter moves to, its photos move.';
do $$ begin
  execute format('alter function incidents_attachment_follow() set search_path = %I, pg_temp', current_schema());
end $$;
revoke all on function incidents_attachment_follow() from public;
create trigger incidents_attachment_follow after update of area_id, grid_id, unit_id, agency_id on incidents
  for each row when ((old.area_id, old.grid_id, old.unit_id, old.agency_id)
                     is distinct from (new.area_id, new.grid_id, new.unit_id, new.agency_id))
  execute function incidents_attachment_follow();
"""


def upgrade() -> None:
    for sql in (PHOTOS, FOLLOW):
        op.execute(sql)
