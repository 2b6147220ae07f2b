"""Money and posts that follow duties (费随事转、人随事转): what was promised, what came, what is missing. Pure.

Owns the arithmetic of the ledger and its alerts. Does not own the rows (`funding`). Money is in yuan with two decimals,
as `Decimal`; nothing is rounded but where a sum is divided among targets, to the fen, and then nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Yuan = Decimal
FEN, NOTHING = Decimal("0.01"), Decimal(0)
MOST_YUAN = Decimal("999999999999.99")
EXPIRING_DAYS = 60
HALF_YEAR = (7, 1)  # from this day on half of the year's money should be there


@dataclass(frozen=True, slots=True)
class Promise:
    """An instalment: so much money and so many posts by a day. `area_id` None: shared evenly by all targets."""

    due_on: date
    amount: Yuan = NOTHING
    posts: int = 0
    area_id: int | None = None


class Receipt(StrEnum):
    """What the receiving unit says of a transfer; `unconfirmed`: nothing yet."""

    UNCONFIRMED = "unconfirmed"
    RECEIVED = "received"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What came to a target on a day, as the agency says it. A correction of an earlier row can be below zero."""

    arrived_on: date
    amount: Yuan
    posts: int
    area_id: int
    receipt: Receipt = Receipt.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Balance:
    """Promised, and come as far as the receiving unit says so; unconfirmed and disputed count as neither."""

    promised: Yuan = NOTHING
    received: Yuan = NOTHING
    unconfirmed: Yuan = NOTHING
    disputed: Yuan = NOTHING
    posts_promised: int = 0
    posts_received: int = 0
    posts_unconfirmed: int = 0
    posts_disputed: int = 0

    @property
    def missing(self) -> Yuan:
        """Promised and not received; below zero where more came."""
        return self.promised - self.received

    @property
    def posts_missing(self) -> int:
        return self.posts_promised - self.posts_received


class AlertKind(StrEnum):
    """What somebody should look at."""

    OVERDUE = "overdue-instalment"
    UNDERPAID_MID_YEAR = "underpaid-mid-year"
    UNDERPAID_YEAR_END = "underpaid-year-end"
    POSTS_MISSING = "posts-not-provided"
    EXPIRING = "expiring"
    ORDERED_AFTER_END = "expired-but-ordered"


