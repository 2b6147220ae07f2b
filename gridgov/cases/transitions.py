"""What may follow what, as two tables: of the case, and of one summons of its whistle. Pure.

A line: action, from, to, who, needs, clocks, why. The API's list of allowed actions, the documents and the tests come
from here (`python -m gridgov cases table`). A process is what stands in these lines and nothing else.

clocks: `+x` starts the clock x, `-x` ends it, `~x` pauses it, `>x` resumes it, `^x` extends it, `*` stands for all of
them; of a summons: its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gridgov.cases.rules import ENDED, SUMMONS_ENDED, Action, State, SummonsState, Who

SAME = "same"  # the state stays as it is
RESTORED = "restored"  # the state before it was left


@dataclass(frozen=True, slots=True)
class Edge:
    """One line. `of`: "case" or "summons"; `before`: states; `after`: a state, `same` or `restored`."""

    of: str
    action: Action
    before: frozenset[str]
    after: str
    who: frozenset[Who]
    needs: tuple[str, ...]
    clocks: tuple[str, ...]
    zh: str
    en: str


OPEN = " ".join(state for state in State if state not in ENDED)
BEFORE_ANSWER = "accepted dispatched handling returning disputed"

# action | from | to | who | needs | clocks | 中文 | why
CASE = f"""
report | - | reported | reporter worker centre unit system | - | +accept | 信息收集 | a matter was seen at a place
ask-verification | reported | verifying | centre unit | - | ~accept +verify | 派核实 | what others report is seen on site before a file is opened
verify | verifying | reported | worker unit | found | -verify >accept | 核实反馈 | the worker on the ground says whether it is so
accept | reported | accepted | centre unit | verified condition | -accept +dispatch | 立案 | the opening condition of the item holds
refuse | reported verifying | refused | centre unit | reason redirect reply | -* | 不予受理 | outside the duties here; the reason says where to turn
handle-on-spot | reported | checked | worker | text no-risk | -accept +close | 自处置 | small matters do not leave the grid
dispatch | accepted | dispatched | centre unit | to duty admitted | -dispatch +handle | 派遣 | to the body that holds the duty; the first to receive stays responsible
escalate | accepted dispatched handling | dispatched | centre unit holder | reason upward no-tasks | -dispatch -handle +handle | 上报上级 | what a level cannot solve goes to the next above it, and to no other
order | handling | dispatched | holder | reason to downward duty admitted no-tasks | -handle +handle | 部门派单 | a department orders a sub-district or community for what was admitted, and for nothing else
receive | dispatched | handling | holder | - | - | 接收 | the body takes it on
ask-return | dispatched handling | returning | holder | reason returns-left | - | 申请回退 | not our duty; the clock runs on
agree-return | returning | accepted | centre unit | - | -handle +dispatch | 同意回退 | back to the desk, for another body
decline-return | returning | handling | centre unit | reason | - | 不同意回退 | it stays where it is
dispute | accepted handling returning | disputed | centre unit holder | reason | -dispatch ~handle +rule | 责任争议 | nobody's, or two bodies disagree: the district rules
rule | disputed | dispatched | supervisor | to reason | -rule -handle +handle | 裁定 | the ruling holds, and becomes a precedent
ask-extension | handling | same | holder | reason limit extension-free extensions-left | - | 申请延期 | before the limit is over, with the reason
grant-extension | handling | same | centre unit | extension-asked | ^handle | 同意延期 | both complainant and centre are told
decline-extension | handling | same | centre unit | extension-asked reason | - | 不同意延期 | the limit stays
ask-suspension | handling | same | holder | reason suspension-free never-suspended | - | 申请挂账 | what cannot be solved now is kept in the book, once, for a year at most
suspend | handling | suspended | supervisor unit | suspension-asked until | ~handle | 挂账 | the clock stands still until the day that was set
resume | suspended | handling | centre unit holder supervisor system | - | >handle | 恢复处置 | the day has come, or the reason has gone
add-task | dispatched handling | same | centre unit holder | to text | +task | 后台任务 | one desk before, many behind it, one receipt
finish-task | dispatched handling answered checking | same | holder centre unit | task text | -task | 任务办结 | each back office answers by itself
ask-approval | handling whistled | same | holder | text at-risk approval-free | - | 提请复核 | a risk point of the item: one more person of the same body looks first
approve | handling whistled | same | holder | approval-asked other-person | - | 复核同意 | seen by a second person
decline-approval | handling whistled | same | holder | approval-asked other-person reason | - | 复核不同意 | not in this way
answer | handling | answered | holder | text tasks-done approved | -handle +check | 处理反馈 | what was done, in words and pictures
ask-check | answered | checking | centre unit | - | - | 派核查 | somebody looks on site
pass-check | checking | checked | worker unit | text | -check +close | 核查通过 | seen: it is solved
check-at-desk | answered | checked | centre unit | reason | -check +close | 室内核查 | the pictures show it, or there is nothing to see on site
rework | answered checking checked | handling | centre unit worker | reason | -check -close +handle | 返工 | not solved: the same body again
feed-back | {OPEN} closed | same | holder centre unit worker summoned | text | - | 点对点反馈 | who solved it tells the one who reported it
reply | {OPEN} | same | holder centre unit summoned | text | - | 书面答复 | in writing, before closing, where the channel asks for it
close | checked | closed | centre unit | condition reply no-summons tasks-done | -* | 结案 | the closing condition holds
force-close | accepted dispatched handling disputed suspended answered checking | closed | supervisor | reason no-summons | -* | 强制结案 | by the district, with its reason
reopen | closed refused | accepted | centre unit supervisor reporter | reason within-days | +dispatch | 重启 | it came back, or was never solved
cancel | reported verifying accepted dispatched | cancelled | centre unit | reason no-summons | -* | 作废 | opened in error
merge | reported verifying accepted dispatched | merged | centre unit | into no-summons | ~* | 并案 | the same matter: every reporter follows the file that goes on
unmerge | merged | restored | centre unit | reason | >* | 撤销并案 | it was another matter after all
note | {OPEN} | same | worker centre unit holder summoned supervisor | text | - | 备注 | what the next reader should know
rehome | {OPEN} | same | system | - | - | 随网格调整转移 | a boundary plan took effect: the file goes with its place
whistle | {BEFORE_ANSWER.replace(" disputed", "")} | whistled | centre unit | ground kind kind-theirs bodies reason duty | -dispatch ~handle | 吹哨 | what the sub-district cannot solve alone: departments must come
summon | whistled | same | centre unit | bodies reason duty | - | 增派 | one more department is needed
convene | whistled | same | centre unit | text place time leads | - | 联合行动 | a time, a place, and who leads in what
attend | whistled | same | centre unit summoned | convened present | - | 签到 | who came
conclude | whistled | answered | centre unit | text all-ended answered-one approved | -handle +check | 销哨 | every summons has ended and been rated
withdraw-whistle | whistled | accepted | centre unit | reason none-signed | -* +dispatch | 撤哨 | blown in error, before anybody signed
""".strip()  # noqa: E501  # one edge a line is what makes it a table

SUMMONS = """
summons-sign | called | signed | summoned | - | -sign | 应哨签收 | we come
summons-contact | signed | contacted | summoned | text | -contact | 联系街道 | spoken with the one who whistled
summons-report | signed contacted | answered | summoned | text | -contact -report | 应哨反馈 | what was done
summons-return | called signed contacted | returning | summoned | reason returns-left | - | 申请退哨 | not our duty; the clocks run on
summons-agree | returning | released | centre unit | - | -* | 同意退哨 | summoned in error: nothing to rate
summons-decline | returning | signed | centre unit | reason | -sign | 不同意退哨 | it stays
summons-refuse | called signed | disputed | summoned | reason | -sign ~contact ~report | 拒绝应哨 | a refusal goes to the district and counts
summons-dispute | signed contacted | disputed | summoned | reason was-declined | ~contact ~report | 应哨争议 | two bodies disagree: the district rules
summons-rule | disputed | signed released | supervisor | reason uphold | >* | 区级裁定 | they come, or are released
summons-extend | signed contacted | same | summoned | reason limit extension-free extensions-left | - | 申请延期 | before the limit is over
summons-grant | signed contacted | same | centre unit | extension-asked | ^report | 同意延期 | with the new limit
summons-deny | signed contacted | same | centre unit | extension-asked reason | - | 不同意延期 | the limit stays
summons-rework | answered | contacted | centre unit | reason | +report | 重新处置 | what was reported does not hold
summons-rate-interim | signed contacted answered | same | unit | quality reason period | - | 分时段评价 | a long matter is rated in parts
summons-rate | called signed contacted answered | rated | unit | quality reason answered-or-late | - | 一事一评 | speed by the clocks, quality with its reason, once and for all; who does not answer in time is rated too
summons-correct-rating | rated | same | unit | quality reason second-person | - | 更正评价 | by two persons; what was given first stays to be seen
""".strip()  # noqa: E501  # the same


def _edges(of: str, table: str, states: Iterable[str]) -> tuple[Edge, ...]:
    found = []
    known = set(states)
    for line in table.splitlines():
        action, before, after, who, needs, clocks, zh, en = (part.strip() for part in line.split("|"))
        froms = frozenset() if before == "-" else frozenset(before.split())
        if not froms <= known or not set(after.split()) <= known | {SAME, RESTORED}:
            raise ValueError(f"{action}: a state that is not there")
        found.append(
            Edge(
                of,
                Action(action),
                froms,
                after,
                frozenset(Who(one) for one in who.split()),
                () if needs == "-" else tuple(needs.split()),
                () if clocks == "-" else tuple(clocks.split()),
                zh,
                en,
            )
        )
    return tuple(found)


CASE_EDGES = _edges("case", CASE, State)
SUMMONS_EDGES = _edges("summons", SUMMONS, SummonsState)
EDGE_OF = {edge.action: edge for edge in (*CASE_EDGES, *SUMMONS_EDGES)}
if set(EDGE_OF) != set(Action) or len(EDGE_OF) != len(CASE_EDGES) + len(SUMMONS_EDGES):
    raise ValueError("every action has one line, and every line an action")
_REACHED = {edge.after for edge in SUMMONS_EDGES} | {one for edge in SUMMONS_EDGES for one in edge.after.split()}
if not set(SUMMONS_ENDED) - {SummonsState.WITHDRAWN} <= _REACHED:
    raise ValueError("every end of a summons can be reached")


def table(edges: Iterable[Edge]) -> str:
    """Edges as a table of Markdown."""
    head = ["| action | 中文 | from | to | who | needs | clocks | why |", "|---|---|---|---|---|---|---|---|"]
    lines = [
        f"| `{e.action}` | {e.zh} | {_words(e.before) or '—'} | {e.after} | {_words(e.who)} "
        f"| {', '.join(e.needs) or '—'} "
        f"| {' '.join(f'`{c}`' for c in e.clocks) or '—'} | {e.en} |"
        for e in edges
    ]
    return "\n".join([*head, *lines])


def _words(some: Iterable[str]) -> str:
    return ", ".join(sorted(str(one) for one in some))
