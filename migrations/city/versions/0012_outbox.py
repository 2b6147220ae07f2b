"""The outbox, notices and their delivery."""

from __future__ import annotations

from alembic import op

revision = "city_0012"
down_revision = "city_0011"
branch_labels = None
depends_on = None


# What has not been dealt with is found by its mark and never by a position: a transaction that ends late leaves its row
# below rows that were dealt with long ago.
OUTBOX = """
create table platform_outbox (
  id        bigint generated always as identity primary key,
  topic     text collate "C" not null check (topic ~ '^[a-z][a-z_-]*([.][a-z][a-z_-]*){1,3}$'),
  key       text collate "C" not null check (length(key) between 1 and 80),
  facts     jsonb not null check (jsonb_typeof(facts) = 'object'),
  at        timestamptz not null,
  taken_at  timestamptz,
  problem   text
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index platform_outbox_waiting on platform_outbox (id) where taken_at is null;
create index platform_outbox_taken on platform_outbox (taken_at) where taken_at is not null;
comment on table platform_outbox is
  'What happened, written in the transaction in which it happened. No personal data.';
comment on column platform_outbox.key is 'What it is about: mostly the id of a case or an incident.';
comment on column platform_outbox.taken_at is 'When it was dealt with: notices and deliveries follow from it.';
comment on column platform_outbox.problem is 'Why nothing followed from it: what it says could not be understood.';
"""

# A message in the platform is addressed to a body by its name; its text is made when it is read, in the reader's
# language. unique: whatever runs twice, each body is told once.
MESSAGES = """
create table notices_message (
  id         bigint generated always as identity primary key,
  outbox_id  bigint not null,
  target     text collate "C" not null check (target ~ '^(agency|area|account):[0-9]+(:[a-z_]+)?$'),
  topic      text collate "C" not null,
  key        text collate "C" not null,
  facts      jsonb not null,
  at         timestamptz not null,
  made_at    timestamptz not null,
  unique (outbox_id, target)
);
create index notices_message_target on notices_message (target, id desc);
create index notices_message_made on notices_message (made_at);
create table notices_read (
  account_id  bigint not null references auth_account,
  message_id  bigint not null references notices_message on delete cascade,
  read_at     timestamptz not null,
  primary key (account_id, message_id)
);
create index notices_read_message on notices_read (message_id);
create table notices_seen (
  account_id  bigint primary key references auth_account,
  upto        bigint not null,
  seen_at     timestamptz not null
);
comment on table notices_message is 'News for bodies, shown to every post there. No personal data.';
comment on column notices_message.target is
  'agency:7, agency:7:agency_head, area:3:office, area:3:centre_operator, account:9.';
comment on table notices_read is 'Which messages an account has read, beyond those in notices_seen.';
comment on table notices_seen is 'Up to which message an account has read everything.';
"""

SUBSCRIPTIONS = """
create sequence notices_subscription_number;
create table notices_subscription (
  id           bigint primary key,
  channel      text not null check (channel in ('webhook', 'mail', 'sms')),
  label        text not null check (length(label) between 1 and 80),
  topics       text[] not null check (cardinality(topics) between 1 and 50),
  body         text collate "C",
  url          text,
  destination  bytea,
  created_at   timestamptz not null,
  created_by   bigint references auth_account,
  ended_at     timestamptz,
  check ((channel = 'webhook') = (url is not null) and (channel <> 'webhook') = (destination is not null)),
  check (channel = 'webhook' or body is not null)
);
create index notices_subscription_live on notices_subscription (id) where ended_at is null;
create table notices_secret (
  subscription_id  bigint not null references notices_subscription,
  version          smallint not null check (version > 0),
  secret           bytea not null,
  made_at          timestamptz not null,
  ends_at          timestamptz,
  primary key (subscription_id, version)
);
comment on table notices_subscription is
  'Who is told of what outside the platform: webhooks, and mail or SMS to offices.';
comment on column notices_subscription.destination is
  'Sealed mailbox or number of an office on duty, not of a person.';
comment on table notices_secret is 'What webhooks are signed with, sealed. Versions overlap while one is changed.';
"""

# A delivery is claimed for a time, under a number: who comes back later than that finds that it is another's by now.
DELIVERIES = """
create table notices_delivery (
  id              uuid primary key,
  outbox_id       bigint not null,
  channel         text not null check (channel in ('webhook', 'mail', 'sms')),
  target          text collate "C" not null,
  subscription_id bigint references notices_subscription,
  incident_id     uuid,
  topic           text collate "C" not null,
  key             text collate "C" not null,
  facts           jsonb not null,
  at              timestamptz not null,
  made_at         timestamptz not null,
  state           text not null check (state in ('waiting', 'sent', 'no-contact', 'dead', 'given-up')),
  attempts        smallint not null default 0,
  claim           integer not null default 0,
  next_at         timestamptz not null,
  claimed_until   timestamptz,
  problem         text,
  parts           smallint,
  ended_at        timestamptz,
  reason          text,
  unique (outbox_id, channel, target)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index notices_delivery_due on notices_delivery (next_at, id) where state = 'waiting';
create index notices_delivery_state on notices_delivery (state, made_at desc, id desc);
create index notices_delivery_made on notices_delivery (made_at desc, id desc);
create index notices_delivery_subscription on notices_delivery (subscription_id, made_at desc, id desc)
  where subscription_id is not null;
create index notices_delivery_ended on notices_delivery (ended_at) where ended_at is not null;
create index notices_delivery_incident on notices_delivery (incident_id) where incident_id is not null;
comment on table notices_delivery is
  'What is to be told outside the platform, and what became of it. No address in it.';
comment on column notices_delivery.id is
  'UUID of version 5 of the event and the target: goes along, so that a receiver knows a repeat.';
comment on column notices_delivery.attempts is 'How often it was begun since it was last begun anew.';
comment on column notices_delivery.claim is 'Number of the newest claim; never given twice.';
comment on column notices_delivery.problem is 'Of the last attempt: a code of ours, and what it was about. No address.';
comment on column notices_delivery.parts is 'Of a short message: how many were sent.';
comment on column notices_delivery.reason is 'Why it was given up, or begun anew.';
"""


def upgrade() -> None:
    for sql in (OUTBOX, MESSAGES, SUBSCRIPTIONS, DELIVERIES):
        op.execute(sql)
