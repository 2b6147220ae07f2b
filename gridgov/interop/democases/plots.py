"""What may happen to a matter of the demo city, from its report to its end.

Owns the plots and how often each is told. Does not own whistles (`whistles`), nor the usual stages (`stages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from gridgov.cases.rules import LEVELS, Action, Body, NotAdmittedHere, RiskPoint, State
from gridgov.interop.democases.life import Life
from gridgov.interop.democases.stages import answer, end, file_it, receive, refuse, ruled, send
from gridgov.interop.democases.whistles import whistle
from gridgov.platform.calendars import Limit


def plain(life: Life, usual: float = 0.45) -> None:
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    answer(life, usual)
    end(life)


def on_spot(life: Life) -> None:
    """小事不出格: the worker who saw it settles it, unless its item has a risk point."""
    life.wait(7)
    try:
        life.do(life.cast.worker(life.ground), Action.HANDLE_ON_SPOT)
    except RiskPoint:
        return plain(life)
    life.wait(40)
    life.do(life.cast.centre, Action.CLOSE, facts={"condition": True})


def slow(life: Life) -> None:
    plain(life, usual=1.25)


def told_back(life: Life) -> None:
    """Who solved it tells the one who reported it."""
    plain(life)
    if life.file.state is State.CLOSED:
        life.office(1)
        life.do(life.cast.officer(life.holder), Action.FEED_BACK)


def returned(life: Life) -> None:
    file_it(life)
    if life.file.ended or not life.bodies:
        return
    send(life)
    life.office(1.5)
    life.do(life.cast.officer(life.holder), Action.ASK_RETURN)
    life.linger()
    life.office(1)
    if len(life.bodies) > 1 and life.chance(0.6):
        life.do(life.cast.centre, Action.AGREE_RETURN)
        send(life, life.bodies[1])
        receive(life)
    else:
        life.do(life.cast.centre, Action.DECLINE_RETURN)
    answer(life, 0.6)
    end(life)


def disputed(life: Life) -> None:
    file_it(life)
    if life.file.ended:
        return
    send(life)
    if life.file.disputes == 0:
        receive(life)
        life.office(2)
        ruled(life, life.cast.officer(life.holder))
    receive(life)
    answer(life)
    end(life)


def extended(life: Life) -> None:
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    life.use("handle", usual=0.5)
    clock = life.file.clock("handle")
    assert clock is not None
    more = Limit(max(1, clock.clock.limit.amount // 2), clock.clock.limit.unit)
    life.do(life.cast.officer(life.holder), Action.ASK_EXTENSION, facts={"limit": str(more)})
    life.office(1)
    given = life.chance(0.8)
    life.do(life.cast.centre, Action.GRANT_EXTENSION if given else Action.DECLINE_EXTENSION)
    answer(life, 0.85)
    end(life)


def suspended(life: Life) -> None:
    """挂账: kept in the book until a day that was set."""
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    life.office(4)
    life.do(life.cast.officer(life.holder), Action.ASK_SUSPENSION)
    life.office(3)
    until = life.at.date() + timedelta(days=6 + int(40 * life.rng.random()))
    life.do(life.cast.supervisor(life.ground), Action.SUSPEND, facts={"until": until.isoformat()})
    life.at += until - life.at.date()
    life.office(2)
    life.do(life.cast.centre, Action.RESUME)
    answer(life)
    end(life)


def reworked(life: Life) -> None:
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    answer(life)
    life.wait(10)
    life.do(life.cast.centre, Action.ASK_CHECK)
    life.wait(15)
    life.do(life.cast.worker(life.ground), Action.REWORK)
    answer(life, 0.5)
    end(life)


def escalated(life: Life) -> None:
    """From the community upwards, one tier at a time."""
    file_it(life)
    if life.file.ended:
        return
    levels = [level for level in LEVELS if level in life.ground.areas][1:3]
    who = life.cast.centre
    for level in levels:
        life.office(0.7)
        life.do(who, Action.ESCALATE, to=Body(area_id=life.ground.areas[level], level=level))
        receive(life)
        who = life.cast.officer(life.holder)
    answer(life)
    end(life)


def with_tasks(life: Life) -> None:
    """One desk before, another body behind it."""
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    helper = Body(agency_id=life.pick(life.world.departments)[0])
    life.office(1)
    life.do(life.cast.officer(life.holder), Action.ADD_TASK, to=helper)
    life.office(4)
    life.do(life.cast.officer(helper), Action.FINISH_TASK, facts={"task": 1})
    answer(life, 0.7)
    end(life)


def ordered(life: Life) -> None:
    """A department orders of the sub-district what the list gives the sub-district a part in."""
    file_it(life)
    offices = [one for one in life.bodies if one.level in ("subdistrict", "community")]
    if life.file.ended or not offices or life.bodies[0].agency_id is None:
        return
    send(life)
    receive(life)
    life.office(2)
    try:
        life.do(life.cast.officer(life.holder), Action.ORDER, to=offices[0])
    except NotAdmittedHere:  # the list gives that office no part of it, and nothing was admitted: it stays
        life.office(1)
    else:
        receive(life)
    answer(life)
    end(life)


def cancelled(life: Life) -> None:
    life.wait(8)
    life.do(life.cast.centre, Action.CANCEL)


def refused(life: Life) -> None:
    life.wait(8)
    refuse(life)


def reopened(life: Life) -> None:
    plain(life)
    if life.file.state is not State.CLOSED:
        return
    life.office(14)
    life.do(life.cast.centre, Action.REOPEN)
    send(life)
    receive(life)
    answer(life)
    end(life)


def forced(life: Life) -> None:
    """What never came to an end, ended by the district."""
    file_it(life)
    if life.file.ended:
        return
    send(life)
    receive(life)
    life.use("handle", usual=2.2)
    life.do(life.cast.supervisor(life.ground), Action.FORCE_CLOSE)


def noted(life: Life) -> None:
    life.wait(5)
    life.do(life.cast.worker(life.ground), Action.NOTE)
    plain(life)


# Plot -> how often among the cases of the past, and among the last ones, which show what there is.
PLOTS: Mapping[Callable[[Life], None], tuple[float, float]] = {
    plain: (62.0, 34.0), told_back: (8.0, 6.0), slow: (4.0, 7.0), returned: (2.5, 5.0), disputed: (1.2, 4.0),
    extended: (2.5, 4.0), suspended: (0.8, 3.0), reworked: (2.5, 4.0), escalated: (1.5, 3.0), with_tasks: (1.2, 3.0),
    ordered: (0.8, 2.0), cancelled: (0.6, 2.0), refused: (1.4, 2.0), reopened: (1.0, 1.0), forced: (0.3, 1.0),
    noted: (1.2, 2.0), whistle: (3.0, 14.0),
}  # fmt: skip
ON_SPOT = 0.6  # of what a worker reports
SAME = 0.4  # of what lies near an open case of the same matter


def merged(life: Life) -> None:
    """The same matter as one close by: its reporter follows that file from now on."""
    life.wait(8)
    life.do(life.cast.centre, Action.MERGE, facts={"into": str(life.near)})
    if life.chance(0.08):
        life.wait(60)
        life.do(life.cast.centre, Action.UNMERGE)
        plain(life)


def choose(life: Life) -> Callable[[Life], None]:
    """The plot of a case, by chance."""
    if life.near is not None and life.chance(SAME):
        return merged
    if life.file.channel == "worker" and life.chance(ON_SPOT / 2 if life.last else ON_SPOT):
        return on_spot
    weights = [weight[life.last] for weight in PLOTS.values()]
    at = float(life.rng.random()) * sum(weights)
    for plot, weight in zip(PLOTS, weights, strict=True):
        at -= weight
        if at < 0:
            return plot
    return plain
