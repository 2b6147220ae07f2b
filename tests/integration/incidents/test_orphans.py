"""Rows and storage agree whatever fails in between: pictures without a row are taken away, others never."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House
from gridgov.incidents import attachments, orphans
from gridgov.platform import images
from gridgov.platform.storage import FOLDER
from tests.integration.incidents.taking import address, picture, report, send, stored

# At the commit, when everything is stored: the database says that it met a deadlock.
FAILING = """
    create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'not now' using errcode = 'deadlock_detected'; end $$;
    create constraint trigger fail after insert on incidents_attachment deferrable initially deferred
      for each row execute function fail();
    """


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


@pytest.fixture
def incident(client: httpx.Client) -> UUID:
    return UUID(report(client)["id"])


def add(house: House, session: Session, incident: UUID, number: int) -> None:
    """As a request does it, in a transaction of the test's own."""
    data = picture(number)
    attachments.add(
        session,
        incident,
        {attachments.id_of(incident, data): images.rebuild(house.examiner, data)},
        reach=EVERYWHERE,
        storage=house.storage,
        stored=[],
        city=house.app.city,
        sealer=house.sealer,
        now=datetime.now(UTC),
    )


class Killed(Exception):
    """A request that ends without a word."""


@contextmanager
def killed() -> Iterator[None]:
    with pytest.raises(Killed):
        yield


def leave_an_orphan(house: House, incident: UUID, number: int) -> list[str]:
    """Pictures of a request that was killed between storing and commit; the control of what is taken away below."""
    before = set(stored(house))
    with killed(), house.db.transaction() as session:
        add(house, session, incident, number)
        raise Killed
    left = sorted(set(stored(house)) - before)
    assert len(left) == 2
    return left


def sweep(house: House, now: datetime) -> int:
    return orphans.sweep(partial(house.internally, "keeper"), storage=house.storage, city=house.app.city, now=now)


def test_a_transaction_that_fails_leaves_no_picture(client: httpx.Client, house: House, incident: UUID) -> None:
    assert send(client, str(incident), picture(1)).status_code == 201
    before = stored(house)
    with house.db.transaction() as session:
        session.execute(text(FAILING))
    failed = send(client, str(incident), picture(2), picture(3))
    assert failed.status_code == 503
    assert stored(house) == before
    assert len(client.get(address(str(incident))).json()["items"]) == 1
    with house.db.transaction() as session:
        session.execute(text("drop trigger fail on incidents_attachment"))
    assert send(client, str(incident), picture(2), picture(3)).status_code == 201
    assert len(stored(house)) == 6


def test_what_a_killed_request_left_goes_when_it_is_old(client: httpx.Client, house: House, incident: UUID) -> None:
    send(client, str(incident), picture(1))
    kept = stored(house)
    left = leave_an_orphan(house, incident, 2)
    now = datetime.now(UTC)
    assert sweep(house, now) == 0, "it may belong to a request that is under way"
    assert sweep(house, now + timedelta(hours=2)) == 2
    assert stored(house) == kept
    assert not set(left) & set(stored(house))
    assert sweep(house, now + timedelta(hours=2)) == 0


def test_photos_that_were_removed_go_from_the_storage(client: httpx.Client, house: House, incident: UUID) -> None:
    other = report(client)["id"]
    for one in (str(incident), other):
        send(client, one, picture(1), picture(2))
    with house.internally("keeper") as session:
        assert orphans.remove(session, incident) == 2
    assert len(stored(house)) == 8
    assert sweep(house, datetime.now(UTC) + timedelta(hours=2)) == 4
    assert all(other in key for key in stored(house))
    assert client.get(address(str(incident))).json()["items"] == []
    assert send(client, str(incident), picture(1)).status_code == 201


def test_files_of_others_are_left_alone(house: House, client: httpx.Client, incident: UUID, tmp_path: Path) -> None:
    foreign = [
        tmp_path / FOLDER / name for name in ("readme.txt", "demo/readme.txt", "demo/notes/x.txt", "demo/a/b/c.jpg")
    ]
    for path in foreign:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not ours")
    assert sweep(house, datetime.now(UTC) + timedelta(days=1)) == 0
    assert all(path.exists() for path in foreign)


def test_clearing_waits_for_a_request_that_is_under_way(client: httpx.Client, house: House, incident: UUID) -> None:
    """Without the lock it would see a picture without a row, take it, and leave a row without its picture."""
    done = threading.Event()

    def clear() -> None:
        with house.internally("keeper") as session:
            orphans.tidy(session, incident, storage=house.storage, city=house.app.city)
        done.set()

    thread = threading.Thread(target=clear)
    with house.db.transaction() as session:
        add(house, session, incident, 1)
        assert len(stored(house)) == 2
        thread.start()
        waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        while session.execute(waiting).scalar_one() == 0:
            assert not done.is_set(), "it did not wait"
            time.sleep(0.02)
    thread.join()
    assert done.is_set()
    assert len(stored(house)) == 2
    (photo,) = client.get(address(str(incident))).json()["items"]
    assert client.get(photo["url"]).status_code == 200


def test_the_same_picture_in_two_photos_is_kept_while_one_needs_it(
    client: httpx.Client, house: House, incident: UUID
) -> None:
    """Two files with the same pixels: two photos, one picture in the storage."""
    data = picture(1)
    send(client, str(incident), data, data + b"trailing")
    assert len(client.get(address(str(incident))).json()["items"]) == 2
    assert len(stored(house)) == 2
    with house.db.transaction() as session:
        session.execute(text("delete from incidents_attachment where number = 1"))
    assert sweep(house, datetime.now(UTC) + timedelta(hours=2)) == 0
    (photo,) = client.get(address(str(incident))).json()["items"]
    assert client.get(photo["url"]).status_code == 200
