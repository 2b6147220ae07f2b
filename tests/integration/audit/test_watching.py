"""What a write leaves in the trail: who, what, before and after, nothing personal; and nothing is left out of it."""

from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridgov.audit.rules import why_not_watched
from gridgov.bootstrap import House
from gridgov.platform.db import cursor
from gridgov.platform.migrate import OBJECTS
from tests.integration.audit.conftest import NOW, add_incident, bind, entries, put_contact, run

# Columns of texts and documents that stand in the trail as they are. Whoever adds one decides: here, or in the list of
# personal columns in 20_audit.sql.
PLAIN = {
    "incidents": {"channel", "status", "datum", "place"},
    "incidents_contact": {"frozen_because"},
    "incidents_attachment": {"kind"},
    "auth_account": {"name"},
    "auth_identity": {"issuer"},
    "auth_post": {"role"},
    "auth_session": {"how"},
    "auth_token": {"permissions"},
    "audit_approval": {"noun", "ref", "permission", "state"},
    "platform_day": {"names", "source"},
    "cases_source": {"name", "order_number", "kind"},
    "cases_paper": {"title"},
    "cases_photo": {"stage"},
    "notices_subscription": {"channel", "label", "topics", "body", "url"},
    "privacy_limit": {"name", "source"},
    "privacy_hold": {"holding", "row_key"},
    "privacy_notice": {"code", "purposes", "kinds", "retention", "rights"},
    "privacy_consent": {"purposes", "channel", "withdrawn_channel"},
    "privacy_request": {"kind", "state", "proof", "outcome"},
    "duties_admission": {"title", "category", "part", "all_of", "basis", "burdens", "state", "verdict", "document",
                         "matter"},
    "duties_admission_target": {"level"},
    "cases_event": {"action", "before", "after", "role", "to_level", "limits"},
    "cases_rating": {"period"},
    "cases_setting": {"name", "value"},
    "duties_admission_opinion": {"stance"},
    "duties_admission_step": {"from_state", "to_state"},
    "duties_admission_transfer": {"document"},
    "duties_admission_attempt": {"category"},
    "duties_appraisal": {"code", "title", "kind", "level", "document"},
    "analytics_alert_rule": {"desk", "names", "counted", "measure", "level", "categories", "channels"},
    "planning_plan": {"name", "state", "target", "drawn_on"},
    "planning_change": {"kind", "payload"},
    "planning_matter": {"list", "item", "lead"},
    "planning_activation": {"moved"},
}  # fmt: skip


class TestEntries:
    def test_an_insert_leaves_the_row(self, session: Session) -> None:
        made = add_incident(session)
        (entry,) = entries(session, noun="incidents")
        unit = run(session, "select unit_id from incidents").scalar_one()
        assert (entry.action, entry.row_id, entry.unit_id, entry.before) == ("insert", str(made), unit, None)
        assert entry.after["channel"] == "worker"
        assert entry.after["reported_lon"] == 117.001
        own, seconds = run(
            session,
            "select pg_current_xact_id()::text::bigint, extract(epoch from clock_timestamp() - :at)",
            at=entry.at,
        ).one()
        assert entry.xid == own
        assert 0 <= seconds < 60

    def test_an_update_leaves_what_changed_and_nothing_else(self, session: Session) -> None:
        made = add_incident(session)
        run(session, "update incidents set status = 'closed', site_id = null where id = :id", id=made)
        (entry,) = entries(session, action="update")
        assert (entry.before, entry.after) == ({"status": "open"}, {"status": "closed"})
        assert entry.row_id == str(made)

    def test_what_changes_nothing_leaves_nothing(self, session: Session) -> None:
        add_incident(session)
        run(session, "update incidents set status = status, text = text")
        run(session, "update incidents set status = 'closed' where false")
        run(session, "delete from incidents where false")
        assert not entries(session, action="update")
        assert not entries(session, action="delete")

    def test_a_delete_leaves_what_was(self, session: Session) -> None:
        made = add_incident(session)
        run(session, "delete from incidents")
        (entry,) = entries(session, action="delete")
        (inserted,) = entries(session, action="insert", noun="incidents")
        assert (entry.row_id, entry.after) == (str(made), None)
        assert entry.before == inserted.after

    def test_a_new_key_is_a_change_too(self, session: Session) -> None:
        made, other = add_incident(session), uuid.uuid4()
        run(session, "update incidents set id = :other where id = :id", id=made, other=other)
        found = {entry.row_id: entry for entry in entries(session, action="update")}
        assert set(found) == {str(made), str(other)}
        assert found[str(made)].before["channel"] == found[str(other)].after["channel"] == "worker"
        assert found[str(made)].after is None
        assert found[str(other)].before is None

    def test_a_row_that_moves_to_another_month_keeps_its_name(self, session: Session) -> None:
        made = add_incident(session)
        run(
            session,
            "create table incidents_2026_12 partition of incidents for values from ('2026-12-01') to ('2027-01-01')",
        )
        run(session, "update incidents set happened_at = '2026-12-05' where id = :id", id=made)
        (entry,) = entries(session, action="update")
        assert entry.row_id == str(made)
        assert list(entry.after) == ["happened_at"]

    def test_a_truncation_is_seen(self, session: Session) -> None:
        add_incident(session)
        run(session, "truncate incidents")
        (entry,) = entries(session, action="truncate")
        assert (entry.noun, entry.row_id) == ("incidents", None)

    def test_a_statement_over_many_rows_leaves_one_entry_for_each(self, session: Session) -> None:
        made = {str(add_incident(session)) for _ in range(20)}
        run(session, "update incidents set status = 'closed'")
        run(session, "delete from incidents")
        for action in ("insert", "update", "delete"):
            found = entries(session, noun="incidents", action=action)
            assert {entry.row_id for entry in found} == made
            assert len(found) == 20
            assert len({entry.salt for entry in found}) == 20

    def test_an_upsert_leaves_what_it_did(self, session: Session) -> None:
        made = add_incident(session)
        for sealed in (b"a", b"b"):
            put_contact(session, made, sealed)
        assert [entry.action for entry in entries(session, noun="incidents_contact")] == ["insert", "update"]


