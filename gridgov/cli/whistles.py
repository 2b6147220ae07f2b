"""`gridgov whistles`: who whistled for whom, what agencies are asked, the figures of both sides, the process."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts
from gridgov.auth.credentials import NOBODY
from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House, Work
from gridgov.cases import transitions, whistles
from gridgov.cases.clocks import Light
from gridgov.cases.rules import Kind, SummonsState
from gridgov.cases.service import Setting
from gridgov.cases.whistles import Clocked, Figures, Wanted
from gridgov.cli.house import opened
from gridgov.duties import lists
from gridgov.incidents.receipts import number_of
from gridgov.platform import clock
from gridgov.platform.db import revisions
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Whistles and ratings 吹哨·应哨·一事一评 (docs/whistle.md).")
LISTED = 20


class Side(StrEnum):
    """Whose figures."""

    AGENCIES = "agencies"
    UNITS = "units"


AgencyOption = Annotated[str | None, typer.Option("--agency", help="Code of a summoned agency, with those below it.")]
EndedOption = Annotated[bool, typer.Option("--ended", help="Those that have ended.")]
KindOption = Annotated[Kind | None, typer.Option(help="advance (工作推进哨) or hard (攻坚克难哨).")]
LateOption = Annotated[bool, typer.Option("--late", help="Only those with a clock that was missed.")]
MostOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Most lines.")]


@app.command()
def table() -> None:
    """Print what may follow what in a summons (Markdown)."""
    print(transitions.table(transitions.SUMMONS_EDGES))


@app.command("list")
def listed(
    ended: EndedOption = False,
    agency: AgencyOption = None,
    kind: KindOption = None,
    late: LateOption = False,
    limit: MostOption = LISTED,
) -> None:
    """Whistles, newest first, each with those it summons."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        setting = _setting(house, session)
        wanted = Wanted(open=not ended, agency=_agency(session, agency), kind=kind, late=late or None, reach=EVERYWHERE)
        found = whistles.find_whistles(session, wanted, setting=setting, limit=limit)
    zone = setting.calendar.zone
    for one in found:
        row = one.row
        light = "" if row.light is None else str(whistles.LIGHTS[row.light - 1])
        meeting = f"  {row.meetings} meetings" if row.meetings else ""
        number = number_of(row.number, row.happened_at, zone)
        print(f"{number}/{row.whistle}  {_at(row.whistled_at, zone)}  {row.kind:<7} {light:<6} "
              f"{'late' if row.late else '':<4} {_place(one.path)}{meeting}")  # fmt: skip
        for call in row.summons:
            refused = "  refused" if call["refused"] else ""
            print(f"    {call['summons']}  {call['part']:<7} {call['state']:<9} {call['names']['zh']}{refused}")


@app.command()
def summons(
    agency: AgencyOption = None,
    ended: EndedOption = False,
    state: Annotated[SummonsState | None, typer.Option(help="Only those that stand so.")] = None,
    light: Annotated[Light | None, typer.Option(help="Only those with this light.")] = None,
    late: LateOption = False,
    limit: MostOption = LISTED,
) -> None:
    """What agencies are asked, newest call first, with what is due next."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        setting = _setting(house, session)
        wanted = Wanted(
            open=not ended, agency=_agency(session, agency), state=state, light=light, late=late or None,
            reach=EVERYWHERE,
        )  # fmt: skip
        found = whistles.find_summons(session, wanted, setting=setting, limit=limit)
    zone = setting.calendar.zone
    for one in found:
        row = one.row
        due = min(
            ((at, name) for name, at in (("sign", row.sign_due_at), ("contact", row.contact_due_at),
                                         ("report", row.report_due_at)) if at is not None), default=None,
        )  # fmt: skip
        shown = f"  {due[1]} by {_at(due[0], zone)}" if due else ""
        print(f"{number_of(row.number, row.happened_at, zone)}/{row.summons}  {row.state:<9} {row.light or '':<6} "
              f"{'late' if row.late else '':<4} {row.agency_names['zh']}{shown}")  # fmt: skip


@app.command()
def figures(
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Called on this day or later.")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Called before this day.")],
    side: Annotated[Side, typer.Option(help="Who answered, or who whistled.")] = Side.AGENCIES,
) -> None:
    """Counts and rates over a span of a year at most (Markdown), of agencies or of units."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        setting = _setting(house, session)
        zone = setting.calendar.zone
        wanted = Wanted(since=since.replace(tzinfo=zone), until=until.replace(tzinfo=zone), reach=EVERYWHERE)
        agencies, units = whistles.figures(session, wanted, setting=setting)
        index = house.locator.index(session)
        named = {one.id: area.names["zh"] for one in units if (area := index.get(one.id)) is not None}
    if side is Side.AGENCIES:
        print(_table([((one.names or {}).get("zh", str(one.id)), one) for one in agencies]))
    else:
        print(_table([(named.get(one.id, str(one.id)), one) for one in units]))


def _table(lines: list[tuple[str, Figures]]) -> str:
    names = (
        "", "summoned", "signed in time", "contacted in time", "reported in time", "refused", "returned", "rated",
        "speed", "quality",
    )  # fmt: skip
    head = [f"| {' | '.join(names)} |".replace("|  |", "| |"), "|---" * len(names) + "|"]
    rows = [
        " | ".join([
            f"| {name}", str(one.counts["summoned"]), _share(one.signed), _share(one.contacted), _share(one.reported),
            str(one.counts["refused"]), str(one.counts["returned"]), str(one.rated), _grade(one.speed),
            f"{_grade(one.quality)} |",
        ])
        for name, one in lines
    ]  # fmt: skip
    return "\n".join([*head, *rows])


def _share(one: Clocked) -> str:
    """Counts before the rate: 3/4 (75 %), and what is still open."""
    rate = f" ({one.rate:.0%})" if one.rate is not None else ""
    return f"{one.in_time}/{one.in_time + one.late}{rate}" + (f", {one.open} open" if one.open else "")


def _grade(mean: float | None) -> str:
    return "—" if mean is None else f"{mean:.2f}"


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _place(path: tuple[AreaFacts, ...]) -> str:
    return path[-1].names["zh"] if path else "-"


def _agency(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    found = lists.agency_ids(session).get(code)
    if found is None:
        raise BadInput(f"There is no agency “{code}”.", field="agency", remedy="Give its code.")
    return found


def _setting(house: House, session: Session) -> Setting:
    return house.case_setting(Work(session, NOBODY, revisions(session), clock.utcnow()))
