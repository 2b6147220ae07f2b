"""Residents: with the number and the secret of a receipt anybody learns how that matter stands, and nothing else."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from gridgov.api.routes import receipts as route
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.incidents.receipts import number_of, proved, receipt_secret
from gridgov.platform.crypto import Sealer, new_key
from tests import sample
from tests.integration.auth.browser import Browser, told
from tests.people import appoint

ASK = "/api/v1/receipts"
PHONE, NAME, SAID = "13800001234", "王小明", "路口有暴露垃圾，请联系我"


def report(browser: Browser, place: str = "A01") -> dict[str, Any]:
    lon, lat = sample.centre(place)
    answer = browser.ask(
        "POST",
        "/api/v1/incidents",
        json={
            "id": str(uuid.uuid4()),
            "category": "06010",
            "point": {"lon": lon, "lat": lat},
            "happened_at": datetime.now(UTC).isoformat(),
            "channel": "mini-program",
            "text": SAID,
            "address": "西街 1 号",
            "reporter": {"name": NAME, "phone": PHONE},
        },
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ask(browser: Browser, number: str, secret: str) -> httpx.Response:
    return browser.ask("POST", ASK, json={"number": number, "secret": secret})


def test_a_receipt_tells_how_the_matter_stands_and_nothing_about_anybody(browser: Browser, city: House) -> None:
    given = report(browser)
    assert len(given["secret"]) == 10
    answer = ask(browser, given["number"], given["secret"])
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert set(seen) == {"number", "status", "category", "happened_at", "received_at", "agency", "result"}
    assert (seen["number"], seen["status"], seen["category"]["code"]) == (given["number"], "open", "06010")
    assert seen["agency"]["names"]["en"] == "Sanitation Office"
    for personal in (PHONE, NAME, SAID, "西街", given["id"], "117.0"):
        assert personal not in answer.text, personal
    with city.db.transaction() as session:
        session.execute(text("update incidents set status = 'closed'"))
    assert ask(browser, given["number"], given["secret"]).json()["status"] == "closed"


def test_a_secret_may_be_typed_as_people_type(browser: Browser) -> None:
    given = report(browser)
    secret = given["secret"]
    for typed in (secret.lower(), f" {secret[:5]}-{secret[5:]} ", secret.replace("0", "O").replace("1", "l")):
        assert ask(browser, f" {given['number']} ", typed).status_code == 200, typed


def test_wrong_and_absent_get_the_same_answer(browser: Browser) -> None:
    given, other = report(browser), report(browser)
    day, count = given["number"].split("-")
    said = {
        "wrong secret": ask(browser, given["number"], "0000000000"),
        "another's secret": ask(browser, given["number"], other["secret"]),
        "absent": ask(browser, f"{day}-{int(count) + 999:06}", given["secret"]),
        "another day": ask(browser, f"20200101-{count}", given["secret"]),
        "no number": ask(browser, "hello", given["secret"]),
        "no day": ask(browser, f"99999999-{count}", given["secret"]),
        "the first day": ask(browser, f"00010101-{count}", given["secret"]),
        "the last day": ask(browser, f"99991231-{count}", given["secret"]),
        "too great": ask(browser, f"{day}-{'9' * 18}", given["secret"]),
        "other digits": ask(browser, given["number"].replace("2", "２"), given["secret"]),
        "nothing": ask(browser, "", ""),
    }
    assert {name: answer.status_code for name, answer in said.items() if answer.status_code != 404} == {}
    assert len({told(answer) for answer in said.values()}) == 1
    assert said["absent"].json()["code"] == "receipt-unknown"


def test_a_receipt_opens_its_own_matter_alone(browser: Browser, city: House) -> None:
    """The second fence: bound to one incident, the database shows the resident's role that one."""
    given, _ = report(browser), report(browser)
    everything = "select count(*) from incidents"
    with city.acting(Caller("receipt.read"), incident=UUID(given["id"])) as work:
        assert work.session.execute(text(everything)).scalar_one() == 1
    with city.acting(Caller("receipt.read")) as work:
        assert work.session.execute(text(everything)).scalar_one() == 0
    with city.db.transaction() as session:
        assert session.execute(text(everything)).scalar_one() == 2


