"""`/audit`: who did what, when, to which row; the seals over it; and the public key that checks them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import Row

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.filters import FromQuery, ToQuery
from gridgov.api.shapes import Body
from gridgov.audit import service
from gridgov.audit.rules import Seal, spans_text

router = APIRouter(tags=["audit"])
CURSOR = paging.pack(["1047"])
Columns = dict[str, Any]  # as jsonb holds them


class EntryBody(Body):
    """An entry. `before` and `after` hold the columns that changed, personal ones as fingerprints (`hmac:…`).

    `login` is the database's own log-in: who acted, where no account did. `transaction` tells what was done together.
    """

    id: int
    at: datetime
    transaction: int
    account_id: int | None
    account: str | None = Field(examples=["g0001"])
    post_id: int | None
    role: str | None = Field(examples=["planner"])
    login: str = Field(examples=["gridgov_app"])
    action: str = Field(examples=["update"])
    noun: str = Field(examples=["incidents"])
    row_id: str | None
    unit_id: int | None
    before: Columns | None
    after: Columns | None
    facts: Columns | None
    reason: str | None

    @classmethod
    def of(cls, row: Row[object]) -> Self:
        given = dict(row._mapping)
        return cls(transaction=given.pop("xid"), **given)


class EntryPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[EntryBody]
    next: str | None


class SealBody(Body):
    """A seal; hashes, key and signature in hexadecimal, `ids` as 1-189,195."""

    number: int
    sealed_at: datetime
    entries: int
    ids: str = Field(examples=["1-189,195"])
    root: str
    previous: str
    chain: str
    key: str
    signature: str

    @classmethod
    def of(cls, seal: Seal) -> Self:
        return cls(
            number=seal.number,
            sealed_at=datetime.fromisoformat(seal.sealed_at),
            entries=seal.count,
            ids=spans_text(seal.spans),
            root=seal.root.hex(),
            previous=seal.previous.hex(),
            chain=seal.chain.hex(),
            key=seal.key.hex(),
            signature=seal.signature.hex(),
        )


class WaitingBody(Body):
    """Entries that lie under no seal yet, the oldest `since`. A running server seals each second."""

    count: int
    since: datetime | None


class KeyBody(Body):
    """The public key that receipts and seals are checked with, base64."""

    key: str
    algorithm: str = "Ed25519"


@router.get("/audit/entries", summary="Entries of the audit trail")
def audit_entries(
    house: HouseDep,
    caller: CallerDep,
    noun: Annotated[str | None, Query(description="Table or thing.", examples=["incidents"])] = None,
    row: Annotated[str | None, Query(description="Id of the row.", examples=["7"])] = None,
    account: Annotated[str | None, Query(description="Name of an account.", examples=["g0001"])] = None,
    action: Annotated[str | None, Query(description="What was done.", examples=["reveal"])] = None,
    unit: Annotated[int | None, Query(ge=1, le=MAX_ID, description="Id of the row's unit.", examples=[4])] = None,
    since: FromQuery = None,
    until: ToQuery = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> EntryPage:
    """Newest first."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        zone = house.zone(work)
        wanted = service.Filter(
            noun=noun,
            row_id=row,
            account=account,
            action=action,
            unit_id=unit,
            since=instant(since, zone, "from"),
            until=instant(until, zone, "to"),
            before=int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else None,
        )
        found = service.find(work.session, wanted, limit=limit + 1)
    items = [EntryBody.of(one) for one in found[:limit]]
    return EntryPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.get("/audit/entries/{entry_id}", summary="One entry")
def audit_entry(
    house: HouseDep,
    caller: CallerDep,
    entry_id: Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an entry.", examples=[1])],
) -> EntryBody:
    """With all that was recorded."""
    with house.acting(caller) as work:
        return EntryBody.of(service.one(work.session, entry_id))


@router.get("/audit/waiting", summary="What is not sealed yet")
def audit_waiting(house: HouseDep, caller: CallerDep) -> WaitingBody:
    """More than a few seconds' worth means that nobody seals."""
    with house.acting(caller) as work:
        count, since = service.waiting(work.session)
    return WaitingBody(count=count, since=None if since is None else datetime.fromisoformat(since))


@router.get("/audit/seals/{number}", summary="A seal")
def audit_seal(
    house: HouseDep,
    caller: CallerDep,
    number: Annotated[int, Path(ge=0, le=MAX_ID, description="Number of a seal; 0: the last one.", examples=[0])],
) -> SealBody:
    """Written down elsewhere, it tells later whether the trail was cut off or made anew."""
    with house.acting(caller) as work:
        return SealBody.of(service.seal(work.session, number))


@router.get("/audit/key", summary="The public key of the audit trail")
def audit_key(house: HouseDep, caller: CallerDep) -> KeyBody:
    """For whoever holds a receipt. Compare it with one that came another way."""
    with house.acting(caller):
        return KeyBody(key=base64.b64encode(house.signer.public).decode())
