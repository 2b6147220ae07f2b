"""Sealing: what has been written and lies under no seal yet comes under one, each second.

Owns which entries a seal takes, and the loop. Does not own the key (`platform.signing`) nor the thread it runs in.

Entries are found by their ids and not by their transactions' numbers: a batch is whatever is visible above the highest
id sealed so far, and what has turned up in the gaps below it. So a transaction that stays open holds nobody else's
entries up, and a database restored on another server, where transactions are numbered anew, is sealed on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from threading import Event

from sqlalchemy.orm import Session

from gridgov.audit import merkle
from gridgov.audit.queries import trail as queries
from gridgov.audit.rules import Seal, chain_of, instant_text, leaf, signed_bytes, spans, still_open
from gridgov.platform.errors import Conflict, Unavailable
from gridgov.platform.signing import Signer

MOST = 20_000  # entries under one seal
EVERY_S = 1.0
log = logging.getLogger(__name__)


class SealingLate(Conflict):
    """The transaction has written before: the sealer could not tell who may still come."""

    code = "sealing-late"


def seal(session: Session, signer: Signer, now: datetime, *, most: int = MOST) -> Seal | None:
    """Seals what waits, at most so many entries; None when nothing waits or another process seals just now.

    The transaction must be READ COMMITTED and must not have written before. Raises `SealingLate`.
    """
    if not queries.alone(session):
        return None
    written, oldest = queries.transactions(session)
    if written:
        raise SealingLate("A seal is made first in its transaction.", remedy="Seal in a transaction of its own.")
    before = queries.sealed_before(session)
    taken = queries.late(session, before.open, most)
    whole = len(taken) < most
    if whole:
        taken += queries.after(session, before.upto, most - len(taken))
    if not taken:
        return None
    ids = [int(entry.id) for entry in taken]
    leaves = [leaf(entry) for entry in taken]
    made = Seal(
        number=before.number + 1,
        spans=spans(ids),
        leaves=b"".join(leaves),
        upto=max(before.upto, ids[-1]),
        open=still_open(before, ids, own=queries.own_transaction(session), oldest=oldest if whole else None),
        root=merkle.root(leaves),
        previous=before.chain,
        sealed_at=instant_text(now),
        key=signer.public,
    )
    chain = chain_of(made.header())
    made = replace(made, chain=chain, signature=signer.sign(signed_bytes(chain)))
    queries.add_seal(session, made)
    return made


def seal_all(
    transaction: Callable[[], AbstractContextManager[Session]],
    signer: Signer,
    *,
    clock: Callable[[], datetime],
    most: int = MOST,
) -> list[Seal]:
    """Seals until nothing waits, each seal in a transaction of its own."""
    made: list[Seal] = []
    while True:
        with transaction() as session:
            one = seal(session, signer, clock(), most=most)
        if one is None:
            return made
        made.append(one)
        if one.count < most:
            return made


def run(
    transaction: Callable[[], AbstractContextManager[Session]],
    signer: Signer,
    stop: Event,
    *,
    clock: Callable[[], datetime],
    every_s: float = EVERY_S,
) -> None:
    """Seals each second until the event is set, and once more then. Outlives a database that is away for a while."""
    away = False
    while True:
        last = stop.wait(every_s)
        try:
            seal_all(transaction, signer, clock=clock)
            away = False
        except Unavailable as problem:
            if not away:
                log.warning("audit: nothing is sealed while the database is away: %s", problem)
            away = True
        except (
            Exception
        ):  # whatever it is, a thread that ended would seal nothing any more, and nobody would hear of it
            log.exception("audit: sealing failed; it is tried again")
        if last:
            return
