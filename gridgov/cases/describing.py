"""The process in words: tables of Markdown for the documents and the command line, made from the code. Pure.

Owns names of states and what each need asks for. Does not own the process (`transitions`, `needs`, `rules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gridgov.cases.rules import ENDED, STAGE_OF, SUMMONS_ENDED, Rules, Stage, State, SummonsState
from gridgov.cases.steps import AWAITED, SUMMONS_AWAITED
from gridgov.cases.transitions import CASE_EDGES, SUMMONS_EDGES, table

STATES: Mapping[State, str] = {
    State.REPORTED: "已上报", State.VERIFYING: "核实中", State.ACCEPTED: "已立案", State.DISPATCHED: "已派遣",
    State.HANDLING: "处理中", State.RETURNING: "申请回退", State.DISPUTED: "责任争议", State.SUSPENDED: "挂账",
    State.WHISTLED: "已吹哨", State.ANSWERED: "已反馈", State.CHECKING: "核查中", State.CHECKED: "核查通过",
    State.CLOSED: "已结案", State.REFUSED: "不予受理", State.CANCELLED: "已作废", State.MERGED: "已并案",
}  # fmt: skip
STAGES: Mapping[Stage, str] = {
    Stage.COLLECTION: "信息收集", Stage.FILING: "案卷建立", Stage.DISPATCH: "任务派遣", Stage.HANDLING: "任务处理",
    Stage.FEEDBACK: "处理反馈", Stage.CHECK: "核查结案", Stage.EVALUATION: "综合评价",
}  # fmt: skip
SUMMONS: Mapping[SummonsState, str] = {
    SummonsState.CALLED: "待签收", SummonsState.SIGNED: "已签收", SummonsState.CONTACTED: "已联系",
    SummonsState.ANSWERED: "已反馈", SummonsState.RETURNING: "申请退哨", SummonsState.DISPUTED: "争议待裁定",
    SummonsState.RATED: "已评价", SummonsState.RELEASED: "已退哨", SummonsState.WITHDRAWN: "已撤哨",
}  # fmt: skip
CLOCKS: Mapping[str, tuple[str, str]] = {
    "accept": ("立案", "from the report to its acceptance; stands still while it is verified"),
    "verify": ("核实", "a worker looks on site"),
    "dispatch": ("派遣", "from acceptance to the body that is to act"),
    "handle": ("处置", "the body acts; the limit of the duty item goes before this one"),
    "rule": ("裁定", "the district rules on a dispute"),
    "check": ("核查", "from the answer to the check"),
    "close": ("结案", "from the check to the end"),
    "task": ("后台任务", "a back-office task"),
    "sign": ("应哨签收", "a summoned body signs in"),
    "contact": ("联系街道", "it speaks with whoever whistled"),
    "report.advance": ("反馈（工作推进哨）", "it reports what was done"),
    "report.hard": ("反馈（攻坚克难哨）", "the same, for what is hard"),
}
NEEDS: Mapping[str, str] = {
    "admitted": "the work was admitted for that place",
    "all-ended": "every summons has ended",
    "answered-one": "at least one summoned body answered and was rated",
    "answered-or-late": "the body answered, or its time is over",
    "approval-asked": "an approval of a risk point was asked for",
    "approval-free": "none is asked for yet",
    "approved": "risk points of the item were approved",
    "at-risk": "a risk point waits",
    "bodies": "`facts.bodies`: [{agency, part}], one of them the lead",
    "condition": "`facts.condition`: true, the condition of the item holds",
    "convened": "a joint action was called together",
    "downward": "`to`: the sub-district or community of the place, from a department",
    "duty": "a duty list in force gives the duty to whom it addresses",
    "extension-asked": "an extension was asked for",
    "extension-free": "none is asked for yet",
    "extensions-left": "fewer were granted than the city allows",
    "found": "`facts.found`: true or false",
    "ground": "`facts.ground`: one of the grounds",
    "into": "`facts.into`: the id of the case that goes on",
    "kind": "`facts.kind`: advance or hard",
    "kind-theirs": "the kind of a task is one that its body does",
    "leads": "`facts.leads`: who leads in what",
    "limit": "`facts.limit`: at most the first limit again, in its unit",
    "never-suspended": "it was never suspended before",
    "no-risk": "the item has no open risk point",
    "no-summons": "no summons is open",
    "no-tasks": "no task is open",
    "none-signed": "no summoned body has signed in",
    "other-person": "somebody else than who asked",
    "period": "`facts.period`: what is rated",
    "place": "`facts.place`: where",
    "present": "`facts.present`: agencies that came",
    "quality": "`facts.quality`: 1 to 5",
    "reason": "`reason`: up to 500 characters",
    "redirect": "why it is outside the duties here, and where to turn; a must where a written reply is due",
    "reply": "a written reply, where the channel demands it",
    "returns-left": "no more than one return was declined",
    "second-person": "a second person of the same body",
    "suspension-asked": "a suspension was asked for",
    "suspension-free": "none is asked for yet",
    "task": "`facts.task`: the number of an open task",
    "tasks-done": "every task is finished",
    "text": "`text`: up to 4,000 characters",
    "time": "`facts.time`: when",
    "to": "`to`: an agency, or an area with its level",
    "until": "`facts.until`: a day, within a year",
    "uphold": "`facts.uphold`: true, they come; false, they are released",
    "upward": "`to`: the office of the next level above, and no other",
    "verified": "verified on site, where the channel asks for it, or `facts.waived`",
    "was-declined": "a return was declined",
    "within-days": "it ended within the days that the city allows",
}


def described() -> str:
    """Every table of docs/cases.md, as Markdown."""
    rules = Rules()
    limits = {**rules.clocks, **{f"report.{kind}": limit for kind, limit in rules.report.items()}}
    return "\n\n".join([
        "### Steps of a case 案件\n\n" + table(CASE_EDGES),
        "### Steps of a summons 应哨\n\n" + table(SUMMONS_EDGES),
        "### States of a case\n\n" + _table(
            ("state", "中文", "stage", "awaited"),
            [(f"`{one}`", STATES[one], f"{STAGES[STAGE_OF[one]]} {STAGE_OF[one]}",
              "ended" if one in ENDED else _people(AWAITED[one])) for one in State]),
        "### States of a summons\n\n" + _table(
            ("state", "中文", "awaited"),
            [(f"`{one}`", SUMMONS[one], "ended" if one in SUMMONS_ENDED else _people(SUMMONS_AWAITED[one]))
             for one in SummonsState]),
        "### What a step needs\n\n" + _table(
            ("need", "what is asked"), [(f"`{name}`", NEEDS[name]) for name in sorted(NEEDS)]),
        "### Clocks 时限\n\n" + _table(
            ("clock", "中文", "default", "of"),
            [(f"`{name}`", zh, str(limits[name]), en) for name, (zh, en) in CLOCKS.items()]),
    ]) + "\n"  # fmt: skip


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _people(who: Iterable[str]) -> str:
    return ", ".join(sorted(str(one) for one in who)) or "nobody"
