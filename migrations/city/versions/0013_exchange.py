"""What passes between bodies and outwards: orders of hotlines, changes told back, feedback, papers, receptions."""

from __future__ import annotations

from alembic import op

revision = "city_0013"
down_revision = "city_0012"
branch_labels = None
depends_on = None

# Changes are numbered one by one within a source, by a row that each transaction holds until it ends: who asks for what
# came after a number misses nothing that is committed later. A restore keeps the numbers, which no transaction's would.
EXCHANGE = """
create table cases_source (
  name          text not null check (name ~ '^[a-z][a-z-]{0,30}[0-9]{0,8}$'),
  order_number  text not null check (length(order_number) between 1 and 80),
  case_id       uuid not null unique references incidents_key,
  kind          text check (kind in ('consultation', 'help', 'complaint', 'tip', 'suggestion')),
  due_at        timestamptz,
  taken_at      timestamptz not null,
  primary key (name, order_number)
);
comment on table cases_source is
  'Orders of other systems (热线工单): whose, under which number, of which kind, due when.';
comment on column cases_source.kind is '咨询, 求助, 投诉, 举报, 建议.';

create table cases_feed (
  name  text primary key,
  last  bigint not null check (last >= 0)
);
comment on table cases_feed is 'The last number of a source''s changes.';

create table cases_change (
  name          text not null references cases_feed,
  position      bigint not null check (position > 0),
  order_number  text not null,
  case_id       uuid not null,
  seq           smallint not null,
  at            timestamptz not null,
  action        text not null,
  state         text not null,
  holder        text,
  due_at        timestamptz,
  paper         text,
  why           text,
  area_id       bigint not null references areas,
  grid_id       bigint references areas,
  unit_id       bigint references areas,
  agency_id     bigint references duties_agency,
  primary key (name, position)
);
comment on table cases_change is 'What became of a source''s orders, in order, without anything that people wrote.';
comment on column cases_change.why is 'Of what was refused: why it is outside the duties here.';
create index cases_change_case on cases_change (case_id);

create table cases_feedback (
  number       bigint not null references cases (number),
  seq          smallint not null,
  case_id      uuid not null,
  agency_id    bigint references duties_agency,
  office_id    bigint references areas,
  answered_at  timestamptz not null,
  at           timestamptz not null,
  area_id      bigint not null references areas,
  grid_id      bigint references areas,
  unit_id      bigint references areas,
  primary key (number, seq)
);
comment on table cases_feedback is
  'Point-to-point feedback (点对点反馈): the first after each answer. Follows from cases_event.';
create index cases_feedback_at on cases_feedback (at);
create index cases_feedback_agency on cases_feedback (agency_id, at);
create index cases_feedback_unit on cases_feedback (unit_id, at);

create table cases_paper_year (
  year  smallint primary key,
  last  integer not null check (last > 0)
);
comment on table cases_paper_year is 'The last number of a year''s replies.';

create table cases_paper (
  year     smallint not null,
  serial   integer not null check (serial > 0),
  number   bigint not null references cases (number),
  seq      smallint not null,
  case_id  uuid not null,
  title    text not null,
  at       timestamptz not null,
  primary key (year, serial),
  unique (number, seq)
);
comment on table cases_paper is 'Written replies (书面答复) by their numbers. The text is that of the event.';

create table cases_photo (
  attachment_id  uuid primary key,
  case_id        uuid not null,
  stage          text not null check (stage in ('before', 'during', 'after')),
  account_id     bigint,
  post_id        bigint,
  agency_id      bigint,
  added_at       timestamptz not null
);
comment on table cases_photo is 'Which photos of an incident show its handling, and who added them.';
create index cases_photo_case on cases_photo (case_id);

create table cases_reception (
  id          uuid primary key,
  held_at     timestamptz not null,
  notice      text not null check (length(notice) <= 500),
  account_id  bigint not null references auth_account,
  post_id     bigint not null references auth_post,
  area_id     bigint not null references areas,
  grid_id     bigint references areas,
  unit_id     bigint references areas,
  agency_id   bigint references duties_agency,
  made_at     timestamptz not null
);
comment on table cases_reception is
  'Receptions of deputies (人大代表接待): when, where, by which post. Nobody who came is named.';
create index cases_reception_held on cases_reception (held_at desc, id desc);
create index cases_reception_unit on cases_reception (unit_id, held_at desc, id desc);
create index cases_reception_area on cases_reception (area_id, held_at desc, id desc);

create table cases_opinion (
  case_id       uuid primary key references incidents_key,
  reception_id  uuid not null references cases_reception,
  ordinal       smallint not null check (ordinal > 0),
  replied_at    timestamptz,
  area_id       bigint not null references areas,
  grid_id       bigint references areas,
  unit_id       bigint references areas,
  agency_id     bigint references duties_agency,
  unique (reception_id, ordinal)
);
comment on table cases_opinion is
  'Opinions of a reception: each is a case. replied_at: since when it is answered in writing.';
"""


def upgrade() -> None:
    op.execute(EXCHANGE)
