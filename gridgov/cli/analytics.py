"""`gridgov analytics`: whether counts agree with the database, how they stand, and reading them anew."""

from __future__ import annotations

from typing import Annotated

import typer

from gridgov.analytics.store.behind import said
from gridgov.analytics.store.columns import FAMILIES
from gridgov.analytics.store.feed import months_said
from gridgov.analytics.store.verify import Verdict, verify
from gridgov.cli.house import opened
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Counts from memory: compare them with the database, or read them anew.")
DIFFERED = 1


@app.command("verify")
def verify_(
    repair: Annotated[bool, typer.Option("--repair", help="Read the months that differ anew.")] = False,
) -> None:
    """Compare every row that is counted with the database, at one moment; the exit code is 1 when something differs."""
    with opened(Settings.load()) as house:
        verdict = verify(house.counts)
        _say(verdict)
        if repair and verdict.differences:
            months: dict[str, list[int]] = {}
            for one in verdict.differences:
                months.setdefault(one.family, []).append(one.month)
            house.counts.reread(months)
            print(f"Read anew: {sum(len(some) for some in months.values())} months.")
    if not verdict.good:
        raise typer.Exit(DIFFERED)


@app.command()
def rebuild() -> None:
    """Read everything anew. Servers that run go over to it by themselves."""
    with opened(Settings.load()) as house:
        house.counts.rebuild()
        with house.db.transaction() as session:
            rows = {family.name: house.counts.view(session, family).rows for family in FAMILIES}
    print("Read anew: " + ", ".join(f"{count:,} {name}" for name, count in rows.items()) + ".")


@app.command()
def status() -> None:
    """Print how many rows and months are held, how much lies on disk, and whether anything lags."""
    with opened(Settings.load()) as house:
        with house.db.transaction() as session:
            for family in FAMILIES:
                house.counts.view(session, family)
        found = house.counts.status()
    for name, rows in found.rows.items():
        print(f"{name}: {rows:,} in {found.months[name]} months, {found.changes[name]:,} changes since they were read")
    print(f"{found.disk_bytes / 1e6:,.1f} MB on disk, as of {found.as_of}")
    for name, why in found.behind.items():
        print(f"{name}: {said(why)['en']}")
    if found.trouble:
        print(said(found.trouble)["en"])


def _say(verdict: Verdict) -> None:
    for one in verdict.differences:
        print(f"{one.family} {months_said([one.month])}: {one.missing:,} rows are missing, {one.surplus:,} too many")
    for family, month in verdict.waiting:
        print(f"{family} {months_said([month])}: changed in bulk, about to be read anew; not compared")
    print(f"{verdict.rows:,} rows in {verdict.months} months compared.")
    if verdict.good:
        print("All agree.")
