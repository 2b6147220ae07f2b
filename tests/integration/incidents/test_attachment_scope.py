"""Whoever sees an incident sees its photos, and nobody else: by post, by receipt, in the query and in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from tests.integration.incidents.taking import address, picture, report, send
from tests.people import Person, appoint

NOBODY = {"Authorization": ""}  # neither a session nor a token


@dataclass(frozen=True)
class Place:
    """Two incidents with a photo each: in grid A01 and in grid B08."""

    house: House
    client: httpx.Client
    near: dict[str, str]
    far: dict[str, str]
    photo: str

    def codes(self, who: Person | None, headers: Mapping[str, str] | None = None, *, add: int = 7) -> list[int]:
        """What somebody gets for the near incident: list, photo, preview, and another photo."""
        shown = {**(who.headers if who else NOBODY), **(headers or {})}
        gets = [
            self.client.get(path, headers=shown)
            for path in (address(self.near["id"]), self.photo, f"{self.photo}/preview")
        ]
        added = self.client.post(
            address(self.near["id"]), files=[("file", ("a", picture(add), "image/png"))], headers=shown
        )
        return [answer.status_code for answer in (*gets, added)]

    def rows(self, who: Person, permission: str = "attachments.read") -> int:
        """How many photos row security alone lets somebody see."""
        with self.house.acting(Caller(permission, who.credential)) as work:
            return int(work.session.execute(text("select count(id) from incidents_attachment")).scalar_one())


@pytest.fixture
def place(sampled: House, api: httpx.Client) -> Place:
    near, far = report(api, "A01"), report(api, "B08")
    photo = send(api, near["id"], picture(1)).json()["items"][0]["url"]
    send(api, far["id"], picture(2))
    return Place(sampled, api, near, far, photo)


# Who, where; whether the near and the far incident are theirs to see; what list, photo, preview and adding give.
ALL, SEEN, HIDDEN, NEVER = [200, 200, 200, 201], [200, 200, 200, 403], [404] * 4, [403] * 4
POSTS: tuple[tuple[Role, str | None, str | None, tuple[int, int], list[int]], ...] = (
    (Role.GRID_WORKER, "A01", None, (1, 0), ALL),
    (Role.GRID_WORKER, "A02", None, (0, 0), HIDDEN),
    (Role.COMMUNITY_OFFICER, "W1", None, (1, 0), ALL),
    (Role.COMMUNITY_OFFICER, "E2", None, (0, 1), HIDDEN),
    (Role.SUBDISTRICT_LEADER, "WS", None, (1, 0), ALL),
    (Role.CENTRE_OPERATOR, None, None, (1, 1), ALL),
    (Role.CENTRE_OPERATOR, "E", None, (0, 1), HIDDEN),
    (Role.DISTRICT_SUPERVISOR, "W", None, (1, 0), SEEN),
    (Role.AGENCY_OFFICER, None, "HW", (1, 1), ALL),
    (Role.AGENCY_HEAD, None, "HW", (1, 1), SEEN),
    (Role.DEPUTY, "W", None, (0, 0), NEVER),
    (Role.AUDITOR, None, None, (0, 0), NEVER),
    (Role.ADMINISTRATOR, None, None, (0, 0), NEVER),
)


def test_by_post(place: Place) -> None:
    near = 1
    for number, (role, area, agency, sees, expected) in enumerate(POSTS):
        who = appoint(place.house, role, area=area, agency=agency)
        assert place.codes(who, add=10 + number) == expected, (role, area)
        near += expected == ALL
        if expected != NEVER:
            assert place.rows(who) == sees[0] * near + sees[1], (role, area)


def test_query_and_policy_each_hold_alone(place: Place) -> None:
    stranger = appoint(place.house, Role.GRID_WORKER, area="A02")
    assert (place.rows(stranger), place.codes(stranger)) == (0, [404] * 4)
    with place.house.db.transaction() as session:
        session.execute(text("alter table incidents_attachment disable row level security"))
        session.execute(text("alter table incidents disable row level security"))
        session.execute(text("alter table incidents_key disable row level security"))
    assert place.rows(stranger) == 2, "the control: it was the policy that hid them"
    assert place.codes(stranger) == [404] * 4, "the condition of the query holds without it"


def test_nobody_reads_the_restricted_column_without_the_permission(place: Place) -> None:
    worker, operator = appoint(place.house, Role.GRID_WORKER, area="A01"), appoint(place.house, Role.CENTRE_OPERATOR)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        place.house.acting(Caller("attachments.read", worker.credential)) as work,
    ):
        work.session.execute(text("select gps_sealed from incidents_attachment"))
    with place.house.acting(Caller("attachments.gps", operator.credential)) as work:
        assert len(work.session.execute(text("select gps_sealed from incidents_attachment")).all()) == 2


def test_no_photo_is_put_where_one_may_not(place: Place) -> None:
    """By row security alone: a row of another place is refused, one of the own place is not."""
    worker = appoint(place.house, Role.GRID_WORKER, area="A01")
    copied = """
        insert into incidents_attachment (id, incident_id, number, sha256, size_bytes, width, height, kind, created_at,
                                          area_id, grid_id, unit_id, agency_id)
        values (:id, :incident, 5, sha256('x'), 1, 1, 1, 'png', now(), :area, :grid, :unit, null)
        """
    for incident, allowed in ((place.near["id"], True), (place.far["id"], False)):
        with place.house.db.transaction() as session:
            home = session.execute(
                text("select area_id, grid_id, unit_id from incidents where id = :id"), {"id": incident}
            ).one()
        values = {"id": uuid.uuid4(), "incident": incident, "area": home[0], "grid": home[1], "unit": home[2]}
        refused = nullcontext() if allowed else pytest.raises(ProgrammingError, match="row-level security")
        with refused, place.house.acting(Caller("attachments.add", worker.credential)) as work:
            work.session.execute(text(copied), values)


def test_by_receipt(place: Place) -> None:
    number, secret = place.near["number"], place.near["secret"]
    assert place.codes(None) == [404] * 4
    shown = {"X-Receipt-Number": number, "X-Receipt-Secret": secret}
    assert place.codes(None, shown) == [200, 200, 200, 201]
    assert place.codes(None, {"X-Receipt-Number": number}) == [404] * 4
    assert place.codes(None, shown | {"X-Receipt-Secret": "0000000000"}) == [404] * 4
    other = {"X-Receipt-Number": place.far["number"], "X-Receipt-Secret": place.far["secret"]}
    assert place.codes(None, other) == [404] * 4, "the receipt of another report opens that one alone"


def test_a_receipt_cannot_be_guessed_here_either(place: Place) -> None:
    guesses = [
        place.client.get(
            address(place.near["id"]),
            headers=NOBODY | {"X-Receipt-Number": place.near["number"], "X-Receipt-Secret": f"{guess:010d}"},
        ).status_code
        for guess in range(15)
    ]
    assert guesses[0] == 404
    assert guesses[-1] == 429


def test_photos_move_with_their_incident(place: Place) -> None:
    """A boundary changes: the photo follows in the same statement; without the trigger it would stay behind."""
    worker_of = {code: appoint(place.house, Role.GRID_WORKER, area=code) for code in ("A01", "A02")}
    move = """
        update incidents set (area_id, grid_id, unit_id) = (
            select v.area_id, v.area_id, i.unit_id from areas_version v, incidents i
            where v.code = :code and i.id = :id)
        where id = :id
        """
    with place.house.db.transaction() as session:
        session.execute(text(move), {"code": "A02", "id": place.near["id"]})
    assert (place.rows(worker_of["A01"]), place.rows(worker_of["A02"])) == (0, 1)
    assert place.client.get(place.photo, headers=worker_of["A02"].headers).status_code == 200
    with place.house.db.transaction() as session:
        session.execute(text("drop trigger incidents_attachment_follow on incidents"))
        session.execute(text(move), {"code": "A01", "id": place.near["id"]})
    assert (place.rows(worker_of["A01"]), place.rows(worker_of["A02"])) == (0, 1)
