"""`gridgov demo`: everything from an empty folder to a map in the browser."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic

from gridgov.bootstrap import House
from gridgov.cli import serve
from gridgov.cli.house import opened
from gridgov.cli.showing import Lines
from gridgov.interop.cityload import loading
from gridgov.interop.democity import generate
from gridgov.interop.demopeople import machine_token, settle
from gridgov.platform import clock
from gridgov.platform.db import bump, revisions
from gridgov.platform.ports import require_free
from gridgov.platform.settings import Settings

COMPLETE = "demo-city"  # has a revision once everything is loaded


def demo() -> None:
    """Set up the demo city where it is absent, and serve it until interrupted. Repeating it destroys nothing."""
    settings = Settings.load()
    require_free(settings.host, settings.port)
    say = _Teller()
    say(f"data folder: {settings.home}")
    with opened(settings, said=say) as house:
        set_up(house, said=say)
        say(f"a machine's token is in {machine_token(house, settings.home, now=clock.utcnow())}")
        serve.run(
            house,
            settings,
            ready=lambda: say(f"gridgov is ready: {serve.address(settings)}   (Ctrl-C ends it; the data stays)"),
        )
    say("stopped; the data is kept")


def set_up(house: House, *, said: Callable[[str], None], until: date | None = None) -> bool:
    """Generates and loads the demo city, its history ending at `until` (None: today), and makes the accounts of its
    people; False when the city is there already.

    What an interrupted run left is completed: each import is whole or absent, and loading again repeats what is there.
    """
    with house.db.transaction() as session:
        there = COMPLETE in revisions(session)
        if there:
            said("the city is there already")
    if there:
        settle(house, now=clock.utcnow())
        return False
    with tempfile.TemporaryDirectory(prefix="gridgov-demo-") as folder:
        said("making the demo city")
        generate(Path(folder), until=until or clock.utcnow().date(), progress=Lines(said))
        said("loading the demo city")
        for done in loading(house, Path(folder) / "city.toml", progress=Lines(said), demo=True):
            said(f"  {done}")
    with house.db.transaction() as session:
        bump(session, COMPLETE)
    settle(house, now=clock.utcnow())
    return True


class _Teller:
    """Lines with the seconds since the start, so that nobody looks at a silent screen."""

    def __init__(self) -> None:
        self._start = monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{monotonic() - self._start:6.1f} s] {line}", file=sys.stdout, flush=True)
