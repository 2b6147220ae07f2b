"""Photos of incidents: add, list, show.

Owns which pictures belong to an incident. Does not own decoding (`platform.images`), where bytes lie
(`platform.storage`), the clearing away of pictures without a row (`orphans`), nor where they were taken (`positions`).

Row first, picture second, commit last: what the database refuses was never stored, and a row that is committed has its
picture.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row, RowMapping
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.incidents.queries import attachments as queries
from gridgov.incidents.service import IncidentUnknown
from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import Conflict, NotFound, Unavailable
from gridgov.platform.images import MEDIA_TYPE, Picture
from gridgov.platform.personal import place
from gridgov.platform.storage import ObjectMissing, Storage

TABLE = "incidents_attachment"
MAX_FILES = 9  # what fits a report; the database holds it too


class TooManyPhotos(Conflict):
    """The incident has as many photos as it can have."""

    code = "too-many-photos"


class AttachmentUnknown(NotFound):
    """No photo of this id belongs to the incident, or the incident is not to be seen."""

    code = "attachment-unknown"


class PictureLost(Unavailable):
    """The row is there and its picture is not, or is another."""

    code = "picture-lost"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo as it may be shown; where it was taken is not among it."""

    id: UUID
    incident_id: UUID
    number: int
    sha256: bytes
    size_bytes: int
    width: int
    height: int
    kind: str
    created_at: datetime

    @property
    def etag(self) -> str:
        return f'"{self.sha256.hex()}"'


@dataclass(frozen=True, slots=True)
class Space:
    """What an incident has, and how many more it takes."""

    present: Mapping[UUID, Attachment]

    @property
    def left(self) -> int:
        return MAX_FILES - len(self.present)


def id_of(incident_id: UUID, data: bytes) -> UUID:
    """The id of a file as it was sent: the same bytes for the same incident are the same photo."""
    return uuid5(incident_id, hashlib.sha256(data).hexdigest())


def space(session: Session, incident_id: UUID, *, reach: Reach | None) -> Space:
    """Asked before a body is read. `reach` None: the transaction is bound to this incident, a receipt was shown.

    Raises `IncidentUnknown`.
    """
    _home(session, incident_id, reach)
    return Space({one.id: one for one in _all(session, incident_id, reach)})


def add(
    session: Session,
    incident_id: UUID,
    pictures: Mapping[UUID, Picture],
    *,
    reach: Reach | None,
    storage: Storage,
    stored: list[str],
    city: str,
    sealer: Sealer,
    now: datetime,
) -> list[Attachment]:
    """Adds pictures under their ids (`id_of`); those that are there already stay as they are. Returns what is new.

    `stored` grows by the keys of what is being stored: whoever's transaction fails afterwards has it cleared away
    (`orphans.tidy`). Raises `IncidentUnknown`, `TooManyPhotos`, `StorageDown`.
    """
    home = _home(session, incident_id, reach)
    queries.lock(session, incident_id)
    present = _all(session, incident_id, reach)
    fresh = {ident: picture for ident, picture in pictures.items() if ident not in {one.id for one in present}}
    free = sorted(set(range(1, MAX_FILES + 1)) - {one.number for one in present})
    if len(fresh) > len(free):
        raise too_many(len(free))
    rows = [
        _row(incident_id, ident, number, picture, home, sealer, now)
        for number, (ident, picture) in zip(free, fresh.items(), strict=False)
    ]
    if not rows:
        return []
    queries.add(session, rows)
    for row, picture in zip(rows, fresh.values(), strict=True):
        for small, data in ((False, picture.jpeg), (True, picture.preview)):
            stored.append(key_of(city, incident_id, row["sha256"], small=small))
            storage.put(stored[-1], data, media_type=MEDIA_TYPE)
    return [_attachment(row) for row in rows]


def listed(session: Session, incident_id: UUID, *, reach: Reach | None) -> list[Attachment]:
    """The photos of an incident by number. Raises `IncidentUnknown`."""
    _home(session, incident_id, reach)
    return _all(session, incident_id, reach)


def get(session: Session, incident_id: UUID, attachment_id: UUID, *, reach: Reach | None) -> Attachment:
    """Raises `AttachmentUnknown`."""
    row = queries.one(session, incident_id, attachment_id, reach)
    if row is None:
        raise unknown()
    return _attachment(row._mapping)


def picture(storage: Storage, city: str, attachment: Attachment, *, small: bool = False) -> bytes:
    """The bytes of a photo that `get` has let through. Raises `PictureLost`, `StorageDown`."""
    try:
        data = storage.get(key_of(city, attachment.incident_id, attachment.sha256, small=small))
    except ObjectMissing as problem:
        raise _lost() from problem
    if not small and hashlib.sha256(data).digest() != attachment.sha256:
        raise _lost()
    return data


def key_of(city: str, incident_id: UUID, sha256: bytes, *, small: bool = False) -> str:
    """Where a picture or its preview lies. Within its incident alone: what one incident loses, no other misses."""
    return f"{city}/{incident_id}/{sha256.hex()}{'-small' if small else ''}.jpg"


def too_many(left: int) -> TooManyPhotos:
    return TooManyPhotos(
        f"An incident has at most {MAX_FILES} photos; {left or 'no'} more can be added.",
        field="file",
        remedy="Leave out the less telling ones.",
    )


def _home(session: Session, incident_id: UUID, reach: Reach | None) -> Row[Any]:
    home = queries.home(session, incident_id, reach)
    if home is None:
        raise IncidentUnknown("No incident has this id.", field="incident_id", remedy="Check the id on the receipt.")
    return home


def _all(session: Session, incident_id: UUID, reach: Reach | None) -> list[Attachment]:
    return [_attachment(row._mapping) for row in queries.of(session, incident_id, reach)]


def _row(
    incident_id: UUID, ident: UUID, number: int, picture: Picture, home: Row[Any], sealer: Sealer, now: datetime
) -> dict[str, Any]:
    gps = json.dumps(dict(picture.origin), ensure_ascii=False) if picture.origin else None
    return {
        "id": ident,
        "incident_id": incident_id,
        "number": number,
        "sha256": hashlib.sha256(picture.jpeg).digest(),
        "size_bytes": len(picture.jpeg),
        "width": picture.width,
        "height": picture.height,
        "kind": picture.kind,
        "gps_sealed": sealer.seal(gps, place=place(TABLE, "gps", ident)) if gps else None,
        "created_at": now,
        "area_id": home.area_id,
        "grid_id": home.grid_id,
        "unit_id": home.unit_id,
        "agency_id": home.agency_id,
    }


def _attachment(row: Mapping[str, Any] | RowMapping) -> Attachment:
    return Attachment(
        id=row["id"],
        incident_id=row["incident_id"],
        number=row["number"],
        sha256=bytes(row["sha256"]),
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        kind=row["kind"],
        created_at=row["created_at"],
    )


def unknown() -> AttachmentUnknown:
    return AttachmentUnknown(
        "No photo of this id belongs to the incident.", field="attachment_id", remedy="List those that do."
    )


def _lost() -> PictureLost:
    return PictureLost(
        "The stored picture is missing or damaged.", remedy="Tell whoever runs the platform; a copy may be at hand."
    )
