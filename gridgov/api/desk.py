"""One incident as a request about its photos may see it: by a post, or by the receipt that was shown.

Owns the transactions of such a request, and that what is stored without its row having been committed is taken away.
Does not own photos (`incidents.attachments`), nor what is answered (`routes/attachments`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, TypeVar
from uuid import UUID

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends, Header, Path

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.incidents import ID
from gridgov.api.routes.receipts import shown_receipt
from gridgov.auth.rules import NOWHERE, Reach, ScopeKind
from gridgov.bootstrap import Caller, House, Work
from gridgov.incidents import attachments, orphans
from gridgov.incidents.attachments import Attachment, Space
from gridgov.platform.errors import GridgovError
from gridgov.platform.images import Picture

# As many as there are children at once: whoever waits for one waits in the event loop and takes no thread from others.
PICTURES_AT_ONCE = 2
_LIMITER: RunVar[anyio.CapacityLimiter] = RunVar("gridgov pictures")
T = TypeVar("T")

IncidentPath = Annotated[UUID, Path(description="Id of the incident.", examples=[ID])]


class Desk:
    """One incident as one request may see it: by its post, or by the receipt that was shown."""

    def __init__(self, house: House, caller: Caller, incident_id: UUID, *, receipt: bool) -> None:
        self.house, self.caller, self.incident_id, self._receipt = house, caller, incident_id, receipt

    @contextmanager
    def open(self) -> Iterator[tuple[Work, Reach | None]]:
        """A transaction, and the reach for its queries: None where it is bound to this incident alone."""
        bound = self.incident_id if self._receipt or self.caller.credential is not None else None
        with self.house.acting(self.caller, incident=bound) as work:
            scope = work.actor.require(self.caller.permission).scope
            if scope is ScopeKind.RECEIPT:
                yield work, (None if self._receipt else NOWHERE)
            else:
                yield work, work.reach

    def space(self) -> Space:
        with self.open() as (work, reach):
            return attachments.space(work.session, self.incident_id, reach=reach)

    def add(self, pictures: dict[UUID, Picture]) -> list[Attachment]:
        """Stores pictures and rows; what is stored without its row having been committed is taken away again."""
        stored: list[str] = []
        try:
            with self.open() as (work, reach):
                added = attachments.add(
                    work.session,
                    self.incident_id,
                    pictures,
                    reach=reach,
                    storage=self.house.storage,
                    stored=stored,
                    city=self.house.app.city,
                    sealer=self.house.sealer,
                    now=work.now,
                )
                self.added(work, added)
                return added
        except BaseException:
            if stored:
                with suppress(GridgovError), self.house.internally("keeper") as session:  # else `sweep` does it
                    orphans.tidy(session, self.incident_id, storage=self.house.storage, city=self.house.app.city)
            raise

    def added(self, work: Work, new: list[Attachment]) -> None:
        """What else is kept of photos that are new, in the same transaction."""

    def one(self, attachment_id: UUID) -> Attachment:
        with self.open() as (work, reach):
            return attachments.get(work.session, self.incident_id, attachment_id, reach=reach)


async def desk(
    house: HouseDep,
    caller: CallerDep,
    incident_id: IncidentPath,
    receipt_number: Annotated[
        str | None,
        Header(
            alias="X-Receipt-Number",
            description="Without an account: the number of the report.",
            examples=["20251120-000123"],
        ),
    ] = None,
    receipt_secret: Annotated[
        str | None,
        Header(
            alias="X-Receipt-Secret",
            description="Without an account: the secret of the receipt.",
            examples=["7K3WQ9ZB4D"],
        ),
    ] = None,
) -> Desk:
    """Raises `ReceiptUnknown`, `RateLimited`."""
    receipt = False
    if caller.credential is None and receipt_number is not None and receipt_secret is not None:
        shown, _ = await elsewhere(shown_receipt, house, caller, receipt_number, receipt_secret)
        receipt = shown == incident_id
    return Desk(house, caller, incident_id, receipt=receipt)


DeskDep = Annotated[Desk, Depends(desk)]


async def elsewhere(work: Callable[..., T], *given: Any) -> T:
    """In one of the few threads that all requests share."""
    return await anyio.to_thread.run_sync(functools.partial(work, *given))


async def in_line(work: Callable[..., T], *given: Any) -> T:
    """In a thread of the pictures' own."""
    try:
        limiter = _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(PICTURES_AT_ONCE)
        _LIMITER.set(limiter)
    return await anyio.to_thread.run_sync(functools.partial(work, *given), limiter=limiter)
