"""Look-up by number, whatever key its index was made with; the change to a newer key, stopped and taken up again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import tests.mapped  # noqa: F401  # every mapped table
from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House
from gridgov.incidents import contacts, service
from gridgov.incidents.contacts import Contacts
from gridgov.incidents.rules import Channel, Report, Reporter
from gridgov.incidents.service import Indexes, OtherBody
from gridgov.platform import keyring
from gridgov.platform.cluster import Cluster
from gridgov.platform.crypto import Sealer, number_of
from gridgov.platform.db import Base, Database
from gridgov.platform.migrate import upgrade
from gridgov.privacy import jobs
from gridgov.privacy.jobs import Renewed
from gridgov.privacy.service import by_phone
from tests import sample
from tests.integration.privacy.conftest import NOW, Reporting, contact_row

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
TABLE = "incidents_contact"


def found(house: House, phone: str, sealer: Sealer | None = None) -> set[uuid.UUID]:
    """Incidents with a contact of this number."""
    with house.db.transaction() as session:
        who = by_phone(sealer or house.sealer, phone)
        return {uuid.UUID(key) for key in Contacts().find(session, who)}


@pytest.fixture
def ring(city: House) -> tuple[Sealer, Sealer]:
    """(the installation before, and after a second key was added)."""
    held = bytes(city.sealer.seal("x", place="y"))
    assert number_of(held) == 1
    return city.sealer, Sealer({1: _key_of(city), 2: NEW})


def _key_of(house: House) -> bytes:
    """The key of the house's home, read back from its file."""
    home = house.sealer._home
    assert home is not None
    return keyring.read(home, None)[1]


def renew(house: House, sealer: Sealer, *, reseal: bool = True, slice_rows: int = 500) -> Renewed:
    return jobs.renew(house.db.transaction, Base.metadata, sealer, reseal=reseal, slice_rows=slice_rows)[TABLE]


@pytest.mark.parametrize(
    "written", ["13812345678", "+86 138 1234 5678", "０１３８", "138-1234-5678", "008613812345678"]
)
def test_a_person_is_found_however_the_number_was_written(city: House, report: Reporting, written: str) -> None:
    mine = {report("13812345678"), report("+86 138-1234-5678"), report("１３８１２３４５６７８")}
    report("13812345679")
    report(None)
    assert found(city, written) == (set() if written == "０１３８" else mine)


def test_a_newer_key_takes_over_and_everything_is_found_meanwhile(
    city: House, report: Reporting, ring: tuple[Sealer, Sealer]
) -> None:
    before, after = ring
    mine = {report() for _ in range(5)}
    assert found(city, "13812345678", after) == mine, "nothing is re-sealed yet"
    assert renew(city, after, slice_rows=2) == Renewed(done=5)
    assert found(city, "13812345678", after) == mine
    only_new = Sealer({2: NEW})
    assert found(city, "13812345678", only_new) == mine
    with city.db.transaction() as session:
        for one in mine:
            assert (
                contacts.reveal(session, one, reach=EVERYWHERE, reason="test of keys", sealer=only_new).phone
                == "13812345678"
            )
    assert found(city, "13812345678", before) == set(), "the control: the old key finds nothing any more"
    assert renew(city, after) == Renewed(), "again changes nothing"


def test_stopped_in_the_middle_nothing_is_lost(city: House, report: Reporting, ring: tuple[Sealer, Sealer]) -> None:
    _, after = ring
    mine = {report() for _ in range(6)}

    def numbers() -> list[int]:
        rows = [contact_row(city, one) for one in mine]
        return sorted(number_of(bytes(row["phone_sealed"])) for row in rows if row is not None)

    @contextmanager
    def transaction() -> Iterator[Session]:
        if 2 in numbers():
            raise InterruptedError
        with city.db.transaction() as session:
            yield session

    with pytest.raises(InterruptedError):
        jobs.renew(transaction, Base.metadata, after, reseal=True, slice_rows=2)
    assert numbers() == [1, 1, 1, 1, 2, 2]
    assert found(city, "13812345678", after) == mine
    assert renew(city, after) == Renewed(done=4)
    assert found(city, "13812345678", Sealer({2: NEW})) == mine


