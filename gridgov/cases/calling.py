"""What a whistle asks for: whom it calls, of which kind it is, where they meet, who comes, who rates. Pure.

Owns these needs. Does not own which line needs what (`transitions`), nor the others (`needs`).
"""

from __future__ import annotations

from datetime import datetime

from gridgov.cases import clocks
from gridgov.cases.asking import Asked, missing
from gridgov.cases.file import CaseFile, Summons
from gridgov.cases.rules import Action, Kind, NotYourWhistle, Part, SecondPersonMissing, SummonsState, Who

MOST_CALLED = 20
MOST_PLACE = 200
LEADS = frozenset({Part.ENFORCEMENT.value, Part.LAW.value, Part.SAFEGUARD.value})


def bodies(asked: Asked) -> None:
    """Who is called: each once, one of them as the lead."""
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


def kind_theirs(asked: Asked) -> None:
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
        one.body.agency_id for one in latest(file)
        if one.body.agency_id is not None and one.state not in (SummonsState.RELEASED, SummonsState.WITHDRAWN)
    )  # fmt: skip


def place(asked: Asked) -> None:
    """Where they meet."""
    place = asked.command.facts.get("place")
    if not isinstance(place, str) or not place.strip() or len(place) > MOST_PLACE:
        raise missing("facts.place", "It is not said where they meet.", f"At most {MOST_PLACE} characters.")


def time(asked: Asked) -> None:
    """When they meet, with its zone."""
    try:
        at = datetime.fromisoformat(str(asked.command.facts.get("time")))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2000 < at.year < 2200:  # what a calendar can hold
        raise missing("facts.time", "It is not said when they meet.", "Write 2026-12-01T09:00:00+08:00.")


def leads(asked: Asked) -> None:
    """Who leads in what (A70), where it is said: one summoned body for each of 执法, 法规, 保障."""
    leads = asked.command.facts.get("leads", {})
    if not isinstance(leads, dict) or not leads.keys() <= LEADS:
        raise missing("facts.leads", "These are no parts of a joint action.", f"Of: {', '.join(sorted(LEADS))}.")
    called = _called(asked.file)
    if not all(type(one) is int and one in called for one in leads.values()):
        raise missing("facts.leads", "Only who is summoned can lead in it.", "Summon the body first (`summon`).")


def present(asked: Asked) -> None:
    """Attendance is that of bodies which are summoned; those sign in for themselves, the unit for any of them."""
    present, meeting = asked.command.facts.get("present"), asked.command.facts.get("meeting")
    if not isinstance(present, list) or not present or not all(type(one) is int for one in present):
        raise missing("facts.present", "It is not said who was present.", "A list of agencies.")
    ours = {one.number for one in asked.file.joints if one.whistle == len(asked.file.whistles)}
    if meeting is not None and (type(meeting) is not int or meeting not in ours):
        raise missing("facts.meeting", "The whistle has no such meeting.", "Leave it out for the last one.")
    theirs = _called(asked.file)
    if not asked.who & {Who.CENTRE, Who.UNIT}:
        theirs &= asked.standing.agencies
    if not set(present) <= theirs:
        raise missing("facts.present", "Only who is summoned signs in, and each for itself.", "Name summoned bodies.")


def second_person(asked: Asked) -> None:
    """Somebody else has approved the correction."""
    if asked.command.second is None or asked.command.second == asked.standing.by.account_id:
        raise SecondPersonMissing(
            "A rating is corrected by two persons.",
            field="facts.approval",
            remedy="Ask for it (POST /cases/{id}/summons/{call}/correction); a supervisor of the district decides.",
        )


def answered_or_late(asked: Asked) -> bool:
    """Who has answered is rated, and who let the time pass."""
    call = asked.call
    if call is None or call.state is SummonsState.ANSWERED:
        return True
    report = asked.file.clock("report", call.number)
    return report is not None and clocks.late(report.clock, asked.now)


def latest(file: CaseFile) -> list[Summons]:
    """The summons of the newest whistle."""
    return [one for one in file.summons if one.whistle == len(file.whistles)]
