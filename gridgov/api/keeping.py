"""What a server does beside answering: seal the trail, tell the news, put plans in force, keep months ready, sweep.

Owns the threads, how often, and their end. Does not own what is done. Several servers of one city do no harm: sealing
takes a lock, events and deliveries are held by one at a time, and everything else may be done twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic

import numpy as np
from sqlalchemy.orm import Session

from gridgov.analytics import province
from gridgov.analytics.store import bins
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import View
from gridgov.api import alerting
from gridgov.areas.service import CityUnknown
from gridgov.audit import sealing
from gridgov.bootstrap import FOLLOWERS, HOLDINGS, House
from gridgov.cases import jobs as cases
from gridgov.cases import recounting
from gridgov.duties import admission
from gridgov.incidents import orphans
from gridgov.incidents.months import ensure_coming
from gridgov.incidents.points import StoredPoints
from gridgov.notices import jobs as news
from gridgov.notices.jobs import Deliverer
from gridgov.notices.sending import Ways
from gridgov.planning import jobs as plans
from gridgov.planning.worker import Worker
from gridgov.platform import clock, crypto, limits, litter
from gridgov.platform.calendars import Calendar
from gridgov.platform.days import calendar
from gridgov.platform.errors import GridgovError
from gridgov.platform.jobs import keep_on
from gridgov.privacy import jobs

SEALER, KEEPER, NOTIFIER, PROPOSER, COUNTER = "sealer", "keeper", "notifier", "proposer", "counter"
MONTHS, LITTER = "months", "litter"
DAY = timedelta(days=1)
FAN_OUT_IDLE_S, DELIVER_IDLE_S, PROPOSE_IDLE_S = 0.5, 1.0, 0.5
PLANS_IDLE_S = 1.0
BEGIN_S = 0.25
"""So long after the start the first loop takes its first turn, and each of the others so long after the one before: who
asks is answered first, and all of them together want one or two connections, not one each."""
Loop = Callable[[House, threading.Event], None]
RETRY = timedelta(seconds=30)
END_WITHIN_S = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that is done every so often; what fails is tried again after half a minute."""

    name: str
    every: timedelta
    run: Callable[[House], object]


def roll_up(house: House) -> bool:
    """Keeps the city's counts where its province sees them, if anybody there may ask."""
    with house.internally(COUNTER) as session:
        zone = house.locator.city(session).zone
    return province.roll_up(house.internally, house.shared, house.app.city, zone, now=clock.utcnow())


def keep_months(house: House) -> int:
    """As the owner: a new month is a new table."""
    with (house.forming or house.db).transaction() as session:
        return ensure_coming(session, clock.utcnow())


def retain(house: House) -> object:
    """Deletes or freezes personal data whose time is over."""
    return jobs.retain(partial(house.internally, KEEPER), HOLDINGS, now=clock.utcnow())


def sweep(house: House) -> int:
    """Forgets rate limits that no longer count; how many."""
    gone, more = 0, True
    while more:
        with house.internally(KEEPER) as session:
            swept = limits.sweep(session, clock.utcnow())
        gone, more = gone + swept.gone, swept.seen >= limits.SWEEP_MOST
    return gone


def forget_news(house: House) -> int:
    """Forgets events, messages and deliveries whose time is over; how many rows."""
    gone, more = 0, True
    while more:
        with house.internally(KEEPER) as session:
            swept = news.sweep(session, now=clock.utcnow())
        gone, more = gone + swept, swept >= news.SWEPT
    return gone


def clear_storage(house: House) -> int:
    """Takes away pictures that no row names; how many files."""
    opened = partial(house.internally, KEEPER)
    return orphans.sweep(opened, storage=house.storage, city=house.app.city, now=clock.utcnow())


def move_admissions(house: House) -> int:
    """Writes down what time has done to requests for admission; how many moved."""
    with house.internally("admitter") as session:
        return admission.sweep(session, now=clock.utcnow())


def look_through_all(house: House) -> int:
    """Finds what nobody can reach any more, also in what was put aside; how many objects."""
    del house
    return litter.all_anew()


def tell_lights(house: House) -> int:
    """Tells of clocks of cases that turned yellow or red; how many."""
    told, more = 0, True
    while more:
        with house.internally(KEEPER) as session:
            turned = cases.tell_lights(session, now=clock.utcnow())
        told, more = told + turned, turned >= cases.SWEPT
    return told


def resume_cases(house: House) -> int:
    """Lets cases go on that were suspended until today; how many."""
    with house.internally(KEEPER) as session:
        zone = house.locator.city(session).zone
        due = cases.to_resume(session, now=clock.utcnow(), zone=zone)
    return cases.resume(house.casework, due)


