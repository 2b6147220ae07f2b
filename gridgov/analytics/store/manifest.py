"""What a store on disk holds: which files are valid, at which moments they were read, and of which database.

Owns the file `manifest` and its form; it is replaced whole. Does not own who may replace it (`keeper`).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gridgov.analytics.store.files import FULL, Damaged, Full
from gridgov.analytics.store.snapshot import Snapshot

NAME, FORMAT = "manifest", 1


@dataclass(frozen=True, slots=True)
class Held:
    """A month in a file. `snapshot`: a moment at which it was as the file says; `read_at`: about when that was."""

    file: str
    rows: int
    snapshot: Snapshot
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """The months of a family. `floor`: a moment at which no other month had rows. `complete`: all have been read."""

    months: Mapping[int, Held] = field(default_factory=dict)
    floor: Snapshot = field(default_factory=lambda: Snapshot(0, 0))
    complete: bool = False

    def snapshots(self) -> Iterator[Snapshot]:
        """All the moments that changes are still needed from."""
        yield self.floor
        for held in self.months.values():
            yield held.snapshot

    def with_months(self, months: Mapping[int, Held]) -> Shelf:
        """With some more, or others in place of them."""
        return replace(self, months={**self.months, **months})


@dataclass(frozen=True, slots=True)
class Manifest:
    """`home`: this store's own id; `origin`, `system`: which database, in which cluster; `mark`: drawn for this very
    manifest, and known to the database. `numbers`: the folder of the dictionaries; `counts`: how many keys each had,
    and their checksum. `moments`: (when, first transaction that still ran), for forgetting what is a day old."""

    home: UUID
    origin: UUID
    system: int
    mark: UUID
    numbers: str
    counts: tuple[tuple[int, int], ...]
    shelves: Mapping[str, Shelf]
    moments: tuple[tuple[datetime, int], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether there is something of every family to count from."""
        return all(shelf.complete for shelf in self.shelves.values())

    @property
    def needs(self) -> int:
        """Changes of this transaction and later ones are still needed."""
        return min(snapshot.xmin for shelf in self.shelves.values() for snapshot in shelf.snapshots())

    @property
    def files(self) -> frozenset[str]:
        """Names of the files that are valid."""
        return frozenset(held.file for shelf in self.shelves.values() for held in shelf.months.values())

    def with_shelf(self, name: str, shelf: Shelf) -> Manifest:
        """With another shelf of a family."""
        return replace(self, shelves={**self.shelves, name: shelf})


def stamp(folder: Path) -> tuple[int, int] | None:
    """Another one for every manifest; None where there is none."""
    try:
        found = os.stat(folder / NAME)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def load(folder: Path) -> Manifest | None:
    """None where there is none. Raises `Damaged`."""
    try:
        written = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        checksum, body = written.split(b"\n", 1)
        if int(checksum) != zlib.crc32(body):
            raise Damaged("manifest: not as it was written")
        found = json.loads(body)
        if found["format"] != FORMAT:
            raise Damaged("manifest: of another form")
        return _manifest(found)
    except (ValueError, KeyError, TypeError) as problem:
        raise Damaged("manifest: not as it was written") from problem


def save(folder: Path, manifest: Manifest) -> None:
    """Puts it in place of the one before; whoever reads meanwhile reads one of both. Raises `Full`."""
    body = json.dumps(_document(manifest)).encode()
    temporary = folder / f"{NAME}.new"
    try:
        with open(temporary, "wb") as file:
            file.write(f"{zlib.crc32(body)}\n".encode() + body)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / NAME)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        if problem.errno in FULL:
            raise Full(str(problem)) from problem
        raise


def _document(manifest: Manifest) -> dict[str, Any]:
    shelves = {
        name: {
            "floor": str(shelf.floor),
            "complete": shelf.complete,
            "months": {
                str(month): [held.file, held.rows, str(held.snapshot), held.read_at.isoformat()]
                for month, held in shelf.months.items()
            },
        }
        for name, shelf in manifest.shelves.items()
    }
    return {
        "format": FORMAT, "home": str(manifest.home), "origin": str(manifest.origin), "system": manifest.system,
        "mark": str(manifest.mark), "numbers": manifest.numbers, "counts": manifest.counts, "shelves": shelves,
        "moments": [[at.isoformat(), xmin] for at, xmin in manifest.moments],
    }  # fmt: skip


def _manifest(found: Mapping[str, Any]) -> Manifest:
    shelves = {
        name: Shelf(
            {
                int(month): Held(file, int(rows), Snapshot.parse(snapshot), datetime.fromisoformat(read_at))
                for month, (file, rows, snapshot, read_at) in shelf["months"].items()
            },
            Snapshot.parse(shelf["floor"]),
            bool(shelf["complete"]),
        )
        for name, shelf in found["shelves"].items()
    }
    return Manifest(
        UUID(found["home"]), UUID(found["origin"]), int(found["system"]), UUID(found["mark"]), found["numbers"],
        tuple((int(count), int(checksum)) for count, checksum in found["counts"]), shelves,
        tuple((datetime.fromisoformat(at), int(xmin)) for at, xmin in found["moments"]),
    )  # fmt: skip
