"""Checkpoints: what a seal was, written down where whoever rules the database cannot change it.

Owns the line of a checkpoint and the two places for it: a file that is only added to, and a branch of a git remote.
Does not own verification (`verifying`), which takes checkpoints as anchors.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from sqlalchemy.orm import Session

from gridgov.audit.queries import trail as queries
from gridgov.audit.rules import instant_text, signed_bytes
from gridgov.audit.verifying import Anchor
from gridgov.platform.errors import BadInput, Conflict, NotFound, Unavailable
from gridgov.platform.signing import is_signed

FORM = "gridgov.audit.checkpoint.1"
TRIES = 5  # pushes, when somebody else pushes at the same time
GIT_WITHIN_S = 120


class NothingSealed(NotFound):
    """There is no seal to write down yet."""

    code = "nothing-sealed"


class CheckpointIsWrong(BadInput):
    """A line is no checkpoint, or nobody signed it."""

    code = "checkpoint-wrong"


class AnchorContradicts(Conflict):
    """The checkpoints that are there tell of other seals than the database."""

    code = "anchor-contradicts"


class FileUnwritable(BadInput):
    """The file of the checkpoints cannot be opened."""

    code = "checkpoint-file-unwritable"


class RemoteFailed(Unavailable):
    """git could not read or write the remote."""

    code = "git-remote-failed"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A seal as it is written down; hashes, key and signature in hexadecimal."""

    city: str
    number: int
    chain: str
    sealed_at: str
    written_at: str
    key: str
    signature: str
    form: str = FORM

    def line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.number, bytes.fromhex(self.chain), f"The checkpoint of {self.written_at}")


def newest(session: Session, city: str, now: datetime) -> Checkpoint:
    """The last seal as a checkpoint. Raises `NothingSealed`."""
    seal = queries.seal(session, 0)
    if seal is None:
        raise NothingSealed("Nothing is sealed yet.", remedy="Run “gridgov audit seal” first.")
    return Checkpoint(
        city, seal.number, seal.chain.hex(), seal.sealed_at, instant_text(now), seal.key.hex(), seal.signature.hex()
    )


def read(text: str, city: str, *, keys: frozenset[bytes] | None = None) -> list[Checkpoint]:
    """The city's checkpoints, in their order. Lines of other cities are passed over.

    With `keys`, each must be signed with one of them. Raises `CheckpointIsWrong`, also for a line that goes back.
    """
    found: list[Checkpoint] = []
    for place, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        one = _parsed(line, place)
        if one.city != city:
            continue
        _check(one, place, keys)
        if found and one.number <= found[-1].number:
            raise CheckpointIsWrong("The numbers of the seals do not rise.", field=f"line {place}")
        found.append(one)
    return found


def to_file(session: Session, path: Path, city: str, now: datetime) -> Checkpoint | None:
    """Adds the newest seal to a file; None when it stands there already.

    Raises `AnchorContradicts` when the file tells of seals that the database does not have: then nothing is added,
    so that the file stays what can be verified against.
    """
    with _held(path) as handle:
        written = handle.read()
        made = _next(session, written, city, now)
        if made is not None:
            handle.write(("" if not written or written.endswith("\n") else "\n") + made.line())
            handle.flush()
            os.fsync(handle.fileno())
    return made


def to_git(session: Session, remote: str, branch: str, city: str, now: datetime) -> Checkpoint | None:
    """The same in the file `<city>.jsonl` on a branch of a git remote. Raises `RemoteFailed`, `AnchorContradicts`."""
    for left in reversed(range(TRIES)):
        with _worktree(remote, branch) as folder:
            path = folder / f"{city}.jsonl"
            made = to_file(session, path, city, now)
            if made is None:
                return None
            _git(folder, "add", "--", path.name)
            _git(folder, *IDENTITY, "commit", "--quiet", "--message", f"Seal {made.number} of {city}")
            try:
                _git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
            except RemoteFailed:
                if not left:
                    raise
            else:
                return made
    raise AssertionError


