"""National division codes (行政区划代码): a look-up table in the shared schema, without geometry.

Owns loading and finding codes. Does not own a city's areas (`service`), whose codes are their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridgov.areas.queries import divisions as queries
from gridgov.areas.queries.layers import Merged


@dataclass(frozen=True, slots=True)
class NewDivision:
    """`code` without trailing zeros (11, 1101, 110101, 110101001, 110101001001); `parent_code` the next code above."""

    code: str
    level: str
    name: str
    parent_code: str | None


def put_divisions(session: Session, divisions: Iterable[NewDivision]) -> Merged:
    """Adds or renews codes; the same content changes nothing."""
    return queries.merge(session, ((one.code, one.level, one.name, one.parent_code) for one in divisions))


def codes(session: Session) -> set[str]:
    """All codes that are loaded."""
    return queries.codes(session)


def division(session: Session, code: str) -> list[NewDivision]:
    """The division of a code and those above it, from the province down; empty when the code is not loaded."""
    return [NewDivision(row.code, row.level, row.name, row.parent_code) for row in queries.path(session, code)]
