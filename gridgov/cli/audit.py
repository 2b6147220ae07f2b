"""`gridgov audit`: seal, verify, anchor and read the trail of who did what."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from gridgov.audit import checkpoints, receipts, sealing, service
from gridgov.audit.verifying import MOST_FINDINGS, Anchor, Finding, Verdict, verify
from gridgov.cli.bars import watched
from gridgov.cli.house import database
from gridgov.platform import clock
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings
from gridgov.platform.signing import Signer

app = typer.Typer(no_args_is_help=True, help="The audit trail: who did what, when; sealed, so that a change is found.")
BROKEN = 7

KeyOption = Annotated[
    list[str] | None, typer.Option("--key", help="Another public key (base64) that seals may be signed with.")
]
GitOption = Annotated[str | None, typer.Option("--git", help="Git remote with checkpoints: an address or a folder.")]
BranchOption = Annotated[str, typer.Option(help="Branch of the remote.")]


@app.command("seal")
def seal_(follow: Annotated[bool, typer.Option(help="Go on sealing each second until interrupted.")] = False) -> None:
    """Seal what waits. A running server does this each second by itself."""
    settings = Settings.load()
    with trail(settings) as db:
        signer = Signer.from_home(settings.home)
        made = sealing.seal_all(db.transaction, signer, clock=clock.utcnow)
        for seal in made:
            print(f"seal {seal.number}: {seal.count:,} entries")
        if not made:
            print("Nothing waits for a seal.")
        if follow:
            stop = Event()
            try:
                sealing.run(db.transaction, signer, stop, clock=clock.utcnow)
            except KeyboardInterrupt:
                stop.set()


@app.command("verify")
def verify_(
    checkpoint: Annotated[Path | None, typer.Option(help="File of checkpoints to hold the seals against.")] = None,
    git: GitOption = None,
    branch: BranchOption = "audit",
    key: KeyOption = None,
) -> None:
    """Check every entry, seal and checkpoint; name the first that is not as it was sealed (then the exit code is 7)."""
    settings = Settings.load()
    with trail(settings) as db:
        keys = frozenset([Signer.from_home(settings.home).public, *_keys(key)])
        anchors = _anchors(settings.city, checkpoint, git, branch, keys)
        begin = time.perf_counter()
        with watched() as bars, db.transaction() as session:
            shown: list[str] = []

            def progress(title: str, share: float) -> None:
                if title not in shown:
                    shown.append(title)
                    bars.step(title)
                bars.advance(share, 0)

            verdict = verify(session, keys, anchors=anchors, progress=progress)
        seconds = time.perf_counter() - begin
    _say(verdict, len(anchors), seconds)
    if not verdict.good:
        raise typer.Exit(BROKEN)


@app.command()
def checkpoint(
    to: Annotated[Path | None, typer.Option(help="File to add the newest seal to, one JSON line each.")] = None,
    git: GitOption = None,
    branch: BranchOption = "audit",
) -> None:
    """Write the newest seal down where whoever rules this database cannot change it: a file elsewhere, a git remote."""
    if (to is None) == (git is None):
        raise BadInput("Name one place.", field="to", remedy="Give --to FILE or --git REMOTE.")
    settings = Settings.load()
    with trail(settings) as db, db.transaction() as session:
        now = clock.utcnow()
        if to is not None:
            made = checkpoints.to_file(session, to, settings.city, now)
        else:
            made = checkpoints.to_git(session, str(git), branch, settings.city, now)
    print(f"Checkpoint of seal {made.number}." if made else "The newest seal is written down already.")


@app.command()
def show(
    noun: Annotated[str | None, typer.Option(help="Table or thing, e.g. incidents.")] = None,
    row: Annotated[str | None, typer.Option(help="Id of the row.")] = None,
    account: Annotated[str | None, typer.Option(help="Name of an account.")] = None,
    action: Annotated[str | None, typer.Option(help="insert, update, reveal, sign-in …")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this instant on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this instant.")] = None,
    entry: Annotated[int | None, typer.Option(help="One entry by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most entries.")] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with all that was recorded.")
    ] = False,
) -> None:
    """List entries, newest first."""
    settings = Settings.load()
    with trail(settings) as db, db.transaction() as session:
        wanted = service.Filter(
            id=entry, noun=noun, row_id=row, account=account, action=action,
            since=None if since is None else since.astimezone(), until=None if until is None else until.astimezone(),
        )  # fmt: skip
        for found in service.find(session, wanted, limit=limit):
            if as_json:
                print(json.dumps(dict(found._mapping), ensure_ascii=False, default=str))
            else:
                print(_line(found))


@app.command("key")
def key_() -> None:
    """Print the public key that seals and receipts are checked with. Hand it out; it is no secret."""
    settings = Settings.load()
    settings.home.mkdir(parents=True, exist_ok=True)
    print(base64.b64encode(Signer.from_home(settings.home).public).decode())


@app.command()
def receipt(
    file: Annotated[Path, typer.Argument(help="The receipt, as JSON.")],
    key: Annotated[str, typer.Option(help="The public key (base64), as “gridgov audit key” prints it.")],
) -> None:
    """Check a receipt with nothing but the public key: no database is asked."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"“{file}” cannot be read.", field="file") from None
    held = receipts.read_receipt(text)
    (public,) = _keys([key])
    number = receipts.verify_receipt(held, public)
    entry = held.entry
    print(f"entry {entry.id}: {entry.action} {entry.noun} {entry.row_id or ''} at {entry.at}")
    print("It was promised, and not sealed yet." if number is None else f"It lies under seal {number}.")