def from_git(remote: str, branch: str, city: str) -> str:
    """The text of the city's file on the branch; empty where there is none. Raises `RemoteFailed`."""
    with _worktree(remote, branch) as folder:
        path = folder / f"{city}.jsonl"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def _next(session: Session, written: str, city: str, now: datetime) -> Checkpoint | None:
    """What to add to checkpoints that are written already."""
    made = newest(session, city, now)
    known = read(written, city)
    if not known:
        return made
    last = known[-1]
    there = queries.seal(session, last.number)
    if there is None or there.chain.hex() != last.chain:
        raise AnchorContradicts(
            f"The checkpoints tell of seal {last.number}, which this database does not have.",
            remedy="Find out with “gridgov audit verify”; after a restore that lost seals, begin a new file.",
        )
    return made if made.number > last.number else None


def _parsed(line: str, place: int) -> Checkpoint:
    try:
        given: Mapping[str, object] = json.loads(line)
        one = Checkpoint(**given)  # type: ignore[arg-type]  # checked below
        texts = (one.city, one.chain, one.sealed_at, one.written_at, one.key, one.signature)
        if one.form != FORM or type(one.number) is not int or not all(isinstance(text, str) for text in texts):
            raise TypeError
    except (ValueError, TypeError):
        raise CheckpointIsWrong("It is no checkpoint.", field=f"line {place}") from None
    return one


def _check(one: Checkpoint, place: int, keys: frozenset[bytes] | None) -> None:
    try:
        chain, key, signature = (bytes.fromhex(part) for part in (one.chain, one.key, one.signature))
    except ValueError:
        raise CheckpointIsWrong("It is no checkpoint.", field=f"line {place}") from None
    if not is_signed(signed_bytes(chain), signature, key):
        raise CheckpointIsWrong("Its signature does not hold.", field=f"line {place}")
    if keys is not None and key not in keys:
        raise CheckpointIsWrong(
            "It is signed with a key that was not named.", field=f"line {place}", remedy="Name it with --key."
        )


@contextmanager
def _held(path: Path) -> Iterator[TextIO]:
    """The file, open for reading and adding, for one writer at a time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = open(path, "a+", encoding="utf-8")  # noqa: SIM115  # closed below; only opening may fail in words
    except OSError as problem:
        raise FileUnwritable(
            f"“{path}”: {problem.strerror}.", field="to", remedy="Name a file that can be written."
        ) from None
    with opened as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        yield handle


IDENTITY = ("-c", "user.name=gridgov", "-c", "user.email=gridgov@localhost", "-c", "commit.gpgsign=false")


@contextmanager
def _worktree(remote: str, branch: str) -> Iterator[Path]:
    """The branch of the remote in a folder of its own; an empty one where the remote has no such branch yet."""
    if remote.startswith("-"):
        raise BadInput("This names no git remote.", field="git", remedy="Give an address or a folder.")
    with tempfile.TemporaryDirectory(prefix="gridgov-audit-") as name:
        folder = Path(name)
        _git(folder, "init", "--quiet")
        _git(folder, "check-ref-format", "--branch", branch)
        _git(folder, "remote", "add", "origin", remote)
        _git(folder, "checkout", "--quiet", "--orphan", "anchor")
        if _git(folder, "ls-remote", "origin", f"refs/heads/{branch}").strip():
            _git(folder, "fetch", "--quiet", "--depth", "1", "origin", f"refs/heads/{branch}")
            _git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD")
        yield folder


def _git(folder: Path, *arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise RemoteFailed("git is not installed.", remedy="Install git, or write checkpoints to a file.")
    command = [program, *arguments]
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 -- no shell
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=GIT_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise RemoteFailed(f"git did not answer within {GIT_WITHIN_S} s.", remedy="Try again later.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise RemoteFailed(f"git {arguments[0]}: {lines[-1]}", remedy="See that the remote can be reached and written.")
    return done.stdout


def anchors(checkpoints: Sequence[Checkpoint]) -> list[Anchor]:
    """Checkpoints as anchors of verification."""
    return [one.anchor for one in checkpoints]
