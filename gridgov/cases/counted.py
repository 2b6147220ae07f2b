"""The cases behind a number: the list of exactly those that a count counts.

Owns what may be asked for. Does not own the numbers (`analytics.counting`), nor lists to work on (`worklists`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas.rules import Level
from gridgov.auth.rules import Reach
from gridgov.cases.queries import counted as queries
from gridgov.cases.service import Setting
from gridgov.cases.worklists import Listed, listed
from gridgov.incidents.lying import lying

LISTS = ("category_ids", "states", "channels", "agency_ids", "tiers")


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count was cut down to; None leaves a part open. `since`, `until`: when it happened. `agency_ids`: of whom
    one has it now; `held_by`: exactly this one, 0: nobody. `tiers`: who had it last. `overdue`, `ended`, `closed`: only
    those that these measures count."""

    since: datetime | None = None
    until: datetime | None = None
    category_ids: Sequence[int] | None = None
    states: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    agency_ids: Sequence[int] | None = None
    held_by: int | None = None
    tiers: Sequence[str] | None = None
    area: int | None = None
    above: Level | None = None
    outside: bool = False
    overdue: bool = False
    ended: bool = False
    closed: bool = False
    before: tuple[datetime, int] | None = None
    reach: Reach = field(kw_only=True)


def find(session: Session, wanted: Counted, *, setting: Setting, limit: int) -> list[Listed]:
    """A page of cases, newest happened first, after the key `before`. Raises `AreaUnknown`."""
    index = setting.locator.index(session, setting.now, revision=setting.marks.get("areas", 0))
    filters = {
        **{name: list(some) for name in LISTS if (some := getattr(wanted, name)) is not None},
        "since": wanted.since,
        "until": wanted.until,
        "held_by": wanted.held_by,
        "overdue_at": setting.now if wanted.overdue else None,
        "before_at": wanted.before[0] if wanted.before else None,
        "before_number": wanted.before[1] if wanted.before else None,
        "now": setting.now,
    }
    where = lying(index, wanted.area, above=wanted.above, outside=wanted.outside)
    rows = queries.page(session, filters, limit, wanted.reach, lying=where, ended=wanted.ended, closed=wanted.closed)
    return [listed(row, index) for row in rows]
