"""`gridgov plan preview|submit|approve|activate|withdraw|rollback|activations|matter`: plans in time, as owner."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from gridgov.areas.following import Moves, Takeover
from gridgov.areas.index import AreaIndex
from gridgov.bootstrap import FOLLOWERS, House
from gridgov.cli.house import opened
from gridgov.cli.plans import PlanId, app
from gridgov.planning import activation, drafts, jobs, matters, preview, publishing, steering
from gridgov.planning.preview import Preview
from gridgov.platform import clock
from gridgov.platform.settings import Settings

SHOWN = 20


@app.command(name="preview")
def previewed(plan: PlanId) -> None:
    """Everything that would move if the plan took effect now: households, open cases, posts, duties."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        now = clock.utcnow()
        index = _index(house, session, now)
        _show(preview.preview(session, drafts.plan(session, plan), index, FOLLOWERS, now=now), index)


@app.command()
def submit(
    plan: PlanId,
    start: Annotated[
        datetime | None, typer.Option("--from", help="The instant from which it is to hold; default: once approved.")
    ] = None,
) -> None:
    """Submits a draft as it stands; on the machine itself nobody else is asked: approve it, then activate it."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        now = clock.utcnow()
        wanted = None if start is None else start if start.tzinfo else start.replace(tzinfo=_zone(house, session))
        done = publishing.submit(
            session, None, plan, wanted_from=wanted, index=_index(house, session, now), followers=FOLLOWERS, now=now
        )
    print(f"plan {plan}: submitted, {done.digest.hex()[:16]}")


@app.command()
def approve(plan: PlanId) -> None:
    """Approves what was submitted on the machine itself, without a second person; the trail says so."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        publishing.approve_alone(session, plan)
    print(f"plan {plan}: approved")


@app.command()
def withdraw(plan: PlanId, reason: Annotated[str, typer.Option(help="Why it is taken back.")] = "") -> None:
    """Makes a submitted or approved plan a draft again."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        publishing.withdraw(session, None, plan, reason=reason, now=clock.utcnow())
    print(f"plan {plan}: a draft again")


@app.command()
def activate(
    plan: PlanId,
    early: Annotated[bool, typer.Option("--early", help="Also before the instant that was wanted.")] = False,
    history: Annotated[bool, typer.Option(help="Let history follow at once; otherwise a server does that.")] = True,
) -> None:
    """Puts an approved plan in force now, in one transaction; a server does the same by itself at its instant."""
    with opened(Settings.load()) as house:
        with house.db.transaction() as session:
            done = activation.activate(session, plan, followers=FOLLOWERS, clock=clock.utcnow, early=early)
        print(f"plan {plan}: in force from {done.at.isoformat()}")
        for one in done.moves:
            print(f"  {one.noun}: {_sum(one)}")
        if done.retired:
            print(f"  retired: {', '.join(map(str, done.retired))}")
        slices = 0
        while history and jobs.follow(house.db.transaction, FOLLOWERS, house.locator, clock.utcnow):
            slices += 1
        if history:
            print(f"  history has followed in {slices} slices")


@app.command()
def rollback(
    plan: PlanId,
    after: Annotated[
        bool, typer.Option("--after", help="What the plan put in force; default: what held until then.")
    ] = False,
    name: Annotated[str, typer.Option(help="Name of the new plan.")] = "",
) -> None:
    """Makes a draft that brings boundaries of before back; it is submitted, approved and activated like any other."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        made = steering.roll_back(session, None, plan, before=not after, name=name, now=clock.utcnow())
    print(f"plan {made}: a draft that brings back what held {'with' if after else 'before'} plan {plan}")


@app.command()
def activations(most: Annotated[int, typer.Option(help="How many, newest first.")] = 50) -> None:
    """What took effect, when, and how far history has followed."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for row in activation.find(session, limit=most):
            left = [noun for noun, told in sorted(row.follows.items()) if told["done_at"] is None]
            print(f"{row.id}  plan {row.plan_id} “{row.name}”  {row.effective_from.isoformat(timespec='seconds')}"
                  + (f"  still following: {', '.join(left)}" if left else ""))  # fmt: skip


@app.command()
def matter(
    plan: PlanId,
    duty_list: Annotated[str, typer.Argument(metavar="LIST", help="Name of the duty list.")],
    item: Annotated[str, typer.Argument(help="Code of the item.")],
    lead: Annotated[str, typer.Argument(help="Who takes it over: an agency's code, or @district, @community, …")],
) -> None:
    """Says who takes over a matter whose body ceases; the same matter again replaces what was said."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        held = [one for one in matters.of(session, plan) if (one.list, one.item) != (duty_list, item)]
        taken = [*held, Takeover(duty_list, item, lead)]
        steering.put_matters(session, None, plan, taken, now=clock.utcnow())
    print(f"plan {plan}: {len(taken)} matters are taken over")


def _show(found: Preview, index: AreaIndex) -> None:
    print(f"households in another grid: {found.moved_households}")
    print(f"areas: {len(found.begun)} begin, {len(found.changed)} change, {len(found.endings)} end")
    for one in found.endings[:SHOWN]:
        heirs = ", ".join(f"{heir.code} {heir.share:.0%}" for heir in one.heirs) or "nobody"
        print(f"  {one.area.level} {one.area.code} → {heirs}")
    for moves in found.moves:
        print(f"{moves.noun}: {_sum(moves)}")
        for move in moves.by[:SHOWN]:
            before, after = index.get(move.before), None if move.after is None else found.after.get(move.after)
            print(f"  {before.code if before else '-'} → {after.code if after else '-'}: {move.count}")
    for community, finding in found.readiness.blocking[:SHOWN]:
        print(f"blocks: community {community}: {finding.zh} {finding.en}")
    for open_matter in found.readiness.open_matters[:SHOWN]:
        print(f"open: {open_matter.zh} {open_matter.en}")


def _sum(moves: Moves) -> str:
    said = f"{moves.total} to look at" if moves.moved is None else f"{moves.moved} of {moves.total} move"
    return said + (f", {moves.left} left without a place or a body" if moves.left else "")


def _index(house: House, session: Session, now: datetime) -> AreaIndex:
    return house.locator.index(session, now)


def _zone(house: House, session: Session) -> ZoneInfo:
    return house.locator.city(session).zone
