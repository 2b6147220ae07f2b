"""`gridgov privacy`: the register of processing, notices, retention, legal holds, and the keys of personal data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.bootstrap import HOLDINGS, METADATA, House
from gridgov.cli.house import opened
from gridgov.notices import subscribing
from gridgov.platform import clock, keyring
from gridgov.platform.crypto import Sealer, new_key
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings
from gridgov.privacy import jobs, notices, register, service
from gridgov.privacy.deadlines import Limit
from gridgov.privacy.noticefile import parse
from gridgov.privacy.retention import DEADLINES, limit_of

app = typer.Typer(no_args_is_help=True, help="Personal data: what is held, how long, and under which keys.")
SHIPPED = Path(__file__).resolve().parents[2] / "geodata" / "notices" / "report.toml"

Reason = Annotated[str, typer.Option(help="Why; it stands in the audit trail.")]


@app.command(name="register")
def show_register() -> None:
    """Print the register of processing: every personal column with purpose, basis and retention."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = register.lines(METADATA, service.limits(session))
    print(register.markdown(found), end="")


@app.command()
def limits() -> None:
    """Print how long things are kept and how soon answers are due, and where each number comes from."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        set_here = service.limits(session)
    shown = [limit_of(kept, set_here) for kept in register.classes(METADATA).values()]
    shown += [set_here.get(one.name, one) for one in DEADLINES]
    for one in sorted(shown, key=lambda limit: limit.name):
        print(f"{one.name}: {one.days}{' working' if one.working else ''} days ({one.source})")


@app.command()
def limit(
    name: Annotated[str, typer.Argument(help="As “gridgov privacy limits” prints it.")],
    days: Annotated[int, typer.Argument(help="How many.")],
    source: Annotated[str, typer.Option(help="The rule that says so.")],
    working: Annotated[bool, typer.Option(help="Count Monday to Friday alone.")] = False,
) -> None:
    """Set the city's own limit. Publish the notice again afterwards: it says how long contacts are kept."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        chosen = Limit(name, days, source, working)
        service.set_limit(session, chosen, known=register.classes(METADATA), now=clock.utcnow())
    print(f"{name}: {days}{' working' if working else ''} days.")


@app.command()
def notice(
    file: Annotated[Path, typer.Argument(help="TOML; default: the shipped notice for reporters.")] = SHIPPED,
) -> None:
    """Publish a notice: it is in force from now on, and the version before ends. The same again changes nothing."""
    try:
        written = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadInput(f"“{file}” cannot be read: {problem}.", field="file") from None
    new = parse(written)
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = notices.publish(session, new, classes=register.classes(METADATA), now=clock.utcnow())
    print(f"Notice “{found.code}”, version {found.version}, in force since {found.valid_from:%Y-%m-%d %H:%M} UTC.")


@app.command()
def retain() -> None:
    """Delete or freeze what is past its retention. The server does it once a day; repeating it is harmless."""
    with opened(Settings.load()) as house:
        done = jobs.retain(house.db.transaction, HOLDINGS, now=clock.utcnow())
    for name, ended in done.items():
        print(f"{name}: {ended.erased:,} erased, {ended.frozen:,} frozen")


@app.command()
def hold(
    holding: Annotated[str, typer.Argument(help="Such as incidents.contacts.")],
    key: Annotated[str, typer.Argument(help="Of the row: for contacts the incident's id.")],
    reason: Reason,
) -> None:
    """Keep a row although its time is up or its owner wants it gone, for a court or an inquiry."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        chosen = service.holding_named(HOLDINGS, holding)
        number = service.hold(session, chosen, key, reason=reason, now=clock.utcnow())
    print(f"Hold {number}.")


@app.command()
def lift(hold_id: Annotated[int, typer.Argument(help="Number of the hold.")], reason: Reason) -> None:
    """End a hold; the next run of the retention does what it would have done."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        service.lift(session, hold_id, reason=reason, now=clock.utcnow())
    print(f"Hold {hold_id} is lifted.")


@app.command()
def index() -> None:
    """Make the blind indexes that are missing, as of contacts from before they came, or of an older key."""
    with opened(Settings.load()) as house:
        _renew(house, reseal=False)


@app.command()
def rekey() -> None:
    """Seal everything with the newest key. Can be stopped and begun again at any time."""
    with opened(Settings.load()) as house:
        _renew(house, reseal=True)


@app.command()
def keys() -> None:
    """Print the keys' numbers, and how many sealed fields need each."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        needed = _needed(session)
        known = house.sealer.numbers
    for number in sorted({*known, *needed}, reverse=True):
        note = " (seals)" if number == max(known) else "" if number in known else " (NOT HERE: these cannot be opened)"
        print(f"key {number}: {needed.get(number, 0):,} fields{note}")


@app.command()
def add_key() -> None:
    """Add a key, which seals from now on, in servers that run too; then run “rekey”."""
    home = Settings.load().home
    Sealer.from_home(home)
    number = keyring.add(home, new_key())
    print(f"Key {number} seals from now on. Copy the key file apart from the database, then run: gridgov privacy rekey")


@app.command()
def drop_key(number: Annotated[int, typer.Argument(help="As “gridgov privacy keys” prints it.")]) -> None:
    """Take a key away for good. Refused while a sealed field needs it.

    With it go the codes of the receipts that were given out under it, and a report that is sent again is no longer
    known by it: keep it as long as these are to work. The password of the database's log-in follows from the oldest
    key: restart the servers afterwards.
    """
    settings = Settings.load()
    with opened(settings) as house, house.db.transaction() as session:
        _refuse_needed(session, number)
        keyring.drop(settings.home, number)
    print(f"Key {number} is gone.")


def _refuse_needed(session: Session, number: int) -> None:
    needed = _needed(session).get(number, 0)
    if needed:
        raise keyring.KeyInUse(
            f"{needed:,} sealed fields need key {number}.", field="key", remedy="Run “gridgov privacy rekey” first."
        )


def _needed(session: Session) -> Counter[int]:
    """Number of a key -> how many sealed fields need it, personal ones and those of webhooks and offices."""
    return Counter(jobs.by_key(session, METADATA)) + Counter(subscribing.by_key(session))


def _renew(house: House, *, reseal: bool) -> None:
    done = jobs.renew(house.db.transaction, METADATA, house.sealer, reseal=reseal)
    for table, one in done.items():
        left = f", {one.unreadable:,} that no key here opens" if one.unreadable else ""
        print(f"{table}: {one.done:,} rows renewed{left}")
    if reseal:
        with house.db.transaction() as session:
            count, unreadable = subscribing.reseal(session, house.sealer)
        left = f", {unreadable:,} that no key here opens" if unreadable else ""
        print(f"webhooks and offices: {count:,} rows renewed{left}")
