"""The five kinds of error that gridgov raises on purpose.

    GridgovError
    ├── BadInput      what was sent cannot be taken; names the field and the remedy
    │   ├── TooLarge      more than is taken at once
    │   └── TooSlow       what was announced did not come in time
    ├── NotFound      the thing that was named does not exist (or not for you)
    ├── Conflict      it exists already, differently, or has moved on
    ├── Refused       understood, and not allowed
    │   └── Unauthenticated   not allowed before we know who asks
    └── Unavailable   right now it cannot be done; trying again later may help
        └── TooMany       asked too often; `retry_s` says when to try again

Owns the kinds. Does not own HTTP status numbers (`api/problems.py`) nor exit codes (`cli`).
"""

from __future__ import annotations


class GridgovError(Exception):
    """A fact with a kind. `code` is its machine name, `field` the input it is about, `remedy` what to do next."""

    code = "error"

    def __init__(self, detail: str, *, field: str | None = None, remedy: str | None = None, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.remedy = remedy
        self.facts = facts

    def __str__(self) -> str:
        head = f"{self.field}: {self.detail}" if self.field else self.detail
        return f"{head} {self.remedy}" if self.remedy else head


class BadInput(GridgovError):
    code = "bad-input"


class NotFound(GridgovError):
    code = "not-found"


class Conflict(GridgovError):
    code = "conflict"


class Refused(GridgovError):
    code = "refused"


class Unavailable(GridgovError):
    code = "unavailable"


class TooLarge(BadInput):
    code = "too-large"


class TooSlow(BadInput):
    code = "too-slow"


class Unauthenticated(Refused):
    code = "not-signed-in"


class TooMany(Unavailable):
    """`retry_s`: whole seconds until the next try can succeed."""

    code = "too-many-requests"

    def __init__(self, detail: str, *, retry_s: int, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(detail, field=field, remedy=remedy, retry_s=retry_s)
        self.retry_s = retry_s