def test_guessing_is_locked_for_the_number_and_limited_for_the_address(browser: Browser) -> None:
    given, other = report(browser), report(browser)
    said = [ask(browser, given["number"], "0000000000").status_code for _ in range(route.NUMBER.failures + 1)]
    assert said == [404] * route.NUMBER.failures + [429]
    assert ask(browser, given["number"], given["secret"]).status_code == 429, "whoever guesses does not learn more"
    assert ask(browser, other["number"], other["secret"]).status_code == 200
    left = route.NETWORK.limit - len(said)
    said = [ask(browser, f"20200101-{n:06}", "0000000000").status_code for n in range(left + 5)]
    assert 429 in said
    assert said[-1] == 429
    assert ask(browser, other["number"], other["secret"]).status_code == 429


def test_somebody_who_is_signed_in_may_ask_too(browser: Browser, base: str, city: House) -> None:
    given = report(browser)
    worker = appoint(city, Role.GRID_WORKER, area="B08")
    body = {"number": given["number"], "secret": given["secret"]}
    assert httpx.post(base + ASK, json=body, headers=worker.headers).status_code == 200


def test_a_repeated_report_gets_the_same_receipt(browser: Browser) -> None:
    lon, lat = sample.centre("A01")
    body = {
        "id": str(uuid.uuid4()), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "mini-program",
        "happened_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    first, again = (browser.ask("POST", "/api/v1/incidents", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["secret"] == again.json()["secret"]


# --- the secret ------------------------------------------------------------------------------------------------------


def test_the_secret_follows_from_the_id_and_the_key() -> None:
    key, ids = new_key(), [uuid.uuid4() for _ in range(2_000)]
    made = {receipt_secret(Sealer(key), one) for one in ids}
    assert len(made) == len(ids)
    assert made == {receipt_secret(Sealer(key), one) for one in ids}
    assert not made & {receipt_secret(Sealer(new_key()), one) for one in ids}
    letters = "".join(sorted(made))
    assert set(letters) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    for letter in set(letters):  # 20,000 letters over 32: each about 625 times
        assert 500 < letters.count(letter) < 750


def test_a_receipt_outlives_the_key_it_was_made_with(browser: Browser, city: House) -> None:
    given = report(browser)
    zone = ZoneInfo("Asia/Shanghai")
    key, newer = new_key(), new_key()
    incident = UUID(given["id"])
    secret = receipt_secret(Sealer({1: key}), incident)
    rotated = Sealer({1: key, 2: newer})
    assert receipt_secret(rotated, incident) != secret
    with city.internally("door") as session:
        for sealer, said in ((rotated, secret), (rotated, receipt_secret(rotated, incident))):
            assert proved(session, sealer, given["number"], said, zone=zone) == incident
        assert proved(session, Sealer({2: newer}), given["number"], secret, zone=zone) is None


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", "20260102"), ("UTC", "20260101")])
def test_the_day_of_a_number_is_the_citys(zone: str, day: str) -> None:
    late = datetime(2026, 1, 1, 20, tzinfo=UTC)
    assert number_of(17, late, ZoneInfo(zone)) == f"{day}-000017"


def test_a_matter_of_the_last_hour_of_a_day_is_found(city: House, browser: Browser) -> None:
    given = report(browser)
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for moment in (midnight, midnight - timedelta(microseconds=1)):
        with city.db.transaction() as session:
            session.execute(text("update incidents_key set happened_at = :at"), {"at": moment})
            number = session.execute(
                text("update incidents set happened_at = :at returning number"), {"at": moment}
            ).scalar_one()
        answer = ask(browser, number_of(number, moment, zone), given["secret"])
        assert answer.status_code == 200, moment
