"""What each need of a line means: given with the command, or true of the file. Pure.

Owns the checks and what they say. Does not own which line needs what (`transitions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gridgov.cases import clocks
from gridgov.cases.file import CaseFile, Summons
from gridgov.cases.rules import (
    LEVELS,
    Action,
    Command,
    Ground,
    Kind,
    NeedMissing,
    NotAdmittedHere,
    NotTheirDuty,
    NotYet,
    NotYourWhistle,
    Outside,
    Part,
    Place,
    RiskPoint,
    Rules,
    SecondPersonMissing,
    Standing,
    SummonsState,
    Who,
)
from gridgov.cases.transitions import CASE_EDGES, SUMMONS_EDGES
from gridgov.platform.calendars import Limit

MOST_TEXT, MOST_REASON = 4_000, 500
MOST_DECLINED = 2
MOST_CALLED = 20
NOBODY = Standing()


@dataclass(frozen=True, slots=True)
class Asked:
    """One step that is asked for, with all that its needs look at."""

    file: CaseFile
    command: Command
    rules: Rules
    ground: Place
    now: datetime
    call: Summons | None
    standing: Standing = NOBODY
    who: frozenset[Who] = frozenset()

    @property
    def clock(self) -> clocks.Clock | None:
        """The clock that an extension is of."""
        found = self.file.clock("report", self.call.number) if self.call else self.file.clock("handle")
        return found.clock if found else None


def missing(field: str, what: str, remedy: str = "") -> NeedMissing:
    return NeedMissing(what, field=field, remedy=remedy or "Give it and send the step again; nothing was changed.")


def _given(name: str, most: int, what: str) -> Callable[[Asked], None]:
    def need(asked: Asked) -> None:
        text = getattr(asked.command, name).strip()
        if not text:
            raise missing(name, what)
        if len(text) > most:
            raise missing(name, f"More than {most} characters.", "Shorten it; nothing was changed.")

    return need


def _fact(name: str, kind: type, what: str) -> Callable[[Asked], None]:
    def need(asked: Asked) -> None:
        value = asked.command.facts.get(name)
        if not isinstance(value, kind) or (kind is str and not value):
            raise missing(f"facts.{name}", what)

    return need


def _one_of(name: str, words: Any, what: str) -> Callable[[Asked], None]:
    def need(asked: Asked) -> None:
        if asked.command.facts.get(name) not in [str(one) for one in words]:
            raise missing(f"facts.{name}", what, f"One of: {', '.join(words)}.")

    return need


def _yet(test: Callable[[Asked], bool], field: str, what: str, remedy: str) -> Callable[[Asked], None]:
    """A need that looks at the file alone; `allowed` asks these too."""

    def need(asked: Asked) -> None:
        if not test(asked):
            raise NotYet(what, field=field, remedy=remedy)

    need.of_file = True  # type: ignore[attr-defined]  # a mark on a function
    return need


def _to(asked: Asked) -> None:
    if asked.command.to is None:
        raise missing("to", "It is not said to whom.", "Name an agency or an area.")


def _duty(asked: Asked) -> None:
    if asked.command.duty is None:
        called = asked.command.action in (Action.WHISTLE, Action.SUMMON)
        names, held = "、".join(asked.command.lacking), "、".join(asked.command.holders)
        choose = f"By the lists it is that of: {held}." if held else "By the lists nobody holds it: raise a dispute."
        raise NotTheirDuty(
            f"No duty list in force gives this duty to {names or 'the body addressed'}.",
            field="facts.bodies" if called else "to",
            remedy=choose + (" For another matter of the same place name its `category` with the body." if called
                             else " See /route."),
            bodies=list(asked.command.lacking),
        )  # fmt: skip


def _admitted(asked: Asked) -> None:
    if not asked.command.admitted:
        raise NotAdmittedHere(
            "This work was never admitted for that place, so that it cannot be ordered.",
            field="to",
            remedy="Ask for its admission (/admissions).",
        )


def _upward(asked: Asked) -> None:
    levels = [level for level in LEVELS if level in asked.ground.areas]
    at = asked.file.level
    above = levels[levels.index(at) + 1 :] if at in levels else levels[1:]
    to = asked.command.to
    if (
        to is None
        or to.level is None
        or not above
        or to.level != above[0]
        or to.area_id != asked.ground.areas[above[0]]
    ):
        raise missing(
            "to", "A matter goes up one level at a time.", f"Address the {above[0]} of the place." if above else "None."
        )


def _downward(asked: Asked) -> None:
    held, to = asked.file.holder, asked.command.to
    if held is None or held.agency_id is None:
        raise NotYet("Only a department orders in this way.", field="to", remedy="Dispatch it from the desk.")
    if to is None or to.level not in ("subdistrict", "community") or to.area_id != asked.ground.areas.get(to.level):
        raise missing("to", "An order goes to the sub-district or the community of the place.", "Address its area.")


def _limit(asked: Asked) -> None:
    limit = Limit.parse(str(asked.command.facts.get("limit", "")))
    clock = asked.clock
    if clock is None:
        raise NotYet("No clock runs that could be extended.", field="facts.limit", remedy="Look at the case again.")
    if limit.unit is not clock.limit.unit or limit.amount > clock.limit.amount:
        raise missing("facts.limit", "An extension is at most the first limit again.", f"At most {clock.limit}.")


def _until(asked: Asked) -> None:
    try:
        until = date.fromisoformat(str(asked.command.facts.get("until")))
    except ValueError:
        raise missing("facts.until", "It is not said until when.", "Write 2026-12-31.") from None
    if not timedelta(0) < until - asked.now.date() <= timedelta(days=asked.rules.most_suspended_days):
        raise missing("facts.until", f"A day within {asked.rules.most_suspended_days} days.")


def _quality(asked: Asked) -> None:
    value = asked.command.facts.get("quality")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 5:
        raise missing("facts.quality", "The quality is a grade from 1 to 5.")


def _bodies(asked: Asked) -> None:
    called = asked.command.facts.get("bodies")
    there = {one.body.agency_id for one in asked.file.open_summons}
    parts = [str(part) for part in Part]
    ok = isinstance(called, list) and 1 <= len(called) <= MOST_CALLED and all(
        isinstance(one, dict) and type(one.get("agency")) is int and one.get("part") in parts for one in called
    )  # fmt: skip
    if not ok or not isinstance(called, list):
        raise missing("facts.bodies", "It is not said who is summoned.", 'A list of {"agency", "part"}.')
    agencies = [one["agency"] for one in called]
    if len(set(agencies)) < len(agencies) or there & set(agencies):
        raise missing("facts.bodies", "A body is summoned twice.", "Name each once.")
    if asked.command.action is Action.WHISTLE and [one["part"] for one in called].count("lead") != 1:
        raise missing("facts.bodies", "A whistle has one lead.", "Give one body the part “lead”.")


def _kind_theirs(asked: Asked) -> None:
    """攻坚克难哨 is blown by the head of the unit alone (Nanjing Gulou, 2023); 工作推进哨 also by the centre."""
    if asked.command.facts.get("kind") == Kind.HARD and Who.UNIT not in asked.who:
        raise NotYourWhistle(
            "A whistle for what is hard (攻坚克难哨) is blown by the leader of the sub-district.",
            field="facts.kind",
            remedy="Ask the leader, or blow one that moves work on (advance, 工作推进哨).",
        )


def _called(file: CaseFile) -> frozenset[int]:
    """Agencies that the newest whistle calls: not those that were released."""
    return frozenset(
        one.body.agency_id for one in _latest(file)
        if one.body.agency_id is not None and one.state not in (SummonsState.RELEASED, SummonsState.WITHDRAWN)
    )  # fmt: skip


LEADS = frozenset({Part.ENFORCEMENT.value, Part.LAW.value, Part.SAFEGUARD.value})
MOST_PLACE = 200


def _place(asked: Asked) -> None:
    place = asked.command.facts.get("place")
    if not isinstance(place, str) or not place.strip() or len(place) > MOST_PLACE:
        raise missing("facts.place", "It is not said where they meet.", f"At most {MOST_PLACE} characters.")


def _time(asked: Asked) -> None:
    try:
        at = datetime.fromisoformat(str(asked.command.facts.get("time")))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise missing("facts.time", "It is not said when they meet.", "Write 2026-12-01T09:00:00+08:00.")


def _leads(asked: Asked) -> None:
    """Who leads in what (A70), where it is said: one summoned body for each of 执法, 法规, 保障."""
    leads = asked.command.facts.get("leads", {})
    if not isinstance(leads, dict) or not leads.keys() <= LEADS:
        raise missing("facts.leads", "These are no parts of a joint action.", f"Of: {', '.join(sorted(LEADS))}.")
    called = _called(asked.file)
    if not all(type(one) is int and one in called for one in leads.values()):
        raise missing("facts.leads", "Only who is summoned can lead in it.", "Summon the body first (`summon`).")


def _present(asked: Asked) -> None:
    """Attendance is that of bodies which are summoned; those sign in for themselves, the unit for any of them."""
    present, meeting = asked.command.facts.get("present"), asked.command.facts.get("meeting")
    if not isinstance(present, list) or not present or not all(type(one) is int for one in present):
        raise missing("facts.present", "It is not said who was present.", "A list of agencies.")
    ours = {one.number for one in asked.file.joints if one.whistle == len(asked.file.whistles)}
    if meeting is not None and meeting not in ours:
        raise missing("facts.meeting", "The whistle has no such meeting.", "Leave it out for the last one.")
    theirs = _called(asked.file)
    if not asked.who & {Who.CENTRE, Who.UNIT}:
        theirs &= asked.standing.agencies
    if not set(present) <= theirs:
        raise missing("facts.present", "Only who is summoned signs in, and each for itself.", "Name summoned bodies.")


def _no_risk(asked: Asked) -> None:
    if asked.command.risks:
        raise RiskPoint(
            f"This item has a risk point: {'、'.join(asked.command.risks)}. One person alone does not settle it.",
            field="action",
            remedy="Have it filed and dispatched; a second person looks before it is answered.",
        )


def _second(asked: Asked) -> None:
    if asked.command.second is None or asked.command.second == asked.standing.by.account_id:
        raise SecondPersonMissing(
            "A rating is corrected by two persons.",
            field="facts.approval",
            remedy="Ask for it (POST /cases/{id}/summons/{call}/correction); a supervisor of the district decides.",
        )


def _of_holder(asked: Asked) -> bool:
    """Of the body that has the case: one that has a task of it has no say in this."""
    holder = asked.file.holder
    return holder is not None and (holder.agency_id is None or holder.agency_id in asked.standing.agencies)


def _answered_or_late(asked: Asked) -> bool:
    call = asked.call
    if call is None or call.state is SummonsState.ANSWERED:
        return True
    report = asked.file.clock("report", call.number)
    return report is not None and clocks.late(report.clock, asked.now)


def _task(asked: Asked) -> None:
    number = asked.command.facts.get("task")
    if not any(task.number == number and task.done_at is None for task in asked.file.tasks):
        raise missing("facts.task", "There is no such open task.")


def _into(asked: Asked) -> None:
    if not asked.command.facts.get("into"):
        raise missing("facts.into", "It is not said into which case.")
    if str(asked.command.facts["into"]) == str(asked.file.id):
        raise missing("facts.into", "A case is not merged into itself.")


def _within_days(asked: Asked) -> bool:
    ended = asked.file.ended_at
    return ended is not None and asked.now - ended <= timedelta(days=asked.rules.reopen_days)


MOST_WHERE = 200


def _redirect(asked: Asked) -> None:
    """有限受理, 依法疏导 (A81): what is refused is led to where it belongs. A must where a written reply is."""
    redirect = asked.command.facts.get("redirect")
    if redirect is None and asked.file.channel not in asked.rules.to_reply:
        return
    why = redirect.get("why") if isinstance(redirect, dict) else None
    where = redirect.get("where") if isinstance(redirect, dict) else None
    known = isinstance(where, str) and 1 <= len(where.strip()) <= MOST_WHERE
    if not known or why not in [str(one) for one in Outside]:
        raise missing(
            "facts.redirect",
            "It is not said why it is outside, and where to turn.",
            f'Give {{"why", "where"}}; why is one of: {", ".join(Outside)}.',
        )


def _condition(asked: Asked) -> None:
    if asked.command.facts.get("condition") is not True:
        raise missing("facts.condition", "It is not said that the condition of the item holds.", "Confirm it.")


def _verified(asked: Asked) -> bool:
    file = asked.file
    return file.channel not in asked.rules.to_verify or bool(file.verified) or bool(asked.command.facts.get("waived"))


NEEDS: Mapping[str, Callable[[Asked], None]] = {
    "reason": _given("reason", MOST_REASON, "The reason is missing."),
    "text": _given("text", MOST_TEXT, "The text is missing."),
    "to": _to,
    "duty": _duty,
    "admitted": _admitted,
    "upward": _upward,
    "downward": _downward,
    "limit": _limit,
    "until": _until,
    "quality": _quality,
    "bodies": _bodies,
    "task": _task,
    "into": _into,
    "condition": _condition,
    "redirect": _redirect,
    "found": _fact("found", bool, "It is not said whether it was found."),
    "uphold": _fact("uphold", bool, "It is not said whether they must come."),
    "present": _present,
    "place": _place,
    "time": _time,
    "leads": _leads,
    "kind-theirs": _kind_theirs,
    "no-risk": _no_risk,
    "second-person": _second,
    "period": _fact("period", str, "The period that is rated is missing."),
    "ground": _one_of("ground", Ground, "A whistle has a ground."),
    "kind": _one_of("kind", Kind, "A whistle is of a kind."),
    "verified": _yet(_verified, "facts.waived", "It was not verified on site.", "Send a worker, or waive it."),
    "returns-left": _yet(
        lambda a: (a.call.declined if a.call else a.file.declined) < MOST_DECLINED,
        "action", "A return was declined twice.", "Raise a dispute; the district rules."),
    "was-declined": _yet(
        lambda a: a.call is not None and a.call.declined > 0,
        "action", "No return was declined.", "Ask to return it first."),
    "extension-free": _yet(
        lambda a: (a.call.extension if a.call else a.file.extension) is None,
        "action", "An extension is asked for already.", "Wait for the answer."),
    "extensions-left": _yet(
        lambda a: (a.call.extensions if a.call else a.file.extensions) < a.rules.most_extensions,
        "action", "No further extension can be granted.", "Answer it, or ask to suspend it."),
    "extension-asked": _yet(
        lambda a: (a.call.extension if a.call else a.file.extension) is not None,
        "action", "Nobody asked for an extension.", "Look at the case again."),
    "suspension-free": _yet(lambda a: not a.file.suspension_asked, "action", "It is asked for already.", "Wait."),
    "never-suspended": _yet(
        lambda a: a.file.suspensions == 0, "action", "A case is suspended once.", "Answer it, or whistle."),
    "suspension-asked": _yet(
        lambda a: a.file.suspension_asked, "action", "Nobody asked for a suspension.", "Look at the case again."),
    "no-tasks": _yet(
        lambda a: all(task.done_at for task in a.file.tasks), "action", "Tasks are open.", "Finish them first."),
    "tasks-done": _yet(
        lambda a: all(task.done_at for task in a.file.tasks), "action", "Tasks are open.", "Finish them first."),
    "no-summons": _yet(lambda a: not a.file.open_summons, "action", "Summons are open.", "Rate each answer first."),
    "all-ended": _yet(
        lambda a: not a.file.open_summons, "action", "Summons are open.", "Each ends, and is rated, by itself."),
    "answered-or-late": _yet(
        _answered_or_late, "action", "It has not answered, and still has time.", "Wait, or rate the period so far."),
    "convened": _yet(
        lambda a: any(one.whistle == len(a.file.whistles) for one in a.file.joints),
        "action", "Nobody was called together yet.", "Say where and when first (`convene`)."),
    "at-risk": _yet(
        lambda a: bool(a.file.risks) and not a.file.approved and _of_holder(a),
        "action", "No risk point waits here.", "Go on."),
    "approval-free": _yet(
        lambda a: a.file.approval_by is None, "action", "It is asked for already.", "Wait for the second person."),
    "approval-asked": _yet(
        lambda a: a.file.approval_by is not None, "action", "Nobody asked for it.", "Look at the case again."),
    "other-person": _yet(
        lambda a: a.standing.by.account_id not in (None, a.file.approval_by) and _of_holder(a),
        "action", "Nobody approves what they asked for themselves.", "A colleague of the same body does."),
    "approved": _yet(
        lambda a: a.file.approved or not a.file.risks,
        "action", "A risk point of the item needs one more approval.", "Ask a colleague for it (`ask-approval`)."),
    "answered-one": _yet(
        lambda a: any(s.state is SummonsState.RATED and s.answered_at for s in _latest(a.file)),
        "action", "Nobody answered the whistle.", "Summon another body, or withdraw it."),
    "none-signed": _yet(
        lambda a: all(s.state in (SummonsState.CALLED, SummonsState.RELEASED) for s in _latest(a.file)),
        "action", "Somebody has come already.", "Let it end, and rate it."),
    "reply": _yet(
        lambda a: a.file.channel not in a.rules.to_reply or a.file.replied_at is not None,
        "action", "A written reply is due before closing.", "Write it (`reply`)."),
    "within-days": _yet(_within_days, "action", "It ended too long ago.", "Report it anew."),
}  # fmt: skip
_UNKNOWN = {need for edge in (*CASE_EDGES, *SUMMONS_EDGES) for need in edge.needs} ^ set(NEEDS)
if _UNKNOWN:
    raise ValueError(f"needs without a line, or without a meaning: {sorted(_UNKNOWN)}")


def _latest(file: CaseFile) -> list[Summons]:
    """The summons of the newest whistle."""
    return [one for one in file.summons if one.whistle == len(file.whistles)]


def of_file(need: str) -> bool:
    """Whether a need looks at the file alone, so that it can be told beforehand."""
    return getattr(NEEDS[need], "of_file", False) and need != "verified"
