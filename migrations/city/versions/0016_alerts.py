"""Alerts: thresholds that posts set, and when which area stood above them. What lists behind numbers look up by."""

from __future__ import annotations

from alembic import op

revision = "city_0016"
down_revision = "city_0015"
branch_labels = None
depends_on = None

ALERTS = """
create table analytics_alert_rule (
  id          uuid primary key,
  revision    integer not null check (revision > 0),
  desk        text not null check (desk ~ '^area:[0-9]{1,18}:[a-z_]+$'),
  area_id     bigint not null references areas,
  account_id  bigint not null references auth_account,
  post_id     bigint not null references auth_post,
  names       jsonb not null,
  counted     text not null check (counted in ('incidents', 'cases')),
  measure     text not null check (measure ~ '^[a-z0-9_]{1,40}$'),
  level       text not null check (level in ('city', 'district', 'subdistrict', 'community', 'grid')),
  days        smallint not null check (days between 1 and 366),
  threshold   double precision not null check (threshold > 0 and threshold < 'infinity'),
  categories  text[] not null,
  channels    text[] not null,
  agencies    bigint[] not null,
  made_at     timestamptz not null,
  changed_at  timestamptz not null,
  ended_at    timestamptz
);
comment on table analytics_alert_rule is
  'Thresholds (预警阈值) that a post sets for its own area. One that was taken back stays, ended.';
comment on column analytics_alert_rule.desk is 'The post as news knows it: its area (0: the whole city) and role.';
comment on column analytics_alert_rule.area_id is 'What lies in it is looked at: the area of the post, or one below.';
create index analytics_alert_rule_desk on analytics_alert_rule (desk) where ended_at is null;

create table analytics_alert (
  id         bigint generated always as identity primary key,
  rule_id    uuid not null references analytics_alert_rule,
  revision   integer not null,
  area_id    bigint not null references areas,
  began_at   timestamptz not null,
  value      double precision not null,
  threshold  double precision not null,
  ended_at   timestamptz check (ended_at >= began_at)
);
comment on table analytics_alert is
  'When an area began to stand at or above a threshold, with which value, and when it ceased: one row each time.';
create unique index analytics_alert_open on analytics_alert (rule_id, area_id) where ended_at is null;
create index analytics_alert_began on analytics_alert (began_at desc, id desc);
"""

BEHIND = """
create index cases_unit_happened on cases (unit_id, happened_at);
"""


def upgrade() -> None:
    op.execute(ALERTS)
    op.execute(BEHIND)
