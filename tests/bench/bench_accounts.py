"""What it costs to know who asks: look-up and context of a transaction beside a bare one; a sign-in.

The two take turns, a transaction each, so that whatever else runs on the machine meets both alike. What is compared
are medians: the promise is 0.3 ms (docs/security.md).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from sqlalchemy import text

from gridgov.auth import accounts, passwords
from gridgov.auth.accounts import OWNER
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House, prepare
from gridgov.platform import clock
from tests.bench.city import HOME
from tests.bench.demo import CITY, demo_city
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.people import Person, appoint

TURNS: dict[Scale, int] = {"full": 4_000, "small": 600}
SIGN_INS: dict[Scale, int] = {"full": 60, "small": 15}
PASSWORD = "seven quiet lanterns"  # of nobody


@bench("accounts")
def known(scale: Scale) -> Iterator[Row | LeftOut]:
    """Who asks, for each kind of post; and signing in."""
    with demo_city() as (house, url):
        prepare(url, CITY, HOME)
        for title, person in _people(house).items():
            yield _context(house, title, person, TURNS[scale])
        yield _sign_in(house, SIGN_INS[scale])


def _people(house: House) -> dict[str, Person]:
    with house.db.transaction() as session:
        query = "select distinct on (level) level, code from areas_version where upper_inf(valid) order by level, code"
        first = {row.level: row.code for row in session.execute(text(query))}
    return {
        "the whole city": appoint(house, Role.CENTRE_OPERATOR),
        "a district": appoint(house, Role.DISTRICT_SUPERVISOR, area=first["district"]),
        "a sub-district and its stationed units": appoint(house, Role.SUBDISTRICT_LEADER, area=first["subdistrict"]),
        "a grid": appoint(house, Role.GRID_WORKER, area=first["grid"]),
        "an agency": appoint(house, Role.AGENCY_HEAD, agency="CGJ"),
        "a machine": appoint(house, Role.MACHINE, permissions=("incidents.read",)),
    }


def _context(house: House, title: str, person: Person, turns: int) -> Row:
    """Milliseconds at the median; both transactions ask the same question."""
    asking = Caller("incidents.read", person.credential)

    def bound() -> None:
        with house.acting(asking) as work:
            assert work.actor.account_id == person.account_id
            work.session.execute(text("select 1"))

    def bare() -> None:
        with house.app.transaction() as session:
            session.execute(text("select 1"))

    ours, theirs = _in_turns(bound, bare, turns)
    return Row(
        f"a transaction for {title}",
        turns,
        ours,
        "the same transaction for nobody in particular",
        theirs,
        "ms, median",
        better="less",
        note=f"look-up and context: {ours - theirs:.3f} ms",
    )


def _sign_in(house: House, turns: int) -> Row:
    """A whole sign-in beside the hash alone, which is what it should cost."""
    from gridgov.api import door  # the application, only for those who ask for it

    with house.db.transaction() as session:
        accounts.open_account(session, OWNER, name="bench", password=PASSWORD, now=clock.utcnow())
    stored = passwords.hashed(PASSWORD)
    ours, theirs = _in_turns(
        lambda: _opened(door.sign_in(house, "bench", PASSWORD, address="203.0.113.1").secret),
        lambda: _opened(str(passwords.proves(stored, PASSWORD))),
        turns,
    )
    return Row("a sign-in", turns, ours, "its hash alone", theirs, "ms, median", better="less")


def _opened(secret: str) -> None:
    assert secret != "False"


def _in_turns(ours: Callable[[], None], theirs: Callable[[], None], turns: int) -> tuple[float, float]:
    """Medians in milliseconds, after a tenth of the turns to warm up."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(turns + turns // 10):
        for times, work in zip(took, (ours, theirs), strict=True):
            start = time.perf_counter()
            work()
            if turn >= turns // 10:
                times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(took[0]), statistics.median(took[1])