def test_what_no_key_opens_is_left_alone_and_counted(
    city: House, report: Reporting, ring: tuple[Sealer, Sealer]
) -> None:
    _, after = ring
    report()
    broken = report()
    with city.db.transaction() as session:
        session.execute(
            text("update incidents_contact set phone_sealed = set_byte(phone_sealed, 20, 0) where incident_id = :id"),
            {"id": broken},
        )
        session.execute(
            text("update incidents_contact set phone_sealed = set_byte(phone_sealed, 21, 0) where incident_id = :id"),
            {"id": broken},
        )
    kept = contact_row(city, broken)
    assert renew(city, after, slice_rows=1) == Renewed(done=1, unreadable=1)
    assert contact_row(city, broken) == kept


def test_reports_taken_by_a_process_with_the_old_key_are_caught_by_the_next_run(
    city: House, report: Reporting, ring: tuple[Sealer, Sealer]
) -> None:
    _, after = ring
    report()
    renew(city, after)
    late = report()  # the house still seals with the old key
    assert late in found(city, "13812345678", after)
    assert renew(city, after) == Renewed(done=1)
    assert late in found(city, "13812345678", Sealer({2: NEW}))


def test_while_it_runs_people_may_write(city: House, report: Reporting, ring: tuple[Sealer, Sealer]) -> None:
    """A row that is being re-sealed is locked: a correction comes before or after it, and is never undone."""
    _, after = ring
    mine = [report() for _ in range(20)]

    def correct() -> None:
        for one in mine:
            with city.db.transaction() as session:
                Contacts().correct(session, [str(one)], {"phone": "13900000000"}, city.sealer)

    correcting = threading.Thread(target=correct)
    correcting.start()
    renew(city, after, slice_rows=1)
    correcting.join()
    renew(city, after)
    assert found(city, "13900000000", after) == set(mine)
    assert found(city, "13812345678", after) == set()


def test_a_text_that_is_no_number_has_no_index_and_stops_nobody(city: House, report: Reporting) -> None:
    odd, plain = report("ask the neighbour"), report()
    row = contact_row(city, odd)
    assert row is not None
    assert row["phone_index"] is None
    with city.db.transaction() as session:
        session.execute(text("update incidents_contact set phone_index = null"))
    assert renew(city, city.sealer, reseal=False, slice_rows=1).done == 2
    assert found(city, "13812345678") == {plain}


def test_how_many_fields_need_a_key_is_known(city: House, report: Reporting, ring: tuple[Sealer, Sealer]) -> None:
    _, after = ring
    report()
    report(name=None)
    with city.db.transaction() as session:
        assert jobs.by_key(session, Base.metadata) == {1: 3}
    renew(city, after)
    with city.db.transaction() as session:
        assert jobs.by_key(session, Base.metadata) == {2: 3}


