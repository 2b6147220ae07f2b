"""`gridgov admissions`: requests, ledger, alerts and burden of the whole city, as its owner sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.auth.matrix import grants_of
from gridgov.auth.rules import EVERYWHERE, Actor, Role
from gridgov.bootstrap import House
from gridgov.cli.house import opened
from gridgov.duties import admission, admitting, burdens, funding
from gridgov.duties.admitting import State
from gridgov.duties.ledger import ALERT_WORDS, Balance
from gridgov.platform import clock
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Admission of duties 事项准入: requests, money and posts, burden.")
LOOKING = Actor(role=Role.AUDITOR, account="owner", reach=EVERYWHERE, grants=grants_of(Role.AUDITOR))
PAGE = 500
MostOption = Annotated[int, typer.Option("--most", min=1, max=100_000, help="Most lines.")]


@app.command("states")
def states() -> None:
    """Print which state follows which, by whom, what it needs and why."""
    print(admitting.table())


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state now.")] = None, most: MostOption = 100
) -> None:
    """Print requests that were submitted, newest first."""
    with _looking() as (_, session, now):
        found = admission.find(session, LOOKING, now=now, state=state, limit=most)
        heard = {row.admission_id: row for row in admission.hearings(session, [one.id for one in found])}
    rows = [
        (
            one.id,
            one.state,
            one.agency_code,
            one.asked.title,
            one.matter or one.asked.category or "",
            heard[one.id].targets,
            f"{heard[one.id].supporting}/{heard[one.id].opposing}/{heard[one.id].silent}",
            one.asked.total,
            f"{one.asked.ends:%Y-%m-%d}",
        )
        for one in found
    ]
    _show(("id", "state", "agency", "title", "matter", "targets", "yes/no/silent", "yuan", "ends"), rows)


@app.command("ledger")
def ledger(
    by: Annotated[str, typer.Option(help="Sum by admission, agency or area.")] = "admission", most: MostOption = 100
) -> None:
    """Print what was promised and what came, as far as the receiving units have confirmed it."""
    with _looking() as (house, session, now):
        found = funding.balances(session, LOOKING, by, limit=most)
        names = _names(house, session, now) if by == "area" else {}
    rows = [(names.get(one.id, one.id), one.admissions, *_money(one.balance)) for one in found]
    _show((by, "admissions", "promised", "received", "unconfirmed", "disputed", "missing", "posts"), rows)


@app.command("alerts")
def alerts(most: MostOption = 100) -> None:
    """Print what somebody should look at: money and posts that have not come, what ends, what is ordered after."""
    shown = 0
    with _looking() as (house, session, now):
        zone, names = house.locator.city(session).zone, _names(house, session, now)
        after: int | None = 0
        while after is not None and shown < most:
            found, after = funding.alerts(session, LOOKING, zone=zone, now=now, after=after, limit=PAGE)
            for one in found[: most - shown]:
                place = "" if one.area_id is None else f" {names.get(one.area_id, one.area_id)}"
                what = f" {one.amount} yuan" if one.amount else f" {one.count}"
                words = ALERT_WORDS[one.kind]
                print(f"{one.on} admission {one.admission_id}{place}: {words['en']} {words['zh']}{what}")
                shown += 1
    if not shown:
        print("Nothing to look at.")


@app.command("burden")
def burden(
    level: Annotated[str, typer.Option(help="subdistrict or community.")] = "subdistrict", most: MostOption = 100
) -> None:
    """Print what is placed on each area now: the index for 1,000 households, and the counts that it is made of."""
    with _looking() as (house, session, now):
        found = burdens.find(session, LOOKING, level, index=_index(house, session, now), at=now, limit=most)
    heads: list[str] = []
    rows = []
    for one in found:
        counts = asdict(one.counts)
        heads = list(counts)
        known = one.households if one.households is not None else "unknown"
        index = one.index if one.index is not None else "-"
        rows.append((one.area.code, index, one.points, known, *counts.values(), *_money(one.balance)[:2]))
    _show((level, "index", "points", "households", *heads, "promised", "received"), rows)


@app.command("sweep")
def sweep() -> None:
    """Write down what time has done: silence, and ends. A server does this by itself; repeating it is harmless."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        done = admission.sweep(session, now=clock.utcnow())
    print(f"{done:,} requests moved.")


@contextmanager
def _looking() -> Iterator[tuple[House, Session, datetime]]:
    with opened(Settings.load()) as house, house.db.transaction() as session:
        yield house, session, clock.utcnow()


def _index(house: House, session: Session, now: datetime) -> AreaIndex:
    return house.locator.index(session, now)


def _names(house: House, session: Session, now: datetime) -> Mapping[int, str]:
    return {one.id: one.names.get("en") or one.code for one in _index(house, session, now).areas}


def _money(one: Balance) -> tuple[object, ...]:
    posts = f"{one.posts_received}/{one.posts_promised}"
    return one.promised, one.received, one.unconfirmed, one.disputed, one.missing, posts


def _show(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns apart by tabs, so that other programs read them too."""
    print("\t".join(heads))
    for row in rows:
        print("\t".join(str(cell) for cell in row))