@contextmanager
def trail(settings: Settings) -> Iterator[Database]:
    """The city's database as it is, not brought up to date: what is examined is not touched. Raises `TrailMissing`."""
    with database(settings) as url:
        db = Database(url, settings.city)
        try:
            with db.transaction() as session:
                service.require_trail(session)
            yield db
        finally:
            db.close()


def _keys(given: list[str] | None) -> list[bytes]:
    found = []
    for text in given or []:
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise BadInput("This is no public key.", field="key", remedy="“gridgov audit key” prints it.")
        found.append(key)
    return found


def _anchors(city: str, file: Path | None, git: str | None, branch: str, keys: frozenset[bytes]) -> list[Anchor]:
    texts = []
    if file is not None:
        try:
            texts.append(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise BadInput(f"“{file}” cannot be read.", field="checkpoint") from None
    if git is not None:
        texts.append(checkpoints.from_git(git, branch, city))
    return [one.anchor for text in texts for one in checkpoints.read(text, city, keys=keys)]


def _line(found: Any) -> str:
    who = found.account or (f"account {found.account_id}" if found.account_id else found.login)
    role = f" ({found.role})" if found.role else ""
    changed = ", ".join(sorted({*(found.before or {}), *(found.after or {})})) if found.action == "update" else ""
    said = json.dumps(found.facts, ensure_ascii=False) if found.facts else changed
    parts = [str(found.id), f"{found.at.astimezone():%Y-%m-%d %H:%M:%S}", f"{who}{role}", found.action, found.noun]
    return "  ".join([*parts, found.row_id or "", said, f"“{found.reason}”" if found.reason else ""]).rstrip()


def _say(verdict: Verdict, anchors: int, seconds: float) -> None:
    print(
        f"{verdict.seals:,} seals, {verdict.entries:,} entries, {anchors:,} checkpoints "
        f"in {seconds:.1f} s ({verdict.entries / max(seconds, 1e-9):,.0f} entries/s)"
    )
    if verdict.waiting:
        print(f"{verdict.waiting:,} entries wait for a seal, the oldest since {verdict.since}.")
    if verdict.good:
        print(
            "All is as it was sealed." + ("" if anchors else " Without a checkpoint, a cut-off end would not be seen.")
        )
        return
    print(f"FIRST BROKEN: {_told(verdict.findings[0])}")
    for finding in verdict.findings[1:]:
        print(f"  {_told(finding)}")
    if len(verdict.findings) >= MOST_FINDINGS:
        print(f"  … and perhaps more: it ends after {MOST_FINDINGS}.")


def _told(finding: Finding) -> str:
    where = [f"seal {finding.seal}"] if finding.seal is not None else []
    if finding.entry_id is not None:
        where.append(f"entry {finding.entry_id}")
    entry = finding.entry
    now = "" if entry is None else f" Now it says: {entry.at} {entry.action} {entry.noun} {entry.row_id or ''}".rstrip()
    return f"{', '.join(where)}: {finding.kind}. {finding.detail}{now}"