def test_contacts_from_before_the_index_are_found_after_the_back_fill(cluster: Cluster) -> None:
    """Rows as the version before wrote them, in a database of that version."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    cluster.create_database(name)
    try:
        url = cluster.url(name)
        upgrade(url, "demo", to="city_0003")
        old = Database(url, "demo")
        sealer, incident = Sealer(OLD), uuid.uuid4()
        with old.transaction() as session:
            _a_place_as_before(session)
            _insert_as_before(session, incident, sealer)
        upgrade(url, "demo")
        with old.transaction() as session:
            row = session.execute(
                text(
                    "select c.area_id = i.area_id and c.unit_id = i.unit_id and c.grid_id = i.grid_id "
                    "and c.agency_id = i.agency_id as same, c.phone_index from incidents_contact c "
                    "join incidents i on i.id = c.incident_id"
                )
            ).one()
            assert row.same is True
            assert row.phone_index is None
            assert Contacts().find(session, by_phone(sealer, "13812345678")) == [], "the control: not found before"
        done = jobs.renew(old.transaction, Base.metadata, sealer, reseal=False)
        assert done[TABLE] == Renewed(done=1)
        with old.transaction() as session:
            assert Contacts().find(session, by_phone(sealer, "13812345678")) == [str(incident)]
            assert contacts.shown(session, incident, reach=EVERYWHERE, sealer=sealer).phone == "138****5678"
        old.close()
    finally:
        cluster.drop_database(name)


def _a_place_as_before(session: Session) -> None:
    """A sub-district with a grid, a matter and an agency; what writes them now knows columns that came later."""
    rows = """
        insert into areas_plan (name, digest, valid_from) values ('p', 'p', '2020-01-01 00:00+00');
        insert into areas (level, plan_id) select level, 1 from unnest('{city,subdistrict,grid}'::text[]) as level;
        insert into areas_version (area_id, plan_id, valid, level, parent_id, code, names, geom, label, area_m2, digest)
        select a.id, 1, tstzrange('2020-01-01 00:00+00', null), a.level, nullif(a.id - 1, 0),
               case a.level when 'city' then 'C' when 'subdistrict' then 'WS' else 'A02' end, '{}',
               st_multi(st_makeenvelope(117, 32, 117.01, 32.01, 4326)), st_setsrid(st_makepoint(117, 32), 4326), 1,
               '\\x00'
        from areas a;
        insert into duties_category (kind, code, names) values ('matter', '06010', '{}');
        insert into duties_agency (code, names) values ('HW', '{}')
        """
    for sql in rows.split(";"):
        session.execute(text(sql))


def _insert_as_before(session: Session, incident: uuid.UUID, sealer: Sealer) -> None:
    lon, lat = sample.centre("A02")
    session.execute(
        text("insert into incidents_key (id, body_sha256, happened_at) values (:id, '\\x00', :now)"),
        {"id": incident, "now": NOW},
    )
    session.execute(
        text(
            "insert into incidents (id, category_id, channel, happened_at, reported_lon, reported_lat, datum, "
            "area_id, grid_id, unit_id, agency_id, hex9, geom) "
            "select :id, (select min(id) from duties_category), 'worker', :now, :lon, :lat, 'wgs84', "
            "g.area_id, g.area_id, u.area_id, (select min(id) from duties_agency), 0, "
            "st_setsrid(st_makepoint(:lon, :lat), 4326) "
            "from areas_version g, areas_version u where g.code = 'A02' and u.code = 'WS'"
        ),
        {"id": incident, "now": NOW, "lon": lon, "lat": lat},
    )
    sealed = {
        field: sealer.seal(value, place=f"incidents_contact|{field}|{incident}")
        for field, value in (("name", "张三"), ("phone", "138 1234 5678"))
    }
    session.execute(
        text("insert into incidents_contact (incident_id, name_sealed, phone_sealed) values (:id, :name, :phone)"),
        {"id": incident, **sealed},
    )


def test_a_report_sent_again_after_the_change_of_the_key_is_a_repeat(city: House) -> None:
    """The digest that makes a repeat the same is keyed too. The control: without the old key it is another body."""
    lon, lat = sample.centre("A02")
    new = Report(uuid.uuid4(), "06010", lon, lat, NOW, Channel.HOTLINE, reporter=Reporter("张三", "13812345678"))

    def send(sealer: Sealer) -> bool:
        indexes = Indexes(city.locator, city.places, city.router, sealer)
        with city.db.transaction() as session:
            return service.report(session, new, indexes=indexes, now=NOW).repeated

    assert send(city.sealer) is False
    assert send(Sealer({1: _key_of(city), 2: NEW})) is True
    with pytest.raises(OtherBody):
        send(Sealer({2: NEW}))