class TestWho:
    def test_the_bound_account_post_and_role(self, session: Session) -> None:
        bind(session, account=5, post=9, role="planner", reason="asked by the office")
        add_incident(session)
        (entry,) = entries(session, noun="incidents")
        assert (entry.account_id, entry.post_id, entry.role) == (5, 9, "planner")
        assert entry.reason == "asked by the office"

    def test_without_an_account_the_login_is_named(self, session: Session) -> None:
        add_incident(session)
        (entry,) = entries(session, noun="incidents")
        assert (entry.account_id, entry.post_id, entry.role) == (None, None, None)
        assert entry.login == run(session, "select session_user").scalar_one()

    def test_settings_that_an_earlier_transaction_left_empty_count_as_none(self, city: House) -> None:
        with city.db.engine.connect() as connection:
            for _ in range(2):  # after the first, the settings read '' and not null
                with connection.begin(), Session(connection) as session:
                    bind(session, account=5, post=9, role="planner")
            with connection.begin(), Session(connection) as session:
                assert run(session, "select current_setting('gridgov.account', true)").scalar_one() == ""
                add_incident(session)
                (entry,) = entries(session, noun="incidents")
                assert (entry.account_id, entry.role) == (None, None)

    def test_a_context_that_is_no_number_stops_the_write(self, session: Session) -> None:
        bind(session, account="5; drop table incidents")
        with pytest.raises(DBAPIError, match="bigint"):
            add_incident(session)


