"""`gridgov plan list|new|show|log|undo|redo|rebase|verify|drop`: plans that are drawn, on the machine itself."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.areas.rules import Level
from gridgov.areas.service import list_areas
from gridgov.cli.house import opened
from gridgov.cli.plans import PlanId, app
from gridgov.planning import drafts, editing, history, publishing, service
from gridgov.planning.drafts import STATE_NAMES, PartFacts, PlanFacts
from gridgov.planning.editing import Done
from gridgov.planning.rules import PlanState, Target
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

Community = Annotated[str, typer.Argument(help="Code of a community that the plan draws.")]


class CodeUnknown(BadInput):
    """No community of this code is in force, or none in the plan."""

    code = "community-unknown"


@app.command(name="list")
def listed(
    state: Annotated[PlanState | None, typer.Option(help="Only in this state.")] = None,
    most: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
) -> None:
    """Plans, newest first."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for one in service.find(session, state=state, limit=most):
            print(_line(one))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the plan.")],
    community: Annotated[
        list[str] | None, typer.Option(help="Code of a community to draw; repeatable. “all”: each that has ground.")
    ] = None,
    copy_of: Annotated[int | None, typer.Option(help="Id of a plan to copy.")] = None,
    households: Annotated[int | None, typer.Option(help="Households a grid should have; default 300.")] = None,
    band: Annotated[float, typer.Option(help="Share by which a grid may miss that.")] = 0.1,
) -> None:
    """Make a draft: a copy of another plan, or begun from the boundaries in force."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        target = None if households is None else Target(households, band)
        wanted = _communities(session, community or [])
        made = service.create(
            session, None, name=name, target=target, copy_of=copy_of, communities=wanted, now=clock.utcnow()
        )
        print(_line(drafts.plan(session, made)))


@app.command()
def show(plan: PlanId) -> None:
    """A plan and the communities that it draws."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        print(_line(drafts.plan(session, plan)))
        codes = _codes(session)
        for part in drafts.parts(session, plan):
            sheet = drafts.sheet(session, part.id)
            more = "; newer ground or a newer count is there (gridgov plan rebase)" if part.outdated else ""
            code = codes.get(part.community_id, f"#{part.community_id}")
            print(
                f"  {code}  part {part.id}, revision {part.revision}, {len(sheet.grids)} grids on "
                f"{len(sheet.assignment):,} atoms, {part.digest.hex()[:12]}{more}"
            )


@app.command()
def log(
    plan: PlanId,
    community: Community,
    most: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
) -> None:
    """What was drawn in one community, by whom."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for line in history.log(session, _part(session, plan, community).id, limit=most, named=True):
            back = f" (undoes {line.undoes})" if line.undoes else f" (redoes {line.redoes})" if line.redoes else ""
            grids = ", ".join(map(str, line.touched[:12])) + (" …" if len(line.touched) > 12 else "")
            print(f"{line.no:>6}  {line.at:%Y-%m-%d %H:%M:%S}  {line.account or 'owner'}  {line.kind}{back}  {grids}")


@app.command()
def undo(plan: PlanId, community: Community) -> None:
    """Take the last operation back that stands."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        part = _part(session, plan, community)
        _say(editing.undo(session, None, part.id, revision=part.revision, now=clock.utcnow()), "undone")


@app.command()
def redo(plan: PlanId, community: Community) -> None:
    """Do again what was undone last."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        part = _part(session, plan, community)
        _say(editing.redo(session, None, part.id, revision=part.revision, now=clock.utcnow()), "done again")


@app.command()
def rebase(plan: PlanId, community: Community) -> None:
    """Put a drawing on the newest ground with its newest count."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        part = _part(session, plan, community)
        done, carried = editing.rebase(session, None, part.id, revision=part.revision, now=clock.utcnow())
        print(f"revision {done.revision}: {carried.by_key:,} atoms the same, {carried.by_overlap:,} by where they lie")
        for what, lost in (
            ("atoms in no grid", carried.unassigned),
            ("grids without ground", carried.grids_lost),
            ("corners that are gone", carried.corners_lost),
        ):
            if lost:
                print(f"  {len(lost):,} {what}: {', '.join(map(str, lost[:12]))}{' …' if len(lost) > 12 else ''}")


@app.command()
def verify(
    plan: PlanId,
    whole: Annotated[bool, typer.Option(help="From the first operation, not from the last snapshot.")] = False,
) -> None:
    """Replay the logs of a plan and hold what they lead to against what is stored."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        codes = _codes(session)
        for part in drafts.parts(session, plan):
            found = history.verify(session, part.id, whole=whole, boards=house.boards)
            code = codes.get(part.community_id, f"#{part.community_id}")
            print(f"{code}  {found.replayed:,} operations from {found.begun:,}: {found.digest.hex()}")


@app.command()
def drop(plan: PlanId) -> None:
    """Give a draft up; nothing of it is deleted."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        service.drop(session, None, plan, now=clock.utcnow())
        print(_line(drafts.plan(session, plan)))


@app.command()
def resume(plan: PlanId) -> None:
    """Take a dropped plan up again: a draft, as it was drawn."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        publishing.take_up(session, None, plan, now=clock.utcnow())
        print(_line(drafts.plan(session, plan)))


def _line(one: PlanFacts) -> str:
    zh, en = STATE_NAMES[one.state]
    target = f"{one.target.households} ± {one.target.band:.0%}"
    return (
        f"{one.id:>5}  {one.name}  {zh} ({en}), {one.parts} communities, {target} households, revision {one.revision}"
    )


def _say(done: Done, what: str) -> None:
    about = done.about
    assert about is not None  # of an undoing and of a doing again
    print(f"{what}: {about.no} {about.kind} of {about.account or 'the owner'}; revision {done.revision}")


def _codes(session: Session) -> dict[int, str]:
    rows = list_areas(session, at=clock.utcnow(), level=Level.COMMUNITY, limit=1_000_000)
    return {row.id: row.code for row in rows}


def _communities(session: Session, wanted: list[str]) -> list[int]:
    by_code = {code: ident for ident, code in _codes(session).items()}
    if wanted == ["all"]:
        return [ident for ident in sorted(by_code.values()) if service.bases(session, ident, limit=1)]
    for code in wanted:
        if code not in by_code:
            raise CodeUnknown(f"No community “{code}” is in force.", field="community", remedy="Name one by its code.")
    return [by_code[code] for code in wanted]


def _part(session: Session, plan: int, community: str) -> PartFacts:
    codes = _codes(session)
    for part in drafts.parts(session, plan):
        if codes.get(part.community_id) == community:
            return part
    raise CodeUnknown(
        f"Plan {plan} draws no community “{community}”.", field="community", remedy="See: gridgov plan show."
    )
