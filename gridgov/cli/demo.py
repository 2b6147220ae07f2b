"""`gridgov demo`: everything from an empty folder to a map in the browser."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic

from gridgov.bootstrap import METADATA, House
from gridgov.cli import serve
from gridgov.cli.house import opened
from gridgov.cli.privacy import SHIPPED
from gridgov.cli.showing import Lines
from gridgov.interop.cityload import loading
from gridgov.interop.democases.loading import settle_cases
from gridgov.interop.democity import generate
from gridgov.interop.demopeople import colleagues, machine_token, seats, settle
from gridgov.platform import clock
from gridgov.platform.db import bump, revisions
from gridgov.platform.ports import require_free
from gridgov.platform.settings import Settings
from gridgov.privacy import register
from gridgov.privacy.noticefile import parse
from gridgov.privacy.notices import publish

SEED = 1  # of what its people do
COMPLETE = "demo-city"  # has a revision once everything is loaded


def demo() -> None:
    """Set up the demo city where it is absent, and serve it until interrupted. Repeating it destroys nothing."""
    settings = Settings.load()
    require_free(settings.host, settings.port)
    say = _Teller()
    say(f"data folder: {settings.home}")
    with opened(settings, said=say, fresh=True) as house:
        set_up(house, said=say)
        say(f"a machine's token is in {machine_token(house, settings.home, now=clock.utcnow())}")
        serve.run(
            house,
            settings,
            ready=lambda: say(f"gridgov is ready: {serve.address(settings)}   (Ctrl-C ends it; the data stays)"),
        )
    say("stopped; the data is kept")


def set_up(house: House, *, said: Callable[[str], None], until: date | None = None, most: int | None = None) -> bool:
    """Generates and loads the demo city, its history ending at `until` (None: today), makes the accounts of its people,
    and has them work on its incidents (`most`: on the newest ones alone); False when the city is there already.

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
    now = clock.utcnow()
    settle(house, now=now)
    colleagues(house, now=now)
    said("what became of its incidents: case files, whistles, ratings")
    settle_cases(house, seed=SEED, until=until or now.date(), seats=seats(house, now=now), said=said, most=most)
    with house.db.transaction() as session:
        publish(session, parse(SHIPPED.read_text(encoding="utf-8")), classes=register.classes(METADATA), now=now)
        bump(session, COMPLETE)
    return True


class _Teller:
    """Lines with the seconds since the start, so that nobody looks at a silent screen."""

    def __init__(self) -> None:
        self._start = monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{monotonic() - self._start:6.1f} s] {line}", file=sys.stdout, flush=True)
