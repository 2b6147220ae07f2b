"""What each need of a line means: given with the command, or true of the file. Pure.

Owns the checks and what they say. Does not own which line needs what (`transitions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from gridgov.cases import calling
from gridgov.cases.asking import Asked, fact, given, missing, one_of, yet
from gridgov.cases.rules import (
    LEVELS,
    Action,
    Ground,
    Kind,
    NotAdmittedHere,
    NotTheirDuty,
    NotYet,
    Outside,
    RiskPoint,
    SummonsState,
)
from gridgov.cases.transitions import CASE_EDGES, SUMMONS_EDGES
from gridgov.platform.calendars import Limit

MOST_TEXT, MOST_REASON = 4_000, 500
MOST_DECLINED = 2


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


def _no_risk(asked: Asked) -> None:
    if asked.command.risks:
        raise RiskPoint(
            f"This item has a risk point: {'、'.join(asked.command.risks)}. One person alone does not settle it.",
            field="action",
            remedy="Have it filed and dispatched; a second person looks before it is answered.",
        )


def _of_holder(asked: Asked) -> bool:
    """Of the body that has the case: one that has a task of it has no say in this."""
    holder = asked.file.holder
    return holder is not None and (holder.agency_id is None or holder.agency_id in asked.standing.agencies)


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
    "reason": given("reason", MOST_REASON, "The reason is missing."),
    "text": given("text", MOST_TEXT, "The text is missing."),
    "to": _to,
    "duty": _duty,
    "admitted": _admitted,
    "upward": _upward,
    "downward": _downward,
    "limit": _limit,
    "until": _until,
    "quality": _quality,
    "bodies": calling.bodies,
    "task": _task,
    "into": _into,
    "condition": _condition,
    "redirect": _redirect,
    "found": fact("found", bool, "It is not said whether it was found."),
    "uphold": fact("uphold", bool, "It is not said whether they must come."),
    "present": calling.present,
    "place": calling.place,
    "time": calling.time,
    "leads": calling.leads,
    "kind-theirs": calling.kind_theirs,
    "no-risk": _no_risk,
    "second-person": calling.second_person,
    "period": fact("period", str, "The period that is rated is missing."),
    "ground": one_of("ground", Ground, "A whistle has a ground."),
    "kind": one_of("kind", Kind, "A whistle is of a kind."),
    "verified": yet(_verified, "facts.waived", "It was not verified on site.", "Send a worker, or waive it."),
    "returns-left": yet(
        lambda a: (a.call.declined if a.call else a.file.declined) < MOST_DECLINED,
        "action", "A return was declined twice.", "Raise a dispute; the district rules."),
    "was-declined": yet(
        lambda a: a.call is not None and a.call.declined > 0,
        "action", "No return was declined.", "Ask to return it first."),
    "extension-free": yet(
        lambda a: (a.call.extension if a.call else a.file.extension) is None,
        "action", "An extension is asked for already.", "Wait for the answer."),
    "extensions-left": yet(
        lambda a: (a.call.extensions if a.call else a.file.extensions) < a.rules.most_extensions,
        "action", "No further extension can be granted.", "Answer it, or ask to suspend it."),
    "extension-asked": yet(
        lambda a: (a.call.extension if a.call else a.file.extension) is not None,
        "action", "Nobody asked for an extension.", "Look at the case again."),
    "suspension-free": yet(lambda a: not a.file.suspension_asked, "action", "It is asked for already.", "Wait."),
    "never-suspended": yet(
        lambda a: a.file.suspensions == 0, "action", "A case is suspended once.", "Answer it, or whistle."),
    "suspension-asked": yet(
        lambda a: a.file.suspension_asked, "action", "Nobody asked for a suspension.", "Look at the case again."),
    "no-tasks": yet(
        lambda a: all(task.done_at for task in a.file.tasks), "action", "Tasks are open.", "Finish them first."),
    "tasks-done": yet(
        lambda a: all(task.done_at for task in a.file.tasks), "action", "Tasks are open.", "Finish them first."),
    "no-summons": yet(lambda a: not a.file.open_summons, "action", "Summons are open.", "Rate each answer first."),
    "all-ended": yet(
        lambda a: not a.file.open_summons, "action", "Summons are open.", "Each ends, and is rated, by itself."),
    "answered-or-late": yet(
        calling.answered_or_late,
        "action", "It has not answered, and still has time.", "Wait, or rate the period so far."),
    "convened": yet(
        lambda a: any(one.whistle == len(a.file.whistles) for one in a.file.joints),
        "action", "Nobody was called together yet.", "Say where and when first (`convene`)."),
    "at-risk": yet(
        lambda a: bool(a.file.risks) and not a.file.approved and _of_holder(a),
        "action", "No risk point waits here.", "Go on."),
    "approval-free": yet(
        lambda a: a.file.approval_by is None, "action", "It is asked for already.", "Wait for the second person."),
    "approval-asked": yet(
        lambda a: a.file.approval_by is not None, "action", "Nobody asked for it.", "Look at the case again."),
    "other-person": yet(
        lambda a: a.standing.by.account_id not in (None, a.file.approval_by) and _of_holder(a),
        "action", "Nobody approves what they asked for themselves.", "A colleague of the same body does."),
    "approved": yet(
        lambda a: a.file.approved or not a.file.risks,
        "action", "A risk point of the item needs one more approval.", "Ask a colleague for it (`ask-approval`)."),
    "answered-one": yet(
        lambda a: any(s.state is SummonsState.RATED and s.answered_at for s in calling.latest(a.file)),
        "action", "Nobody answered the whistle.", "Summon another body, or withdraw it."),
    "none-signed": yet(
        lambda a: all(s.state in (SummonsState.CALLED, SummonsState.RELEASED) for s in calling.latest(a.file)),
        "action", "Somebody has come already.", "Let it end, and rate it."),
    "reply": yet(
        lambda a: a.file.channel not in a.rules.to_reply or a.file.replied_at is not None,
        "action", "A written reply is due before closing.", "Write it (`reply`)."),
    "within-days": yet(_within_days, "action", "It ended too long ago.", "Report it anew."),
}  # fmt: skip
_UNKNOWN = {need for edge in (*CASE_EDGES, *SUMMONS_EDGES) for need in edge.needs} ^ set(NEEDS)
if _UNKNOWN:
    raise ValueError(f"needs without a line, or without a meaning: {sorted(_UNKNOWN)}")


def of_file(need: str) -> bool:
    """Whether a need looks at the file alone, so that it can be told beforehand."""
    return getattr(NEEDS[need], "of_file", False) and need != "verified"
