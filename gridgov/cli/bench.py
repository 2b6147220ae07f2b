"""`gridgov bench data`: a long made history in the city that the settings name, to see how it fares with it."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import Annotated

import typer

from gridgov.cli.bars import watched
from gridgov.cli.house import opened
from gridgov.incidents.history import Loaded
from gridgov.interop.madehistory import making
from gridgov.interop.progress import Progress
from gridgov.platform import clock
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What it takes to grow (docs/performance.md).")
SEED = 1


@app.callback()
def _bench() -> None:
    """Commands of growth."""


@app.command()
def data(
    n: Annotated[int | None, typer.Option("--n", help="How many incidents: 10,000 to 100,000,000.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another history.")] = SEED,
    remove: Annotated[bool, typer.Option("--remove", help="Take away all that this command made.")] = False,
) -> None:
    """Make N incidents over 36 months in this city, or take them away. Interrupted, it goes on when it is repeated."""
    if (n is None) is not remove:
        raise typer.BadParameter("give either --n or --remove", param_hint="--n")
    with opened(Settings.load()) as house, watched() as shown:
        told = _Told(shown)
        if n is None:
            print(f"{making.remove(house, progress=told):,} incidents removed")
            return
        stop = Event()
        try:
            done = making.make(house, n, seed=seed, now=clock.utcnow(), progress=told, timer=monotonic, stop=stop)
        except KeyboardInterrupt:
            stop.set()
            print("interrupted: nothing is to be seen of it yet; repeat the command, or take it away with --remove")
            raise typer.Exit(130) from None
    print(_said(done))


def _said(done: Loaded) -> str:
    line = f"{done.added:,} incidents added"
    if done.repeated or done.other:
        line += f", {done.repeated + done.other:,} were there already"
    seconds = f"durable after {done.loaded_s:.1f} s, indexed in {done.indexed_s:.1f} s, part of the city in "
    return f"{line}\n{seconds}{done.attached_s:.1f} s"


class _Told:
    """Progress of a load in the form in which imports report themselves."""

    def __init__(self, shown: Progress) -> None:
        self._shown, self._step = shown, ""

    def __call__(self, step: str, share: float, rows: int) -> None:
        if step != self._step:
            self._shown.step(step)
            self._step = step
        self._shown.advance(share, rows)
