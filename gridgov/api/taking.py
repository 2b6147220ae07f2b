"""Several reports in one transaction, with one durable commit for all: the work behind the hot path of intake.

Owns which of them can be taken together, and their answers. Does not own the queue (`intake`), nor what a report means
and what follows from it (`incidents`, `cases`). A report that cannot be taken here for whatever reason is left to the
route, which answers for it as if there were no hot path: this module refuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gridgov.api.routes.incidents import check_channel, receipt_body
from gridgov.auth.rules import Actor
from gridgov.bootstrap import Caller, House, Together
from gridgov.cases import service as cases
from gridgov.cases.opening import open_cases
from gridgov.incidents import batch
from gridgov.incidents.batch import Ready
from gridgov.incidents.receipts import receipt_secret
from gridgov.incidents.rules import Report
from gridgov.incidents.service import Indexes
from gridgov.platform import metrics
from gridgov.platform.errors import GridgovError, Refused, TooMany, Unavailable
from gridgov.platform.logs import get_logger
from gridgov.platform.request import Request

ROLE = "batch"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as it was sent. `request`: that it came with; who acts is noted there, for the log."""

    report: Report
    caller: Caller
    request: Request


@dataclass(frozen=True, slots=True)
class _Fit:
    """A report that can be stored, and by whom it was sent."""

    place: int
    actor: Actor
    ready: Ready


# The receipt as JSON; why nothing could be stored for anybody just now; or None: to be asked alone.
Outcome = bytes | Unavailable | None


def take(house: House, asked: Sequence[Asked]) -> list[Outcome]:
    """Stores what can be stored, and gives an outcome for each. What has a receipt is committed when this returns."""
    outcomes: list[Outcome] = [None] * len(asked)
    opened = False
    try:
        with house.acting_together([one.caller for one in asked]) as together:
            opened = True
            fits = _fitting(house, asked, together)
            receipts = _stored(house, fits, together) if fits else {}
    except Unavailable as problem:  # later on, one report may have met another of its id: each hears for itself
        return outcomes if opened else [problem] * len(asked)
    except GridgovError as problem:
        log.warning("reports are taken one by one", reports=len(asked), because=problem.code)
        return outcomes
    except Exception as failure:  # whatever it is, it may be one report's; alone each gets the answer that is its own
        log.error("reports are taken one by one", reports=len(asked), exc_info=failure)
        return outcomes
    for place, receipt in receipts.items():
        metrics.incident_taken(asked[place].report.channel)
        outcomes[place] = receipt
    return outcomes


def _fitting(house: House, asked: Sequence[Asked], together: Together) -> list[_Fit]:
    """Those whose sender may send them, that mean something, and that still have somebody who waits; of two with one id
    the first. Token by token they are counted when nothing else is left that could refuse them."""
    indexes = Indexes(house.locator, house.places, house.router, house.sealer)
    fits: list[_Fit] = []
    seen = set()
    for place, (one, actor) in enumerate(zip(asked, together.actors, strict=True)):
        if actor is None or one.request.abandoned or one.report.id in seen or not _may(actor, one.report):
            continue
        ready = batch.ready(together.session, one.report, indexes=indexes, marks=together.marks, now=together.now)
        if ready is None or not _counted(house, one, together):
            continue
        one.request.account_id, one.request.post_id = actor.account_id, actor.post_id
        seen.add(one.report.id)
        fits.append(_Fit(place, actor, ready))
    return fits


def _may(actor: Actor, report: Report) -> bool:
    try:
        check_channel(actor, report.channel)
    except Refused:
        return False
    return True


def _counted(house: House, one: Asked, together: Together) -> bool:
    """Takes one from what a token may ask, also for a report that the route answers in the end; a session has no such
    limit."""
    shown = one.caller.credential
    if shown is not None and shown.kind == "token":
        try:
            house.count_token(shown, together.now)
        except TooMany:
            return False
        one.request.counted = True
    return True


def _stored(house: House, fits: Sequence[_Fit], together: Together) -> dict[int, bytes]:
    """Place -> receipt, of those whose id was new. Made before the commit: afterwards nothing may fail."""
    setting, zone = house.case_setting(together.work), house.zone(together.work)
    together.bind(ROLE, {fit.ready.place.values["id"]: fit.actor for fit in fits})
    seen = batch.store(together.session, [fit.ready for fit in fits])
    stored = [(fit, one) for fit, one in zip(fits, seen, strict=True) if one is not None]
    begun = [(one.row, cases.standing(fit.actor).by) for fit, one in stored]
    open_cases(together.session, begun, setting=setting)
    return {
        fit.place: receipt_body(one, zone, receipt_secret(house.sealer, one.row.id)).model_dump_json().encode()
        for fit, one in stored
    }
