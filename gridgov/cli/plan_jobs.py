"""`gridgov plan propose|jobs|cancel|load`: proposals in the foreground, with a bar; jobs that others asked for."""

from __future__ import annotations

import os
import threading
from datetime import date
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from gridgov.areas.rules import Level
from gridgov.areas.service import city
from gridgov.bootstrap import House
from gridgov.cli.bars import watched
from gridgov.cli.house import opened
from gridgov.cli.plans import PlanId, app
from gridgov.geo.partition.solve import EFFORT
from gridgov.incidents.points import StoredPoints
from gridgov.planning import load, proposals
from gridgov.planning.load import Difference
from gridgov.planning.proposals import JobFacts
from gridgov.planning.proposing import Mode
from gridgov.planning.rules import Target
from gridgov.planning.worker import Worker
from gridgov.platform import clock, crypto
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

JobId = Annotated[UUID, typer.Argument(help="Id of a job, as “gridgov plan jobs” prints it.")]
OBSTACLES = 5  # shown of each community


class CodeUnknown(BadInput):
    """No community of this code is in force."""

    code = "community-unknown"


class Differs(BadInput):
    """The load is not what the database finds by SQL."""

    code = "load-differs"


@app.command()
def propose(
    plan: PlanId,
    community: Annotated[
        list[str] | None, typer.Option(help="Code of a community; repeatable. Default: all of the plan.")
    ] = None,
    households: Annotated[int | None, typer.Option(help="Households a grid should have; default: of the plan.")] = None,
    band: Annotated[float, typer.Option(help="Share by which a grid may miss that.")] = 0.1,
    rural: Annotated[int | None, typer.Option(help="Households a rural grid should have.")] = None,
    mode: Annotated[
        Mode, typer.Option(help="fresh: anew; resume: from what is drawn; repair: as few moves as can be.")
    ] = Mode.FRESH,
    price: Annotated[float, typer.Option(help="Metres of boundary that one moved household is worth.")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same grids to the bit.")] = 1,
    effort: Annotated[int, typer.Option(help="Steps tried for each atom.")] = EFFORT,
    threads: Annotated[int, typer.Option(help="Communities at a time; default: as many as there are cores.")] = 0,
) -> None:
    """Propose grids, community by community. Ctrl-C ends it; what has been drawn stays and can be undone."""
    with opened(Settings.load()) as house:
        worker = _worker(house, threads or os.cpu_count() or 1)
        with house.db.transaction() as session:
            asked = proposals.ask(
                session,
                None,
                plan,
                ident=_ident(),
                communities=_ids(house, session, community),
                target=None if households is None else Target(households, band),
                rural=None if rural is None else Target(rural, band),
                seed=seed,
                effort=effort,
                mode=mode,
                price=price,
                now=clock.utcnow(),
            )
            row = worker.claim(session, asked.id)
        assert row is not None  # made and claimed in one transaction
        done = _followed(house, worker, row, f"plan {plan}: {asked.total} communities")
    _show(done)
    if done.state != "done":
        raise typer.Exit(1)


@app.command()
def jobs(
    plan: Annotated[int | None, typer.Option(help="Only of this plan.")] = None,
    most: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
) -> None:
    """Jobs and how far they are."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for one in proposals.find(session, plan_id=plan, limit=most):
            print(_line(one))


@app.command()
def cancel(job: JobId) -> None:
    """End a job. Whoever works at it hears of it within a second; what it drew stays and can be undone."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        print(_line(proposals.cancel(session, None, job, now=clock.utcnow())))


@app.command(name="load")
def loaded(
    plan: PlanId,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what was counted, and count everything.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare with what SQL finds; slow.")] = False,
) -> None:
    """Count the incidents that have come since the last time, at the ground of a plan."""
    with opened(Settings.load()) as house:
        worker = _worker(house, 1)
        with house.db.transaction() as session:
            asked = proposals.ask_load(session, None, plan, ident=_ident(), anew=anew, now=clock.utcnow())
            row = worker.claim(session, asked.id)
        assert row is not None
        done = _followed(house, worker, row, f"plan {plan}: incidents")
        print(_line(done), "; ".join(f"{name} {value}" for name, value in done.result.items()))
        if verify:
            with house.db.transaction() as session:
                _verified(session, plan)
    if done.state != "done":
        raise typer.Exit(1)


def _worker(house: House, threads: int) -> Worker:
    own = house.db.transaction
    return Worker(own, own, StoredPoints(), clock.utcnow, f"command-{crypto.new_secret()[:12]}", threads)


def _ident() -> UUID:
    return UUID(bytes=crypto.new_salt(), version=4)


def _ids(house: House, session: Session, codes: list[str] | None) -> list[int] | None:
    """Ids of communities in force by their codes. Raises `CodeUnknown`."""
    if not codes:
        return None
    index = house.locator.index(session, clock.utcnow())
    known = {one.code: one.id for one in index.areas if one.level == Level.COMMUNITY}
    missing = [code for code in codes if code not in known]
    if missing:
        raise CodeUnknown(f"No community has the code {missing[0]}.", field="community", remedy="See the city's map.")
    return [known[code] for code in codes]


def _followed(house: House, worker: Worker, row: object, title: str) -> JobFacts:
    """Does a claimed job with a bar; an interrupt ends the job in order."""
    ident: UUID = row.id  # type: ignore[attr-defined]
    with watched() as bars:
        bars.step(title)
        worker.told = lambda share, _said: bars.advance(share, 0)
        thread = threading.Thread(target=worker.run, args=(row,), name="planning")
        thread.start()
        while thread.is_alive():
            try:
                thread.join()
            except KeyboardInterrupt:
                with house.db.transaction() as session:
                    proposals.cancel(session, None, ident, now=clock.utcnow())
    with house.db.transaction() as session:
        return proposals.job(session, ident)


def _verified(session: Session, plan: int) -> None:
    """Raises `Differs`."""
    wrong: list[Difference] = []
    zone = city(session).zone
    for basis_id in {one.basis_id for one in load.of_plan(session, plan, date(2000, 1, 1), date(2000, 2, 1))}:
        wrong += load.verify(session, StoredPoints(), basis_id, zone=zone)
    if wrong:
        first = wrong[0]
        raise Differs(
            f"{len(wrong)} counts differ; atom {first.atom} in {first.month:%Y-%m}: {first.held} held, "
            f"{first.found} found.",
            remedy="Count anew: gridgov plan load --anew.",
        )
    print("what is held is what SQL finds")


def _line(one: JobFacts) -> str:
    return f"{one.id} plan {one.plan_id} {one.kind} {one.state} {one.done}/{one.total} {one.said}"


def _show(job: JobFacts) -> None:
    for part in job.parts:
        name = part.names.get("zh") or part.code or str(part.community_id)
        print(f"{name} {part.state}: {part.result.get('zh', '')} {part.result.get('en', '')}")
        obstacles = part.result.get("obstacles", [])
        for one in obstacles[:OBSTACLES]:
            print(f"  {one['zh']}；{one['remedy_zh']}。 {one['en']}; {one['remedy_en']}.")
        if len(obstacles) > OBSTACLES:
            print(f"  … {len(obstacles) - OBSTACLES} more")
    print(_line(job))
