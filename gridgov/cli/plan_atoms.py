"""`gridgov plan atoms`: the ground that plans are drawn on, made from the city's layers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import city
from gridgov.bootstrap import House
from gridgov.cli.house import opened
from gridgov.cli.plans import app
from gridgov.planning import basis
from gridgov.planning.basis import Made
from gridgov.planning.rules import Target
from gridgov.platform import clock
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

SHOWN = 10


class CommunityUnknown(BadInput):
    """No community of this code is in force."""

    code = "community-unknown"


@app.command()
def atoms(
    community: Annotated[
        list[str] | None, typer.Option(help="Code of a community; repeatable. Default: all of the city.")
    ] = None,
    on: Annotated[datetime | None, typer.Option(help="The day that the households are of; default: today.")] = None,
    households: Annotated[int, typer.Option(help="Households a grid should have; a larger building is divided.")] = 300,
    band: Annotated[float, typer.Option(help="Share by which a grid may miss that.")] = 0.1,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="From the block layer (census blocks, plots) and not from streets.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="With --blocks: only blocks of this source.")] = None,
    totals: Annotated[
        str | None,
        typer.Option(help="Attribute of the block layer with households, to be spread over buildings that have none."),
    ] = None,
) -> None:
    """Make the atoms of communities (地块) with their households and how they touch, and keep them."""
    with opened(Settings.load()) as house:
        with house.db.transaction() as session:
            chosen = _communities(house, session, community)
            day = on.date() if on else clock.utcnow().astimezone(city(session).zone).date()
        many, people, spent = 0, 0, 0.0
        for one in chosen:
            began = clock.utcnow()
            with house.db.transaction() as session:
                if blocks:
                    made = basis.make_of_blocks(session, one.id, source=source, totals=totals or "households")
                else:
                    made = basis.make(session, one.id, target=Target(households, band), totals=totals)
                kept = _keep(session, made, day)
            spent += (clock.utcnow() - began).total_seconds()
            many, people = many + len(made.atoms), people + int(made.households.sum())
            _show(one, made, kept)
    print(f"{len(chosen)} communities, {many:,} atoms, {people:,} households, {many / max(spent, 1e-9):,.0f} atoms/s")


def _keep(session: Session, made: Made, day: date) -> tuple[int, int]:
    """(basis, count)."""
    now = clock.utcnow()
    ident = basis.store(session, made, now=now, by=None)
    return ident, basis.count(session, ident, made, counted_on=day, source=str(made.source["made"]), now=now)


def _communities(house: House, session: Session, codes: list[str] | None) -> list[AreaFacts]:
    index = house.locator.index(session, clock.utcnow())
    known = {one.code: one for one in index.areas if one.level == Level.COMMUNITY}
    missing = [code for code in codes or () if code not in known]
    if missing:
        raise CommunityUnknown(
            f"No community has the code “{missing[0]}”.", field="community", remedy="See the city's map for the codes."
        )
    return [known[code] for code in (codes or sorted(known))]


def _show(one: AreaFacts, made: Made, kept: tuple[int, int]) -> None:
    found = made.atoms
    kinds = ", ".join(f"{found.kinds.count(kind):,} {kind}" for kind in sorted(set(found.kinds)))
    print(
        f"{one.code} {one.names.get('zh') or one.names.get('en') or ''}: basis {kept[0]}, count {kept[1]}; "
        f"{len(found):,} atoms ({kinds}), {len(found.edges):,} edges, {int(made.households.sum()):,} households"
    )
    for said in found.findings[:SHOWN]:
        where = "" if said.at is None else f" ({said.at[0]:.6f}, {said.at[1]:.6f})"
        print(f"  {said.code}: {said.zh}。 {said.en}.{where}")
    if len(found.findings) > SHOWN:
        print(f"  … and {len(found.findings) - SHOWN} more, kept with the basis")
