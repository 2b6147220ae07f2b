"""Pictures in the storage that no row names: taken away.

They come of a transaction that failed after its pictures were stored (`tidy`, at once), of a request that was killed
there, and of photos that were removed (`sweep`, now and then). Both hold the lock of the incident, as
`attachments.add` does until its commit, so that neither takes what another request has just put there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.incidents import attachments
from gridgov.incidents.queries import attachments as queries
from gridgov.platform.storage import Storage

GRACE = timedelta(hours=1)  # no request lasts so long
SLICE = 1_000


def remove(session: Session, incident_id: UUID) -> int:
    """Takes all photos from an incident; how many. Their pictures go with `tidy` or `sweep` once this is committed."""
    queries.lock(session, incident_id)
    return queries.remove(session, incident_id)


def tidy(session: Session, incident_id: UUID, *, storage: Storage, city: str, before: datetime | None = None) -> int:
    """Takes away pictures of an incident that no row names; how many files. `session` must see all its rows.

    Only those stored before the instant, if one is given. Raises `StorageDown`.
    """
    queries.lock(session, incident_id)
    digests = queries.digests(session, incident_id)
    needed = {attachments.key_of(city, incident_id, one, small=small) for one in digests for small in (False, True)}
    found = [
        one.key
        for one in storage.listed(f"{city}/{incident_id}")
        if one.key not in needed and (before is None or one.modified_at < before)
    ]
    for key in found:
        storage.delete(key)
    return len(found)


def sweep(opened: Callable[[], AbstractContextManager[Session]], *, storage: Storage, city: str, now: datetime) -> int:
    """The same for every incident of the city; how many files. `opened` gives a transaction that sees all rows.

    Looks through the whole storage, slice by slice; only an incident with something old without need is locked.
    """
    gone = 0
    old = (one.key for one in storage.listed(city) if one.modified_at < now - GRACE)
    while keys := list(islice(old, SLICE)):
        found = {key: incident_id for key in keys if (incident_id := _incident_of(key)) is not None}
        with opened() as session:
            needed = {
                attachments.key_of(city, incident_id, digest, small=small)
                for incident_id, digest in queries.digests_of(session, sorted(set(found.values())))
                for small in (False, True)
            }
        for incident_id in sorted({incident_id for key, incident_id in found.items() if key not in needed}):
            with opened() as session:
                gone += tidy(session, incident_id, storage=storage, city=city, before=now - GRACE)
    return gone


def _incident_of(key: str) -> UUID | None:
    """None for what `key_of` did not make."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if len(parts) == 3 else None
    except ValueError:
        return None
