"""The request that work is done for: its id, who acts in it, and whether anybody still waits for the answer.

Owns what is known of a request outside HTTP, so that logs, metrics and the database can ask. Does not own HTTP
(`api/guards.py` begins and ends a request). One object is shared by the event loop and by the thread that works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from gridgov.platform.errors import Unavailable
from gridgov.platform.masking import masked

_WELL_FORMED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Abandoned(Unavailable):
    """Nobody waits for the answer any more: the request took too long, or its client is gone."""

    code = "abandoned"


@dataclass(slots=True)
class Request:
    """`account_id` and `post_id` are numbers that tell an operator whom to look up, and nobody else anything.

    `counted`: what its token may ask has been made less by it already."""

    id: str
    account_id: int | None = None
    post_id: int | None = None
    abandoned: bool = False
    counted: bool = False


_CURRENT: ContextVar[Request | None] = ContextVar("gridgov_request", default=None)


def current() -> Request | None:
    """The request of this thread or task; None outside of one."""
    return _CURRENT.get()


@contextmanager
def during(request: Request) -> Iterator[Request]:
    """What runs inside, in this task and in the threads that it sends work to, belongs to the request."""
    token = _CURRENT.set(request)
    try:
        yield request
    finally:
        _CURRENT.reset(token)


def acted_by(account_id: int | None, post_id: int | None) -> None:
    """Says, once it is known, who acts in the present request; outside of one nothing happens."""
    request = _CURRENT.get()
    if request is not None:
        request.account_id, request.post_id = account_id, post_id


def counted() -> bool:
    """Whether the present request counts already for its token: taken up a second time it counts no more."""
    request = _CURRENT.get()
    return request is not None and request.counted


def still_wanted() -> None:
    """Raises `Abandoned` when nobody waits for the answer; asked before each statement of a transaction."""
    request = _CURRENT.get()
    if request is not None and request.abandoned:
        raise Abandoned("Nobody waits for this answer any more.", remedy="Nothing was stored; ask again.")


def id_from(given: str | None, chance: bytes) -> str:
    """The id that a client gave, if it is one: 8 to 64 letters, digits, dots and dashes that hide nothing personal;
    else one made of `chance`, in letters alone, so that it looks like no number of anybody."""
    if given is not None and _WELL_FORMED.match(given) and masked(given) == given:
        return given
    return chance.hex().translate(_LETTERS)
