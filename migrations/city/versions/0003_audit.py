"""The audit trail: entries, seals, approvals by a second person. Functions and triggers: objects/city/20_audit.sql."""

from __future__ import annotations

from alembic import op

revision = "city_0003"
down_revision = "city_0002"
branch_labels = None
depends_on = None

KEY = """
create table audit_key (
  one        boolean primary key default true check (one),
  inner_pad  bytea not null check (octet_length(inner_pad) = 64),
  outer_pad  bytea not null check (octet_length(outer_pad) = 64)
);
comment on table audit_key is
  'Key of the fingerprints that stand for personal values, padded as HMAC-SHA-256 (RFC 2104) wants it. For nobody.';
do $$
declare
  key    bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                         || uuid_send(gen_random_uuid())) || decode(repeat('00', 32), 'hex');
  inner_ bytea := key;
  outer_ bytea := key;
begin
  for i in 0..63 loop
    inner_ := set_byte(inner_, i, get_byte(key, i) # 54);  -- 0x36
    outer_ := set_byte(outer_, i, get_byte(key, i) # 92);  -- 0x5c
  end loop;
  insert into audit_key (inner_pad, outer_pad) values (inner_, outer_);
end $$;
"""

ENTRY = """
create table audit_entry (
  id          bigint generated always as identity primary key,
  xid         bigint not null,
  at          timestamptz not null,
  salt        uuid not null,
  account_id  bigint,
  post_id     bigint,
  role        text collate "C",
  login       text collate "C" not null,
  action      text collate "C" not null,
  noun        text collate "C" not null,
  row_id      text collate "C",
  unit_id     bigint,
  before      jsonb,
  after       jsonb,
  facts       jsonb,
  reason      text
);
create index audit_entry_row on audit_entry (row_id, noun, id);
create index audit_entry_account on audit_entry (account_id, id) where account_id is not null;
create index audit_entry_at on audit_entry using brin (at);
-- Collation C: the order of words means nothing here, and an index in it costs a third less to write.
comment on table audit_entry is
  'Who did what, when, to which row. Never changed; written by triggers and audit_note alone.';
comment on column audit_entry.xid is 'Transaction: what was done together. After a restore, that of the old server.';
comment on column audit_entry.salt is 'Keeps the entry from being guessed from its leaf, which others see in receipts.';
comment on column audit_entry.login is 'Log-in of the database; who, where no account acted.';
comment on column audit_entry.before is 'Columns that changed (all, of a row deleted); personal ones as fingerprints.';
"""

SEAL = """
create table audit_seal (
  number     bigint primary key check (number > 0),
  ids        int8multirange not null check (not isempty(ids)),
  leaves     bytea not null check (octet_length(leaves) % 32 = 0),
  upto       bigint not null,
  open       text not null,
  root       bytea not null check (octet_length(root) = 32),
  previous   bytea not null check (octet_length(previous) = 32),
  sealed_at  timestamptz not null,
  key        bytea not null check (octet_length(key) = 32),
  chain      bytea not null check (octet_length(chain) = 32),
  signature  bytea not null check (octet_length(signature) = 64)
);
create index audit_seal_ids on audit_seal using gist (ids);
alter table audit_seal alter column leaves set storage external;
comment on table audit_seal is 'A batch of entries under one signature, chained to the batch before.';
comment on column audit_seal.leaves is 'SHA-256 of each entry, 32 bytes each, in the order of ids.';
comment on column audit_seal.upto is 'The highest id sealed so far, here or before.';
comment on column audit_seal.open is
  'Ids below the highest sealed, drawn and not seen yet, as 190-194/10233 (ids/transaction): gridgov/audit/rules.py.';
comment on column audit_seal.key is 'Public key (Ed25519) of the signature.';
"""

APPROVAL = """
create table audit_approval (
  id              bigint generated always as identity primary key,
  noun            text not null,
  ref             text not null,
  permission      text not null,
  digest          bytea not null check (octet_length(digest) = 32),
  summary         text not null check (length(summary) between 1 and 500),
  state           text not null default 'pending'
                    check (state in ('pending', 'approved', 'refused', 'withdrawn', 'expired', 'taken')),
  requested_by    bigint not null references auth_account,
  requested_post  bigint references auth_post,
  requested_at    timestamptz not null,
  expires_at      timestamptz not null check (expires_at > requested_at),
  decided_by      bigint references auth_account check (decided_by <> requested_by),
  decided_post    bigint references auth_post,
  decided_at      timestamptz check (decided_at < expires_at),
  taken_by        bigint references auth_account,
  taken_at        timestamptz check (taken_at < expires_at),
  check ((decided_by is null) = (decided_at is null)),
  check (state not in ('approved', 'refused', 'taken') or decided_by is not null),
  check (state <> 'pending' or decided_by is null),
  check ((state = 'taken') = (taken_at is not null)),
  check ((taken_by is null) = (taken_at is null))
);
create index audit_approval_ref on audit_approval (noun, ref, id);
create index audit_approval_live on audit_approval (expires_at) where state in ('pending', 'approved');
comment on table audit_approval is 'What one person asks for and another must allow before it is done, once.';
comment on column audit_approval.permission is 'What the second person must be permitted.';
comment on column audit_approval.digest is 'SHA-256 of what is to be done; what is done later must have the same.';

create table audit_approval_step (
  id           bigint generated always as identity primary key,
  approval_id  bigint not null references audit_approval,
  from_state   text,
  to_state     text not null,
  account_id   bigint references auth_account,
  post_id      bigint references auth_post,
  at           timestamptz not null,
  note         text check (length(note) <= 500)
);
create index audit_approval_step_approval on audit_approval_step (approval_id, id);
comment on table audit_approval_step is 'How each approval came to its state; only ever added to.';
"""


def upgrade() -> None:
    for sql in (KEY, ENTRY, SEAL, APPROVAL):
        op.execute(sql)