def recount_cases(house: House) -> int:
    """Counts the clocks of cases anew after the calendar has changed; how many cases changed."""

    @contextmanager
    def opened() -> Iterator[tuple[Session, Calendar]]:
        with house.db.transaction() as session:
            yield session, calendar(session, house.locator.city(session).zone)

    return recounting.recount(opened)


DUTIES = (
    Duty("alerts", timedelta(minutes=1), alerting.look),
    Duty("calendar", timedelta(minutes=1), recount_cases),
    Duty("lights", timedelta(minutes=1), tell_lights),
    Duty("suspended", timedelta(minutes=10), resume_cases),
    Duty("province", timedelta(minutes=1), roll_up),
    Duty(MONTHS, timedelta(days=1), keep_months),
    Duty("retention", timedelta(days=1), retain),
    Duty("sweep", timedelta(minutes=10), sweep),
    Duty("storage", timedelta(days=1), clear_storage),
    Duty("news", timedelta(hours=1), forget_news),
    Duty("admissions", timedelta(minutes=10), move_admissions),
    Duty(LITTER, DAY, look_through_all),
)


@contextmanager
def kept(house: House) -> Iterator[None]:
    """While the block lasts, what is to be done is done; then it ends, with a last seal."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_seal, args=(house, ended), name="sealer"),
        threading.Thread(target=_keep, args=(house, ended, BEGIN_S * (len(LOOPS) + 1)), name="keeper"),
    ]
    for number, (name, loop) in enumerate(LOOPS.items(), 1):
        threads.append(threading.Thread(target=_after, args=(BEGIN_S * number, loop, house, ended), name=name))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(timeout=END_WITHIN_S)


def _after(pause_s: float, loop: Loop, house: House, ended: threading.Event) -> None:
    if not ended.wait(pause_s):
        loop(house, ended)


def _count(house: House, ended: threading.Event) -> None:
    def warm(view: View) -> None:
        """The sums of counts and tiles, ahead of the first who asks."""
        with suppress(CityUnknown):
            with house.internally(COUNTER) as session:
                zone = house.locator.city(session).zone
            house.cubes.cube(view, zone)
        if view.family is INCIDENTS:
            bins.warm(view)

    house.counts.run(ended, warm=warm)


def _seal(house: House, ended: threading.Event) -> None:
    sealing.run(partial(house.internally, SEALER), house.signer, ended, clock=clock.utcnow)


def _fan_out(house: House, ended: threading.Event) -> None:
    def step() -> int:
        with house.internally(NOTIFIER) as session:
            return news.fan_out(session, house.app.city, now=clock.utcnow())

    keep_on("notices", step, ended, idle_s=FAN_OUT_IDLE_S)


def _deliver(house: House, ended: threading.Event) -> None:
    ways = Ways(partial(house.internally, NOTIFIER), house.channels, house.sealer)
    rng = np.random.default_rng(int.from_bytes(crypto.new_salt())).random
    keep_on("deliveries", Deliverer(ways, clock.utcnow, rng).step, ended, idle_s=DELIVER_IDLE_S)


def _propose(house: House, ended: threading.Event) -> None:
    """One community at a time: the other cores are for those who ask."""
    name = f"server-{crypto.new_secret()[:12]}"
    drawing, seeing = partial(house.internally, PROPOSER), house.db.transaction
    worker = Worker(drawing, seeing, StoredPoints(), clock.utcnow, name, ended=ended)
    keep_on("proposals", worker.step, ended, idle_s=PROPOSE_IDLE_S)


def _put_in_force(house: House, ended: threading.Event) -> None:
    """As the owner: boundaries change under everybody."""

    def step() -> int:
        return plans.step(house.db.transaction, FOLLOWERS, house.locator, clock.utcnow)

    keep_on("plans", step, ended, idle_s=PLANS_IDLE_S)


def _keep(house: House, ended: threading.Event, pause_s: float) -> None:
    began = monotonic()
    due = {duty.name: began + pause_s for duty in DUTIES}
    due |= {MONTHS: began, LITTER: began + DAY.total_seconds()}  # a month is there before what falls in it
    while not ended.wait(max(0.0, min(due.values()) - monotonic())):
        for duty in DUTIES:
            if due[duty.name] > monotonic() or ended.is_set():
                continue
            pause = duty.every
            try:
                duty.run(house)
            except GridgovError as problem:
                log.warning("%s: put off: %s", duty.name, problem)
                pause = RETRY
            except Exception:  # a thread that ended would do nothing any more, and nobody would hear of it
                log.exception("%s: failed; it is tried again", duty.name)
                pause = RETRY
            due[duty.name] = monotonic() + pause.total_seconds()


LOOPS: dict[str, Loop] = {
    "counts": _count,
    "plans": _put_in_force,
    "notices": _fan_out,
    "deliveries": _deliver,
    "proposals": _propose,
}
