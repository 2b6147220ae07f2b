"""Accounts, posts, sessions, tokens; what protected rows need for scope."""

from __future__ import annotations

from alembic import op

revision = "city_0002"
down_revision = "city_0001"
branch_labels = None
depends_on = None

ACCOUNTS = """
create table auth_account (
  id           bigint generated always as identity primary key,
  name         text not null unique check (name ~ '^[a-z0-9][a-z0-9._@-]{0,62}$'),
  title        text not null default '' check (length(title) <= 80),
  demo         boolean not null default false,
  created_at   timestamptz not null,
  disabled_at  timestamptz
);
comment on table auth_account is 'Who signs in: a name of the office (工号), not a person''s particulars.';

create table auth_password (
  account_id   bigint primary key references auth_account,
  hash         text not null,
  changed_at   timestamptz not null,
  must_change  boolean not null default false
);
comment on column auth_password.hash is 'argon2id, with its parameters and salt.';

create table auth_identity (
  issuer      text not null,
  subject     text not null,
  account_id  bigint not null references auth_account,
  created_at  timestamptz not null,
  primary key (issuer, subject)
);
comment on table auth_identity is 'Which account a subject of an OpenID provider signs in to.';

create table auth_post (
  id            bigint generated always as identity primary key,
  account_id    bigint not null references auth_account,
  role          text not null check (role in (
                  'grid_worker', 'community_officer', 'centre_operator', 'subdistrict_leader', 'agency_officer',
                  'agency_head', 'district_supervisor', 'planner', 'deputy', 'auditor', 'administrator', 'machine')),
  area_id       bigint references areas,
  agency_id     bigint references duties_agency,
  valid         tstzrange not null check (not isempty(valid)),
  appointed_by  bigint references auth_account,
  created_at    timestamptz not null,
  check (num_nonnulls(area_id, agency_id) <= 1),
  check ((agency_id is not null) = (role in ('agency_officer', 'agency_head')))
);
create index auth_post_account on auth_post (account_id);
create index auth_post_area on auth_post (area_id);
create index auth_post_agency on auth_post (agency_id);
comment on table auth_post is
  'Post (岗位): one role in one place, for a time; without area and agency, in the whole city.';

create table auth_session (
  id            bigint generated always as identity primary key,
  token_sha256  bytea not null unique check (octet_length(token_sha256) = 32),
  account_id    bigint not null references auth_account,
  post_id       bigint references auth_post,
  how           text not null check (how in ('password', 'oidc')),
  created_at    timestamptz not null,
  seen_at       timestamptz not null,
  expires_at    timestamptz not null,
  ended_at      timestamptz
);
create index auth_session_account on auth_session (account_id) where ended_at is null;
comment on table auth_session is 'The cookie holds 32 random bytes; here lies only their digest.';

create table auth_handshake (
  state_sha256   bytea primary key check (octet_length(state_sha256) = 32),
  nonce          text not null,
  verifier       text not null,
  back_to        text not null,
  created_at     timestamptz not null
);
comment on table auth_handshake is 'A sign-in at an OpenID provider that has begun; used once, for ten minutes.';

create table auth_token (
  id            bigint generated always as identity primary key,
  token_sha256  bytea not null unique check (octet_length(token_sha256) = 32),
  account_id    bigint not null references auth_account,
  post_id       bigint not null references auth_post,
  label         text not null check (length(label) between 1 and 80),
  permissions   text[] not null check (cardinality(permissions) > 0),
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  revoked_at    timestamptz,
  used_on       date
);
create index auth_token_account on auth_token (account_id);
comment on table auth_token is 'For machines: one post, and of its permissions only those that are named.';
"""

STATIONED = """
alter table duties_agency add column stationed_id bigint references areas;
create index duties_agency_stationed on duties_agency (stationed_id) where stationed_id is not null;
comment on column duties_agency.stationed_id is
  'Where a unit is stationed (派驻): it answers to its line (parent_id) and to this sub-district (条块结合).';
"""

SCOPE = """
create index incidents_agency on incidents (agency_id, happened_at);
create index incidents_gridless on incidents (area_id) where grid_id is null;
"""


def upgrade() -> None:
    for sql in (ACCOUNTS, STATIONED, SCOPE):
        op.execute(sql)
