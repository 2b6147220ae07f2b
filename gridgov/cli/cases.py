"""`gridgov cases`: lists, one case, the printed process, what the city sets, and whether rows follow from histories."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from gridgov.auth.credentials import NOBODY
from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House, Work
from gridgov.cases import choosing, service, verifying, worklists
from gridgov.cases.clocks import Light, light
from gridgov.cases.describing import STATES, described
from gridgov.cases.rules import CaseUnknown, State
from gridgov.cases.service import AS_SYSTEM, Setting
from gridgov.cases.worklists import Wanted
from gridgov.cli.house import opened
from gridgov.incidents.receipts import number_of
from gridgov.platform import clock
from gridgov.platform.db import revisions
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Case files (docs/cases.md).")
settings = typer.Typer(no_args_is_help=True, help="What the city sets otherwise than the defaults.")
app.add_typer(settings, name="settings")
LISTED = 20
_NUMBER = re.compile(r"\d{8}-(\d{6,18})")


@app.command()
def table() -> None:
    """Print the process: steps, states, needs, clocks (Markdown)."""
    print(described(), end="")


@app.command("list")
def listed(
    ended: Annotated[bool, typer.Option("--ended", help="Cases that ended in the last 30 days.")] = False,
    state: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    light_: Annotated[Light | None, typer.Option("--light", help="Only those with this light.")] = None,
    category: Annotated[str | None, typer.Option(help="A code, or a prefix ending in *.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most lines.")] = LISTED,
) -> None:
    """Cases, newest change first."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        setting = _setting(house, session)
        wanted = Wanted(ended=ended, state=state, light=light_, category=category, reach=EVERYWHERE)
        found = worklists.find(session, wanted, NOBODY, setting=setting, limit=limit)
        total = None if ended else sum(
            one.cases for one in worklists.count(session, Wanted(reach=EVERYWHERE), NOBODY, setting=setting)
        )  # fmt: skip
    zone = setting.calendar.zone
    for one in found:
        row = one.row
        due = f"due {row.next_due_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.next_due_at else ""
        body = row.agency_names["zh"] if row.agency_id else one.office.names["zh"] if one.office else "-"
        number = number_of(row.number, row.happened_at, zone)
        print(f"{number}  {row.state:<10} {one.light or '':<6} {row.category_code}  {body}  {due}".rstrip())
    if total is not None:
        print(f"{total} open")


@app.command()
def show(case: Annotated[str, typer.Argument(help="Its number or its id.")]) -> None:
    """One case: how it stands, its clocks and its history."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        setting = _setting(house, session)
        seen = service.get(session, _id(session, case), EVERYWHERE, AS_SYSTEM, setting=setting, become=lambda: None)
    zone, row, file = setting.calendar.zone, seen.row, seen.file
    print(f"{number_of(row.number, row.happened_at, zone)}  {file.state} {STATES[file.state]}  {row.category_code}")
    print("  " + " / ".join(area.names["zh"] for area in seen.path))
    for timed in file.timed:
        one = timed.clock
        stands = "ended" if one.ended_at else "runs" if one.running_since else "stands still"
        whose = f" of summons {timed.summons}" if timed.summons else ""
        print(f"  {one.name}{whose}: {one.limit}, due {one.due_at.astimezone(zone):%Y-%m-%d %H:%M}, {stands}, "
              f"{light(one, setting.now)}")  # fmt: skip
    for event in seen.events:
        role = event.by.role or "system"
        print(
            f"  {event.seq:>3}  {event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {event.action} -> {event.after}  {role}"
        )


@app.command()
def verify(
    most: Annotated[int | None, typer.Option("--most", min=1, help="So many cases; default: all.")] = None,
    after: Annotated[int, typer.Option("--after", min=0, help="Only those after this count of the number.")] = 0,
) -> None:
    """Replay histories and compare with what is stored; exit code 1 at the first difference."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = verifying.verify(session, most=most, after=after)
    print(f"{found.cases} cases, {found.events} events replayed")
    if found.difference is not None:
        print(found.difference)
        raise typer.Exit(1)
    print("every row follows from its history")


@settings.command("list")
def list_settings() -> None:
    """Every setting: its value, and which the city set itself."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for one in choosing.listed(session):
            print(f"{one.name:<22} {one.value}{'' if one.default else '  (set)'}")


@settings.command("set")
def set_setting(
    name: Annotated[str, typer.Argument(help="As clock.handle, merge_m, to_verify.")],
    value: Annotated[str, typer.Argument(help='As “3 work_day”, 60, ["hotline"]; “default”: as shipped.')],
) -> None:
    """Set one; what runs already keeps its limits."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        changed = choosing.choose(session, name, None if value == "default" else _value(value))
    print(f"{name} = {changed}")


def _value(given: str) -> Any:
    try:
        return json.loads(given)
    except json.JSONDecodeError:
        return given


def _setting(house: House, session: Session) -> Setting:
    return house.case_setting(Work(session, NOBODY, revisions(session), clock.utcnow()))


def _id(session: Session, given: str) -> UUID:
    """By number or id. Raises `CaseUnknown`."""
    number = _NUMBER.fullmatch(given)
    try:
        found = worklists.numbered(session, int(number[1])) if number else UUID(given)
    except ValueError:
        found = None
    if found is None:
        raise CaseUnknown(f"There is no case “{given}”.", field="case", remedy="Give its number or its id.")
    return found
