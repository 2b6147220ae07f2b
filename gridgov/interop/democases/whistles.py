"""Whistles in the demo city: who is called, who comes when, and how each answer is rated.

Owns these stages. Does not own how a matter is filed and closed (`plots`).
"""

from __future__ import annotations

from typing import Any

from gridgov.cases.rules import Action, Body, Ground, Kind, Part, SummonsState
from gridgov.interop.democases import stages
from gridgov.interop.democases.life import Life
from gridgov.platform.calendars import Limit

GRADES = (5, 5, 4, 4, 4, 3, 3, 2, 1)
LEADS = (Part.ENFORCEMENT, Part.LAW, Part.SAFEGUARD)


def whistle(life: Life) -> None:
    """吹哨: one department or several come, each is rated by itself, then the matter is checked and closed."""
    stages.file_it(life)
    if life.file.ended:
        return
    life.office(1)
    blow(life)
    if life.chance(0.05):
        life.wait(20)
        life.do(life.cast.unit(life.ground), Action.WITHDRAW_WHISTLE)
        stages.send(life)
        stages.receive(life)
    else:
        for call in list(life.file.summons):
            arrive(life, call.number)
        if len(life.file.open_summons) > 1 and life.chance(0.6):
            meet(life)
        for call in list(life.file.open_summons):
            report(life, call.number)
        for call in list(life.file.open_summons):
            rate(life, call.number)
        if not any(call.answered_at for call in life.file.summons):
            return
        conclude(life)
    if life.file.holder and life.file.state.value == "handling":
        stages.answer(life)
    stages.end(life)


def blow(life: Life) -> None:
    """The lead holds the duty by the list; who supports is called for a matter of its own."""
    lead = next((body.agency_id for body in life.bodies if body.agency_id is not None), None)
    others = [one for one in life.world.departments if one[0] != lead]
    bodies: list[dict[str, Any]] = []
    if lead is None:
        lead, category = life.pick(others)
        others = [one for one in others if one[0] != lead]
        bodies.append({"agency": lead, "part": Part.LEAD.value, "category": category})
    else:
        bodies.append({"agency": lead, "part": Part.LEAD.value})
    supporting = 0 if life.chance(0.4) else 1 + int(3 * life.rng.random())
    for _ in range(min(supporting, len(others))):
        agency, category = life.pick(others)
        others = [one for one in others if one[0] != agency]
        part = life.pick((Part.SUPPORT, *LEADS))
        bodies.append({"agency": agency, "part": part.value, "category": category})
    hard = life.chance(0.35)
    who = life.cast.unit(life.ground) if hard or life.chance(0.6) else life.cast.centre
    facts = {
        "kind": (Kind.HARD if hard else Kind.ADVANCE).value, "ground": life.pick(list(Ground)).value, "bodies": bodies,
    }  # fmt: skip
    life.do(who, Action.WHISTLE, facts=facts)


def arrive(life: Life, number: int) -> None:
    """Signed in and spoken with; some send it back or refuse, and the district rules."""
    officer = _officer(life, number)
    life.wait(70 if life.chance(0.12) else 12)
    if life.chance(0.05):
        life.do(officer, Action.SUMMONS_REFUSE, summons=number)
        life.linger()
        life.office(3)
        uphold = life.chance(0.7)
        life.do(life.cast.supervisor(life.ground), Action.SUMMONS_RULE, summons=number, facts={"uphold": uphold})
        if not uphold:
            return
    elif life.chance(0.06):
        life.do(officer, Action.SUMMONS_RETURN, summons=number)
        life.linger()
        life.office(1)
        if life.chance(0.5):
            life.do(life.cast.unit(life.ground), Action.SUMMONS_AGREE, summons=number)
            return
        life.do(life.cast.unit(life.ground), Action.SUMMONS_DECLINE, summons=number)
    else:
        life.do(officer, Action.SIGN, summons=number)
    life.office(1)
    life.do(officer, Action.CONTACT, summons=number)


def meet(life: Life) -> None:
    """联合行动: a place, a time, who leads in what, and who came."""
    unit = life.cast.unit(life.ground)
    called = [call.body.agency_id for call in life.file.open_summons]
    leads = dict(zip([part.value for part in LEADS], called, strict=False))
    life.office(2)
    life.do(unit, Action.CONVENE, facts={"place": "事发路段", "time": life.at.isoformat(), "leads": leads})
    life.office(2)
    came = [one for one in called if life.chance(0.9)] or called[:1]
    life.do(unit, Action.ATTEND, facts={"present": came})


def report(life: Life, number: int) -> None:
    """What was done; long matters are rated in between, some take more time, some have to come again."""
    officer, unit = _officer(life, number), life.cast.unit(life.ground)
    clock = life.file.clock("report", number)
    if clock is None:
        return
    if life.chance(0.1):
        life.office(4)
        life.do(officer, Action.SUMMONS_EXTEND, summons=number, facts={"limit": str(Limit(1, clock.clock.limit.unit))})
        life.office(1)
        life.do(unit, Action.SUMMONS_GRANT if life.chance(0.7) else Action.SUMMONS_DENY, summons=number)
    if life.chance(0.12):
        life.use("report", number, usual=0.4)
        life.do(unit, Action.RATE_INTERIM, summons=number, facts={"quality": life.pick(GRADES), "period": "第一阶段"})
    life.use("report", number, usual=0.5)
    if life.chance(0.04):
        return  # never heard of again: rated when its time is over
    life.do(officer, Action.REPORT_BACK, summons=number)
    if life.chance(0.07):
        life.office(1)
        life.do(unit, Action.SUMMONS_REWORK, summons=number)
        life.use("report", number, usual=0.5)
        life.do(officer, Action.REPORT_BACK, summons=number)


def rate(life: Life, number: int) -> None:
    """一事一评."""
    call = life.file.call(number)
    if call is not None and call.state is not SummonsState.ANSWERED:
        life.use("report", number, usual=3.0)
        clock = life.file.clock("report", number)
        if clock is not None and clock.clock.due_at >= life.at:
            life.at = clock.clock.due_at
            life.wait(30)
    life.office(1)
    life.do(life.cast.unit(life.ground), Action.RATE, summons=number, facts={"quality": life.pick(GRADES)})


def conclude(life: Life) -> None:
    unit = life.cast.unit(life.ground)
    life.office(1)
    stages.second_look(life, unit, Body(area_id=life.ground.unit, level=life.ground.unit_level))
    life.do(unit, Action.CONCLUDE)


def _officer(life: Life, number: int) -> Any:
    call = life.file.call(number)
    assert call is not None
    return life.cast.officer(call.body)