class TestPersonal:
    SECRET = "张三 13800138000 住在三单元"

    def test_free_text_and_sealed_bytes_are_not_in_the_trail(self, session: Session) -> None:
        made = add_incident(session, said=self.SECRET, address=self.SECRET)
        sealed = b"\x01" + self.SECRET.encode()
        put_contact(session, made, sealed)
        run(session, "update incidents set text = text || '！'")
        run(session, "delete from incidents_contact")
        whole = json.dumps([dict(e._mapping) for e in entries(session)], ensure_ascii=False, default=str)
        assert whole.count("hmac:") >= 6
        for part in (self.SECRET, self.SECRET[:4], "13800138000", sealed.hex()):
            assert part not in whole
        assert "人民路" not in whole

    def test_the_control_without_a_list_of_personal_columns_shows_them(self, session: Session) -> None:
        run(session, "select audit_watch('incidents')")
        add_incident(session, said=self.SECRET)
        (entry,) = entries(session, noun="incidents")
        assert entry.after["text"] == self.SECRET

    def test_equality_shows_in_one_row_and_not_across_rows(self, session: Session) -> None:
        first = add_incident(session, said="a")
        add_incident(session, said="a")
        for value in ("b", "a"):
            run(session, "update incidents set text = :value where id = :id", value=value, id=first)
        mine = [e for e in entries(session, noun="incidents") if e.row_id == str(first)]
        (other,) = [e for e in entries(session, noun="incidents") if e.row_id != str(first)]
        a, b, again = (entry.after["text"] for entry in mine)
        assert a == again != b
        assert mine[1].before["text"] == a
        assert other.after["text"] != a

    def test_the_fingerprint_is_an_hmac_with_a_key_of_this_database(self, session: Session) -> None:
        import base64
        import hmac

        made = add_incident(session, said="秘密")
        inner, outer = run(session, "select inner_pad, outer_pad from audit_key").one()
        key = bytes(b ^ 0x36 for b in inner)
        assert key[32:] == bytes(32)
        assert bytes(b ^ 0x5C for b in outer) == key
        (entry,) = entries(session, noun="incidents")
        data = f"incidents|text|{made}|秘密".encode()
        expected = base64.b64encode(hmac.digest(key, data, "sha256")).decode()[:16]
        assert entry.after["text"] == f"hmac:{expected}"

    def test_every_plain_text_column_was_decided_on(self, session: Session) -> None:
        """A column of a watched table that could hold a name is a fingerprint, or stands in the list above."""
        sql = """
            select c.relname, a.attname, pg_get_functiondef(p.oid) from pg_trigger t
            join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where t.tgname = 'audit_insert' and c.relnamespace = 'demo'::regnamespace
              and a.atttypid in ('text'::regtype, 'jsonb'::regtype, 'bytea'::regtype, 'text[]'::regtype)
        """
        shown: dict[str, set[str]] = {}
        for table, column, body in run(session, sql):
            if f"'{column}', n.{column}" in body:
                shown.setdefault(table, set()).add(column)
        assert {name: seen for name, seen in shown.items() if seen - PLAIN.get(name, set())} == {}
        assert {name: kept for name, kept in PLAIN.items() if kept - shown.get(name, set())} == {}


class TestCompleteness:
    def unwatched(self, session: Session) -> set[str]:
        tables = run(
            session,
            "select c.relname, count(t.oid) from pg_class c left join pg_trigger t on t.tgrelid = c.oid "
            "and t.tgname in ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate') and t.tgenabled = 'O' "
            "where c.relnamespace = 'demo'::regnamespace and c.relkind in ('r', 'p') group by 1",
        )
        return {name for name, triggers in tables if triggers != 4 and why_not_watched(name) is None}

    def test_every_table_is_watched_or_named_with_a_reason(self, session: Session) -> None:
        assert self.unwatched(session) == set()
        run(session, "create table households_person (id bigint primary key)")
        run(session, "drop trigger audit_delete on incidents")
        run(session, "alter table auth_session disable trigger audit_update")
        assert self.unwatched(session) == {"households_person", "incidents", "auth_session"}

    def test_watching_again_changes_nothing(self, session: Session) -> None:
        sql = "select count(*) from pg_trigger where tgname like 'audit%'"
        before = run(session, sql).scalar_one()
        run(session, "select audit_watch('incidents', '{text, address, attributes}')")
        assert run(session, sql).scalar_one() == before
        add_incident(session)
        assert len(entries(session, noun="incidents")) == 1

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ("'incidents', '{txt}'", "no column txt"),
            ("'incidents', '{}', '{seen}'", "no column seen"),
            ("'catalogue.city'", "no table of this city"),
            ("'keyless'", "no primary key"),
        ],
    )
    def test_what_cannot_be_watched_is_refused(self, session: Session, arguments: str, said: str) -> None:
        run(session, "create table keyless (id int)")
        with pytest.raises(DBAPIError, match=said):
            run(session, f"select audit_watch({arguments})")

    def test_what_is_not_there_yet_is_passed_over(self, session: Session) -> None:
        run(session, "select audit_watch(to_regclass('tables_to_come'), '{anything}')")

    def test_a_quiet_column_is_no_event_and_the_end_is(self, session: Session) -> None:
        account = run(session, "insert into auth_account (name, created_at) values ('x', :at) returning id", at=NOW)
        values = {"account": account.scalar_one(), "at": NOW, "digest": b"d" * 32}
        run(
            session, "insert into auth_session (token_sha256, account_id, how, created_at, seen_at, expires_at) "
            "values (:digest, :account, 'password', :at, :at, :at)", **values,
        )  # fmt: skip
        run(session, "update auth_session set seen_at = seen_at + interval '1 minute'")
        run(session, "update auth_session set ended_at = :at", at=NOW)
        found = entries(session, noun="auth_session")
        assert [entry.action for entry in found] == ["insert", "update"]
        assert list(found[1].after) == ["ended_at"]
        assert "seen_at" not in found[0].after


