"""Pictures in the storage that no row names: taken away.

They come of a transaction that failed after its pictures were stored (`tidy`, at once), of a request that was killed
there, and of photos that were removed (`sweep`, now and then). Both hold the lock of the incident, as
`attachments.add` does until its commit, so that neither takes what another request has just put there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.incidents import attachments
from gridgov.incidents.queries import attachments as queries
from gridgov.platform.storage import Storage

GRACE = timedelta(hours=1)  # no request lasts so long


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
    """The same for every incident of the city: what requests left that were killed. One transaction for each incident
    that has something old without need; `opened` gives one that sees all rows."""
    old = {one.key for one in storage.listed(city) if one.modified_at < now - GRACE}
    gone = 0
    for incident_id in sorted({found for key in old if (found := _incident_of(key)) is not None}):
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
