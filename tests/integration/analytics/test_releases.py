"""Public counts from the database to the answer: what is hidden, that a release stays, that nobody needs an account."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform import clock
from tests import sample
from tests.conftest import live

MONTH, AFTER = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)
PLACED = {"A01": 7, "A02": 6, "A03": 1, "A04": 1, "A07": 1, "B01": 20, "B02": 30, "B03": 40}


@pytest.fixture
def city(house: House) -> House:
    """The sample city with a known number of incidents in one month."""
    with house.db.transaction() as session:
        sample.set_up(session, valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    place(house, PLACED)
    return house


@pytest.fixture
def nobody(city: House) -> Iterator[httpx.Client]:
    """Who has not signed in."""
    with live(city) as base, httpx.Client(base_url=base, timeout=60) as made:
        yield made


def place(house: House, counts: Mapping[str, int], *, at: datetime = MONTH, status: str = "closed") -> None:
    """So many incidents in each of these grids."""
    old = [
        OldIncident(uuid.uuid4(), "06010", *sample.centre(code), at + timedelta(days=3), status=status)
        for code, n in counts.items()
        for _ in range(n)
    ]
    with house.db.transaction() as session:
        take_many(session, old, locator=house.locator, router=house.router, now=AFTER)


def public(client: httpx.Client, month: str = "2026-09") -> dict[str, Any]:
    answer = client.get("/api/v1/public/density", params={"month": month})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counted(found: Mapping[str, Any]) -> dict[str, int | None]:
    return {item["code"]: item["count"] for item in found["items"]}


def true_counts() -> Counter[str]:
    above = {"W1": "W", "W2": "W", "E1": "E", "E2": "E"}
    found: Counter[str] = Counter()
    for grid, n in PLACED.items():
        community = sample.COMMUNITY[grid]
        for code in (community, above[community], "C"):
            found[code] += n
    found["WS"] = found["W"]
    return found


def test_what_is_shown_is_true_and_the_small_is_hidden(nobody: httpx.Client) -> None:
    """Of the western communities one has three incidents: it is hidden, and so is the other beside it, or, where chance
    hid their sum, that."""
    found = public(nobody)
    shown, true = counted(found), true_counts()
    assert found["least"] == 5
    assert true["W2"] == 3
    assert shown["W2"] is None
    assert shown["W1"] is None or shown["WS"] is None
    assert shown["C"] == true["C"] == sum(PLACED.values())
    assert {code for code, n in shown.items() if n is not None and n != true[code]} == set()


def test_grids_are_in_no_public_answer(nobody: httpx.Client) -> None:
    levels = {item["level"] for item in public(nobody)["items"]}
    assert levels == {"city", "district", "subdistrict", "community"}


def test_a_release_stays_whatever_is_reported_later(nobody: httpx.Client, city: House) -> None:
    """Two versions could be subtracted: the control is what would be counted now."""
    first = public(nobody)
    place(city, {"B01": 1, "A03": 20})
    assert public(nobody) == first
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == sum(PLACED.values()) + 21
        session.execute(text("delete from analytics_release"))
    assert counted(public(nobody))["C"] == sum(PLACED.values()) + 21


def test_many_who_ask_first_at_once_get_one_release(city: House, nobody: httpx.Client) -> None:
    """Each of them makes one with draws of its own; one is stored, and all are answered with that."""
    answers: list[str] = []

    def ask() -> None:
        answers.append(httpx.get(f"{nobody.base_url}/api/v1/public/density?month=2026-09", timeout=60).text)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from analytics_release")).scalar_one() == 1


def test_void_and_duplicate_ones_are_no_matters(city: House, nobody: httpx.Client) -> None:
    place(city, {"B01": 9}, status="void")
    place(city, {"B01": 9}, status="duplicate")
    place(city, {"B01": 2}, status="open")
    assert counted(public(nobody))["C"] == sum(PLACED.values()) + 2


def test_a_month_that_has_not_ended_and_what_is_no_month_are_refused(nobody: httpx.Client) -> None:
    for month in (f"{clock.utcnow() + timedelta(days=40):%Y-%m}", "2026-13", "2026-9", "2026-09-01", ""):
        answer = nobody.get("/api/v1/public/density", params={"month": month})
        assert answer.status_code == 422, month
        assert answer.json()["remedy"]
    assert nobody.get("/api/v1/public/density").status_code == 422


@pytest.mark.parametrize("more", ["category=06010", "status=open", "from=2026-09-01", "area=1"])
def test_no_other_cut_can_be_asked_for(nobody: httpx.Client, more: str) -> None:
    """An unknown parameter changes nothing; nothing but the month counts."""
    assert nobody.get(f"/api/v1/public/density?month=2026-09&{more}").json() == public(nobody)


def test_a_month_without_incidents_shows_no_number_and_stays_open(city: House, nobody: httpx.Client) -> None:
    """Whoever asks before old incidents are imported must not shut their month for good."""
    assert set(counted(public(nobody, "2026-03")).values()) == {None}
    place(city, {"B01": 50}, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert counted(public(nobody, "2026-03"))["C"] == 50


def test_new_boundaries_do_not_change_what_was_released(city: House, nobody: httpx.Client) -> None:
    from gridgov.areas import service as areas

    first = public(nobody)
    with city.db.transaction() as session:
        new = [
            replace(area, geom=sample.cell("B01" if area.code == "A02" else "A02"))
            if area.code in ("A02", "B01")
            else area
            for area in sample.new_areas()
        ]
        areas.put_in_force(session, new, name="A02 and B01 change places", valid_from=clock.utcnow())
    assert public(nobody) == first
