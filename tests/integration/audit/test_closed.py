"""The trail is closed: whoever writes watched rows neither reads it nor writes in it nor leads its functions astray."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from gridgov.bootstrap import House
from tests.integration.audit.conftest import run


class TestUnprivileged:
    """As somebody who may write incidents and call audit_note, and no more."""

    @pytest.fixture
    def clerk(self, city: House) -> Iterator[psycopg.Connection]:
        """A connection as an ordinary role, undone afterwards."""
        name = f"clerk_{uuid.uuid4().hex[:8]}"
        with city.db.transaction() as session:
            run(session, f"create role {name} nologin nosuperuser")
            run(session, f"grant usage on schema demo, catalogue, public to {name}")
            run(session, f"grant select, insert, update, delete on incidents, incidents_key to {name}")
            run(session, f"grant select on areas_version, duties_category to {name}")
            run(session, f"grant usage on sequence incidents_number to {name}")
            run(session, f"grant execute on function audit_note to {name}")
            run(session, f"create policy clerk on incidents to {name} using (true) with check (true)")
            run(session, f"create policy clerk on incidents_key to {name} using (true) with check (true)")
        with city.db.engine.connect() as held:
            connection = held.connection.driver_connection
            assert isinstance(connection, psycopg.Connection)
            connection.execute(f"set local role {name}")
            yield connection
            connection.rollback()
        with city.db.transaction() as session:
            run(session, f"drop owned by {name}")
            run(session, f"drop role {name}")

    def test_writes_leave_entries_although_the_writer_may_not_write_them(self, clerk: psycopg.Connection) -> None:
        clerk.execute(ADD_AS_CLERK)
        clerk.execute("select audit_note('export', 'incidents')")
        clerk.execute("reset role")
        actions = clerk.execute("select action from audit_entry order by id").fetchall()
        assert actions == [("insert",), ("export",)]

    def test_the_trail_is_closed(self, clerk: psycopg.Connection) -> None:
        clerk.execute(ADD_AS_CLERK)
        for sql in CLOSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), clerk.transaction():
                clerk.execute(sql)
        with clerk.transaction():
            clerk.execute("select 1 from incidents")

    def test_names_of_ones_own_do_not_come_before_those_of_the_trail(self, clerk: psycopg.Connection) -> None:
        """Functions that work as their owner must not be led astray by temporary objects or another path."""
        for sql in (
            "create temporary table audit_entry (like demo.incidents_key)",
            "create temporary table audit_key (inner_pad bytea, outer_pad bytea)",
            "create function pg_temp.audit_pad(boolean) returns bytea language sql as 'select null::bytea'",
            "create function pg_temp.audit_fingerprint(bytea) returns text language sql as 'select 1/0'",
            "create function pg_temp.gen_random_uuid() returns uuid language sql as 'select null::uuid'",
        ):
            clerk.execute(sql)
        clerk.execute("set local search_path = pg_temp, demo, catalogue, public")
        clerk.execute(ADD_AS_CLERK)
        clerk.execute("select demo.audit_note('export', 'incidents')")
        clerk.execute("reset role")
        found = clerk.execute("select action, after ->> 'text' from demo.audit_entry order by id").fetchall()
        assert [action for action, _ in found] == ["insert", "export"]
        assert found[0][1].startswith("hmac:")

    def test_every_function_with_its_owners_rights_has_a_safe_path(self, city: House) -> None:
        with city.db.transaction() as session:
            sql = "select p.proname, p.proconfig from pg_proc p where pronamespace = 'demo'::regnamespace and prosecdef"
            paths = {row[0]: row[1] for row in run(session, sql)}
            run(session, "create function loose() returns int language sql security definer as 'select 1'")
            loose = {row[0]: row[1] for row in run(session, sql)}
        assert {"audit_note", "audit_own", "audit_proof", "audit_on_incidents"} <= set(paths)
        assert {name for name, config in paths.items() if not _safe(config)} == set()
        assert {name for name, config in loose.items() if not _safe(config)} == {"loose"}


CLOSED = (
    "select * from audit_entry",
    "insert into audit_entry (xid, at, salt, login, action, noun) values (1, now(), gen_random_uuid(), '', '', '')",
    "update audit_entry set reason = ''",
    "delete from audit_entry",
    "truncate audit_entry",
    "select * from audit_seal",
    "select * from audit_key",
    "select * from audit_approval",
    "select nextval('audit_entry_id_seq')",
    "select audit_watch('incidents')",
    "select audit_pad(true)",
    "explain verbose select audit_fingerprint('x')",
    "select * from audit_own('incidents', '')",
    "select * from audit_proof(1, '')",
    "alter table incidents disable trigger audit_insert",
    "drop trigger audit_insert on incidents",
    "set local session_replication_role = replica",
    "create trigger x before insert on incidents execute function audit_on_incidents()",
)


def _safe(config: list[str] | None) -> bool:
    """A path that ends in pg_temp and names nothing that others may write to."""
    return config is not None and any(
        one.startswith("search_path=") and one.endswith("pg_temp") and "public" not in one for one in config
    )


ADD_AS_CLERK = """
    insert into demo.incidents (id, category_id, channel, happened_at, reported_lon, reported_lat, datum, area_id, hex9,
                                text, geom)
    select '00000000-0000-0000-0000-000000000001', (select min(id) from demo.duties_category), 'worker', '2026-11-05',
           0, 0, 'wgs84', g.area_id, 1, '张三', public.st_setsrid(public.st_makepoint(0, 0), 4326)
    from demo.areas_version g where g.code = 'A05'
"""


def test_what_each_role_of_the_table_may_do_with_the_trail(city: House) -> None:
    """Nobody but triggers and `audit_note` writes entries; only the sealer adds seals; only it and the auditor read."""
    sql = """
        select r.rolname, t.name, v.verb from pg_roles r
        cross join unnest(array['audit_entry', 'audit_seal', 'audit_key']) t (name)
        cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'trigger']) v (verb)
        where r.rolname like 'gridgov\\_%' and has_table_privilege(r.rolname, t.name, v.verb)
    """
    with city.db.transaction() as session:
        found = {tuple(row) for row in run(session, sql)}
        others = run(session, "select count(*) from pg_roles where rolname like 'gridgov\\_%'").scalar_one()
    readers = {"gridgov_sealer", "gridgov_auditor", "gridgov_auditor_city"}
    expected = {(role, table, "select") for role in readers for table in ("audit_entry", "audit_seal")}
    assert found == expected | {("gridgov_sealer", "audit_seal", "insert")}
    assert others > 20