ALERT_WORDS = {
    AlertKind.OVERDUE: {"zh": "资金逾期未到", "en": "an instalment is overdue"},
    AlertKind.UNDERPAID_MID_YEAR: {"zh": "半年拨付不足", "en": "less than half of the year's money by mid-year"},
    AlertKind.UNDERPAID_YEAR_END: {"zh": "全年拨付不足", "en": "less than the year's money by its end"},
    AlertKind.POSTS_MISSING: {"zh": "人员未到位", "en": "promised posts have not come"},
    AlertKind.EXPIRING: {"zh": "即将到期", "en": "ends soon"},
    AlertKind.ORDERED_AFTER_END: {"zh": "到期后仍派单", "en": "still ordered after its end"},
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `area_id` None: the whole admission. `amount`: yuan missing; `count`: posts or orders;
    `year`: of what is underpaid; `on`: when it fell due, or ends."""

    kind: AlertKind
    admission_id: int
    area_id: int | None = None
    on: date | None = None
    year: int | None = None
    amount: Yuan = NOTHING
    count: int = 0


def divide(promises: Iterable[Promise], targets: Sequence[int]) -> list[Promise]:
    """Every promise as one for each target: money evenly to the fen, posts evenly; what is left over goes to the first
    targets, one fen or post each. Sums stay what they were."""
    found: list[Promise] = []
    for one in promises:
        if one.area_id is not None:
            found.append(one)
            continue
        fen, more_fen = divmod(int(one.amount / FEN), len(targets))
        posts, more_posts = divmod(one.posts, len(targets))
        for place, target in enumerate(targets):
            amount = (fen + (place < more_fen)) * FEN
            found.append(Promise(one.due_on, amount, posts + (place < more_posts), target))
    return [one for one in found if one.amount or one.posts]


def balance(promises: Iterable[Promise], transfers: Iterable[Transfer]) -> Balance:
    """The sums of both."""
    pledged, came = list(promises), list(transfers)

    def money(receipt: Receipt) -> Yuan:
        return sum((one.amount for one in came if one.receipt is receipt), NOTHING)

    def posts(receipt: Receipt) -> int:
        return sum(one.posts for one in came if one.receipt is receipt)

    return Balance(
        promised=sum((one.amount for one in pledged), NOTHING),
        received=money(Receipt.RECEIVED),
        unconfirmed=money(Receipt.UNCONFIRMED),
        disputed=money(Receipt.DISPUTED),
        posts_promised=sum(one.posts for one in pledged),
        posts_received=posts(Receipt.RECEIVED),
        posts_unconfirmed=posts(Receipt.UNCONFIRMED),
        posts_disputed=posts(Receipt.DISPUTED),
    )


def by_year(promises: Iterable[Promise], transfers: Iterable[Transfer]) -> dict[int, Balance]:
    """The same for each year in which something was promised or came."""
    pledged, came = list(promises), list(transfers)
    years = sorted({one.due_on.year for one in pledged} | {one.arrived_on.year for one in came})
    return {
        year: balance(
            [one for one in pledged if one.due_on.year == year], [one for one in came if one.arrived_on.year == year]
        )
        for year in years
    }


def alerts_of(
    admission_id: int,
    area_id: int,
    promises: Iterable[Promise],
    transfers: Iterable[Transfer],
    today: date,
    *,
    began: date,
) -> list[Alert]:
    """What one target still has to get, as of the end of the day before `today`, in the city's zone. `began`: the first
    day of the admission; half a year is looked at only where it was in force from 1 January on.

    Only what the unit has confirmed counts. Money pays the oldest instalment first, whatever year it came in.
    """
    pledged = sorted((one for one in promises), key=lambda one: one.due_on)
    received = [one for one in transfers if one.receipt is Receipt.RECEIVED]
    paid = sum((one.amount for one in received), NOTHING)
    posts = sum(one.posts for one in received)
    found: list[Alert] = []
    owed, wanted = NOTHING, 0
    for one in pledged:
        if one.due_on >= today:
            break
        before, owed, wanted = owed, owed + one.amount, wanted + one.posts
        if owed > max(before, paid):
            found.append(Alert(AlertKind.OVERDUE, admission_id, area_id, one.due_on, None, owed - max(before, paid)))
    found += _underpaid(admission_id, area_id, pledged, paid, today, began)
    if wanted > posts:
        last = max(one.due_on for one in pledged if one.posts and one.due_on < today)
        found.append(Alert(AlertKind.POSTS_MISSING, admission_id, area_id, last, count=wanted - posts))
    return found


def _underpaid(
    admission_id: int, area_id: int, pledged: Sequence[Promise], paid: Yuan, today: date, began: date
) -> Iterable[Alert]:
    """Whole years that are over, and half of the present one from July on, whenever the instalments were to come."""
    owed = NOTHING
    for year in sorted({one.due_on.year for one in pledged if one.due_on.year <= today.year}):
        whole = sum((one.amount for one in pledged if one.due_on.year == year), NOTHING)
        if year < today.year:
            missing = min(whole, owed + whole - paid)
            if missing > 0:
                yield Alert(AlertKind.UNDERPAID_YEAR_END, admission_id, area_id, date(year, 12, 31), year, missing)
        elif (today.month, today.day) >= HALF_YEAR and began <= date(year, 1, 1):
            half = (whole / 2).quantize(FEN)
            missing = min(half, owed + half - paid)
            if missing > 0:
                yield Alert(AlertKind.UNDERPAID_MID_YEAR, admission_id, area_id, date(year, 6, 30), year, missing)
        owed += whole


def ending(admission_id: int, ends: datetime, orders_after: int, *, running: bool, now: datetime) -> list[Alert]:
    """What is to be seen at the end of an admission. `ends` in the city's zone, for its date. `running`: it holds and
    no other renews it; `orders_after`: orders that were tried under it after its end."""
    found = []
    left = ends - now
    if running and 0 <= left.total_seconds() <= EXPIRING_DAYS * 86_400:
        found.append(Alert(AlertKind.EXPIRING, admission_id, on=ends.date(), count=left.days))
    if orders_after:
        found.append(Alert(AlertKind.ORDERED_AFTER_END, admission_id, on=ends.date(), count=orders_after))
    return found
