"""The table of topics: whom each event is for, and its text in both languages. Pure.

Owns the sentences. Does not own who that is (`rules`). `gridgov notices topics` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PING = "webhook.ping"
REPORTER_TOPIC = "reporter."


class To(StrEnum):
    """Whom a topic is for, by what its facts say. `named`: every body that they name; none of these: webhooks alone."""

    HOLDER = "holder"  # agency_id, or the office of office_id
    FIRST = "first"  # who received it first, where another has it now: first_id, or the office of first_office_id
    CENTRE = "centre"  # the desk of unit_id
    UNIT = "unit"  # the office of unit_id
    SUPERVISOR = "supervisor"  # the district's, for unit_id
    WORKER = "worker"  # of grid_id
    SUMMONED = "summoned"  # the agency summoned_id
    CALLED = "called"  # the agencies called_ids
    AGENCIES = "agencies"  # all that take part: agency_ids
    NAMED = "named"
    REPORTER = "reporter"


# topic | to | 中文 | English. A part in brackets is left out where a fact of it is not there. Topics of cases are their
# actions (`cases.transitions`). What is not in the table goes to the bodies that its facts name, by the last line.
TABLE = """
case.report | centre | 新上报事项[：{number}] | A matter was reported[: {number}]
case.ask-verification | worker | 请到现场核实[：{number}] | Please verify on site[: {number}]
case.verify | centre | 核实已反馈[：{number}] | Verified on site[: {number}]
case.accept | - | 案件已立案[：{number}] | A case was opened[: {number}]
case.refuse | - | 事项不予受理[：{number}] | A matter was not taken up[: {number}]
case.handle-on-spot | centre | 网格员已当场处置[：{number}] | Handled on the spot[: {number}]
case.dispatch | holder | 案件派遣至本单位，请接收[：{number}] | A case was dispatched to you[: {number}]
case.escalate | holder | 下级上报案件，请接收[：{number}] | A case was escalated to you[: {number}]
case.order | holder | 部门派单，请接收[：{number}] | A department gave you an order[: {number}]
case.receive | centre | 案件已接收[：{number}] | A case was taken on[: {number}]
case.ask-return | centre unit | 案件申请回退，请审核[：{number}] | A return is asked for[: {number}]
case.agree-return | centre | 案件已退回待重新派遣[：{number}] | A case came back to be dispatched anew[: {number}]
case.decline-return | holder | 回退未获同意，请继续处置[：{number}] | A return was declined[: {number}]
case.dispute | supervisor | 责任争议待裁定[：{number}] | A dispute waits for a ruling[: {number}]
case.rule | holder centre | 责任争议已裁定[：{number}] | A dispute was ruled on[: {number}]
case.ask-extension | centre unit | 案件申请延期，请审核[：{number}] | An extension is asked for[: {number}]
case.grant-extension | holder | 延期已同意[：{number}] | An extension was granted[: {number}]
case.decline-extension | holder | 延期未获同意[：{number}] | An extension was declined[: {number}]
case.ask-suspension | supervisor unit | 案件申请挂账，请审核[：{number}] | A suspension is asked for[: {number}]
case.suspend | holder | 案件已挂账[：{number}] | A case was suspended[: {number}]
case.resume | holder | 案件恢复处置[：{number}] | A case goes on[: {number}]
case.add-task | agencies | 新增后台任务[：{number}] | A task was added[: {number}]
case.finish-task | holder first | 后台任务已办结[：{number}] | A task was finished[: {number}]
case.ask-approval | holder | 风险点待第二人审核[：{number}] | A second person is to look at a risk point[: {number}]
case.approve | holder | 风险点审核通过[：{number}] | A risk point was approved[: {number}]
case.decline-approval | holder | 风险点审核未通过[：{number}] | A risk point was not approved[: {number}]
case.answer | centre first | 案件已处理反馈[：{number}] | A case was answered[: {number}]
case.ask-check | worker | 请到现场核查[：{number}] | Please check on site[: {number}]
case.pass-check | centre | 核查通过[：{number}] | A check was passed[: {number}]
case.check-at-desk | - | 室内核查通过[：{number}] | Checked at the desk[: {number}]
case.rework | holder | 案件返工，请重新处置[：{number}] | A case is to be done again[: {number}]
case.feed-back | - | 已向上报人反馈[：{number}] | The reporter was told[: {number}]
case.reply | - | 已书面答复[：{number}] | A written reply was given[: {number}]
case.close | holder agencies | 案件已结案[：{number}] | A case was closed[: {number}]
case.force-close | holder centre agencies | 案件已强制结案[：{number}] | A case was closed by the district[: {number}]
case.reopen | centre | 案件重启[：{number}] | A case was re-opened[: {number}]
case.cancel | holder | 案件已作废[：{number}] | A case was cancelled[: {number}]
case.merge | holder | 案件已并案[：{number}] | A case was merged[: {number}]
case.unmerge | centre | 并案已撤销[：{number}] | A merger was undone[: {number}]
case.note | - | 案件备注[：{number}] | A note on a case[: {number}]
case.rehome | unit | 案件随网格调整转入[：{number}] | A case came with a change of boundaries[: {number}]
case.whistle | called | 街道吹哨，请报到[：{number}] | A whistle calls you[: {number}]
case.summon | called | 街道吹哨，请报到[：{number}] | A whistle calls you[: {number}]
case.convene | agencies | 联合行动已安排[：{number}] | A joint action was set[: {number}]
case.attend | - | 联合行动已签到[：{number}] | Attendance was taken[: {number}]
case.conclude | centre agencies | 已销哨[：{number}] | A whistle was concluded[: {number}]
case.withdraw-whistle | centre called | 已撤哨[：{number}] | A whistle was withdrawn[: {number}]
case.summons-sign | unit centre | 部门已应哨签收[：{number}] | A department signed in[: {number}]
case.summons-contact | unit centre | 部门已联系[：{number}] | A department made contact[: {number}]
case.summons-report | unit centre | 部门已应哨反馈，请评价[：{number}] | A department reported; please rate[: {number}]
case.summons-return | unit centre | 部门申请退哨，请审核[：{number}] | A department asks to be released[: {number}]
case.summons-agree | summoned | 退哨已同意[：{number}] | You were released[: {number}]
case.summons-decline | summoned | 退哨未获同意[：{number}] | You were not released[: {number}]
case.summons-refuse | supervisor unit | 部门拒绝应哨，请裁定[：{number}] | A department refused a whistle[: {number}]
case.summons-dispute | supervisor unit | 应哨争议待裁定[：{number}] | A whistle is in dispute[: {number}]
case.summons-rule | summoned unit | 应哨争议已裁定[：{number}] | A dispute over a whistle was ruled on[: {number}]
case.summons-extend | unit centre | 部门申请延期，请审核[：{number}] | A department asks for more time[: {number}]
case.summons-grant | summoned | 延期已同意[：{number}] | More time was granted[: {number}]
case.summons-deny | summoned | 延期未获同意[：{number}] | More time was denied[: {number}]
case.summons-rework | summoned | 请重新处置并反馈[：{number}] | Please act and report again[: {number}]
case.summons-rate-interim | summoned | 已作分时段评价[：{number}] | An interim rating was given[: {number}]
case.summons-rate | summoned | 已作一事一评[：{number}] | A rating was given[: {number}]
case.summons-correct-rating | summoned | 评价已更正[：{number}] | A rating was corrected[: {number}]
case.summons-yellow | summoned | 应哨时限将至[：{number}][，{due_at}到期] | A whistle is close to its limit[: {number}][, due {due_at}]
case.summons-red | summoned unit supervisor | 应哨已超时[：{number}][，应于{due_at}前] | An answer to a whistle is late[: {number}][, was due {due_at}]
case.yellow | holder | 案件时限将至[：{number}][，{due_at}到期] | A case is close to its limit[: {number}][, due {due_at}]
case.red | holder centre | 案件已超时[：{number}][，应于{due_at}办结] | A case is late[: {number}][, was due {due_at}]
admission.asked | unit | 事项准入征求意见，请按期答复[：{number}][，{due_at}截止] | Your opinion on an admission is asked for[: {number}][, due {due_at}]
admission.heard | holder supervisor | 事项准入意见已征集，待审定[：{number}] | An admission was heard and waits for a decision[: {number}]
admission.admitted | holder | 事项已准入[：{number}] | An admission was granted[: {number}]
admission.refused | holder | 事项未准入[：{number}] | An admission was refused[: {number}]
admission.placed | unit | 新准入事项将由本单位承担[：{number}] | Work was placed on you by admission[: {number}]
admission.ended | holder unit | 准入事项已终止[：{number}] | An admission has ended[: {number}]
admission.transferred | unit | 经费或人员已拨付，请确认[：{number}] | Money or posts were transferred; please confirm[: {number}]
admission.confirmed | holder | 拨付已有到账答复[：{number}] | A transfer was answered by who receives it[: {number}]
plan.effective | unit centre supervisor | 网格调整方案已生效[：{plan_id}] | A boundary plan took effect[: {plan_id}]
plan.grid | worker | 本网格边界已调整[：方案{plan_id}] | The boundaries of your grid have changed[: plan {plan_id}]
alert.began | named | 预警：[{areas}个区域]达到阈值[{threshold}][，最高{value}][（{worst}）] | Alert: [{areas} areas ]reached the threshold[ {threshold}][, highest {value}][ ({worst})]
exchange.changed | - | 外部工单有新进展[：{source}] | An order of another system moved on[: {source}]
reporter.received | reporter | 您反映的事项[{number}]已受理，可凭回执查询进度。 | Your report[ {number}] was taken up; your receipt shows its progress.
reporter.answered | reporter | 您反映的事项[{number}]已处理，结果可凭回执查询。 | Your report[ {number}] was answered; your receipt shows the result.
reporter.closed | reporter | 您反映的事项[{number}]已办结，结果可凭回执查询。 | Your report[ {number}] was closed; your receipt shows the result.
webhook.ping | - | 测试通知 | A test
* | named | 有新的事项[：{number}] | Something happened[: {number}]
""".strip()  # noqa: E501  # one topic a line is what makes it a table


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    topic: str
    to: tuple[To, ...]
    zh: str
    en: str


def _read(table: str) -> dict[str, Rule]:
    found = {}
    for line in table.splitlines():
        topic, to, zh, en = (part.strip() for part in line.split("|"))
        if topic in found:
            raise ValueError(f"{topic} stands in the table twice")
        found[topic] = Rule(topic, tuple(To(one) for one in to.split() if one != "-"), zh, en)
    return found


RULES: Mapping[str, Rule] = _read(TABLE)


def rule_of(topic: str) -> Rule:
    """The line of a topic; the last one for what is not in the table."""
    return RULES.get(topic, RULES["*"])


def table() -> str:
    """The table as Markdown, as docs/notices.md shows it."""
    lines = ["| topic | for | 中文 | English |", "|---|---|---|---|"]
    for rule in RULES.values():
        to = ", ".join(rule.to) or "webhooks alone"
        lines.append(f"| `{rule.topic}` | {to} | {rule.zh} | {rule.en} |")
    return "\n".join(lines)