class TestTogether:
    """The entry belongs to the write: both are there, or neither."""

    def test_what_is_undone_leaves_nothing(self, city: House) -> None:
        with city.db.engine.connect() as connection, Session(connection) as session:
            add_incident(session)
            assert entries(session, noun="incidents")
            session.rollback()
        with city.db.transaction() as session:
            assert not entries(session, noun="incidents")

    def test_a_part_that_is_undone_leaves_nothing_and_the_rest_its_entry(self, session: Session) -> None:
        kept = add_incident(session)
        with session.begin_nested() as part:
            add_incident(session)
            part.rollback()
        assert [entry.row_id for entry in entries(session, noun="incidents")] == [str(kept)]

    def test_no_write_without_its_entry(self, city: House) -> None:
        """When the trail cannot be written, nothing is."""
        with city.db.transaction() as session:
            run(session, "alter table audit_entry add constraint full_up check (noun <> 'incidents')")
        with pytest.raises(DBAPIError, match="full_up"), city.db.transaction() as session:
            add_incident(session)
        with city.db.transaction() as session:
            assert run(session, "select count(*) from incidents").scalar_one() == 0


class TestNotes:
    def test_a_note_is_an_entry_of_whoever_is_bound(self, session: Session) -> None:
        bind(session, account=5, post=9, role="planner")
        sql = "select audit_note('reveal', 'incidents_contact', :id, :why, cast(:facts as jsonb), 4)"
        made = run(session, sql, id="x", why="号码要回拨", facts='{"fields": ["phone"]}').scalar_one()
        (entry,) = entries(session, action="reveal")
        assert (entry.id, entry.account_id, entry.row_id, entry.unit_id) == (made, 5, "x", 4)
        assert (entry.reason, entry.facts) == ("号码要回拨", {"fields": ["phone"]})
        assert (entry.before, entry.after) == (None, None)

    @pytest.mark.parametrize("action", ["insert", "update", "delete", "truncate", "", "Reveal", "a b", "x" * 40, None])
    def test_nobody_notes_what_only_triggers_may(self, session: Session, action: str | None) -> None:
        with pytest.raises(DBAPIError, match="audit_note"):
            run(session, "select audit_note(:action, 'incidents')", action=action)

    @pytest.mark.parametrize(
        "values",
        [{"noun": "a b"}, {"noun": None}, {"row": "x" * 201}, {"why": "x" * 501}, {"facts": json.dumps("x" * 8001)}],
    )
    def test_a_note_has_its_limits(self, session: Session, values: dict[str, object]) -> None:
        sql = "select audit_note('export', :noun, :row, :why, cast(:facts as jsonb))"
        given = {"noun": "incidents", "row": None, "why": None, "facts": None} | values
        with pytest.raises(DBAPIError, match="audit_note"):
            run(session, sql, **given)


def test_the_trail_only_grows(city: House) -> None:
    """Also for the owner, until the trigger is switched off on purpose."""
    with city.db.transaction() as session:
        add_incident(session)
    for sql in ("update audit_entry set noun = ''", "delete from audit_entry", "truncate audit_entry",
                "delete from audit_seal", "delete from audit_approval_step"):  # fmt: skip
        with pytest.raises(DBAPIError, match="only grows"), city.db.transaction() as session:
            session.execute(text(sql))


class TestUpgrading:
    """The functions and triggers are put in place at every upgrade, beside whoever writes."""

    def test_an_upgrade_does_not_wait_for_a_writer(self, city: House) -> None:
        with city.db.engine.connect() as connection, Session(connection) as writer:
            add_incident(writer)
            run(writer, "update auth_account set title = title")
            with city.db.transaction() as session:
                run(session, "set local lock_timeout = '100ms'")
                again(session)
            writer.rollback()

    def test_what_was_switched_off_fires_again_after_it(self, session: Session) -> None:
        run(session, "alter table incidents disable trigger audit_insert")
        run(session, "drop trigger audit_delete on incidents")
        run(session, "alter table audit_entry disable trigger audit_grows")
        run(session, "create or replace function audit_on_incidents() returns trigger language plpgsql as "
            "'begin return null; end'")  # fmt: skip
        again(session)
        add_incident(session)
        run(session, "delete from incidents")
        assert [entry.action for entry in entries(session, noun="incidents")] == ["insert", "delete"]
        with pytest.raises(DBAPIError, match="only grows"), session.begin_nested():
            run(session, "delete from audit_entry")


def again(session: Session) -> None:
    """What an upgrade does for the trail."""
    cursor(session).execute((OBJECTS / "city" / "20_audit.sql").read_bytes())
