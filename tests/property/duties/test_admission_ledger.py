"""Of any promises and any transfers: nothing is lost by dividing, the balance is the sum of the rows in any order, and
alerts never say more than is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gridgov.duties.ledger import AlertKind, Promise, Receipt, Transfer, alerts_of, balance, by_year, divide

DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
MONEY = st.integers(0, 10**14 - 1).map(lambda fen: Decimal(fen) / 100)
SIGNED = st.integers(-(10**9), 10**9).map(lambda fen: Decimal(fen) / 100)
PROMISES = st.lists(st.builds(Promise, DAYS, MONEY, st.integers(0, 500), st.none()), max_size=12)
TRANSFERS = st.lists(
    st.builds(Transfer, DAYS, SIGNED, st.integers(-5, 50), st.just(1), st.sampled_from(Receipt)), max_size=30
)


@given(PROMISES, st.integers(1, 200))
def test_dividing_loses_nothing_and_favours_nobody(promises: list[Promise], count: int) -> None:
    targets = list(range(1, count + 1))
    parts = divide(promises, targets)
    assert sum((one.amount for one in parts), Decimal(0)) == sum((one.amount for one in promises), Decimal(0))
    assert sum(one.posts for one in parts) == sum(one.posts for one in promises)
    assert all(one.area_id in targets and one.amount == one.amount.quantize(Decimal("0.01")) for one in parts)
    for one in promises:
        alone = {part.area_id: part for part in divide([one], targets)}
        amounts = [alone[target].amount if target in alone else Decimal(0) for target in targets]
        assert max(amounts) - min(amounts) <= Decimal("0.01")


@given(PROMISES, TRANSFERS, st.randoms(use_true_random=False))
def test_the_balance_is_the_sum_of_the_rows_in_any_order(
    promises: list[Promise], transfers: list[Transfer], rng: Random
) -> None:
    whole = balance(promises, transfers)
    shuffled = rng.sample(promises, len(promises)), rng.sample(transfers, len(transfers))
    assert balance(*shuffled) == whole
    counted = {receipt: Decimal(0) for receipt in Receipt}
    for one in transfers:  # an addition of its own, one by one
        counted[one.receipt] += one.amount
    assert (whole.received, whole.unconfirmed, whole.disputed) == (
        counted[Receipt.RECEIVED], counted[Receipt.UNCONFIRMED], counted[Receipt.DISPUTED],
    )  # fmt: skip
    assert whole.missing == sum((one.amount for one in promises), Decimal(0)) - counted[Receipt.RECEIVED]
    years = by_year(promises, transfers).values()
    assert sum((one.missing for one in years), Decimal(0)) == whole.missing
    assert sum(one.posts_received for one in years) == whole.posts_received


@given(PROMISES, TRANSFERS, DAYS)
def test_alerts_say_what_is_missing_and_no_more(
    promises: list[Promise], transfers: list[Transfer], today: date
) -> None:
    found = alerts_of(1, 1, promises, transfers, today, began=date(2026, 1, 1))
    due = balance([one for one in promises if one.due_on < today], [])
    paid = balance([], transfers)
    overdue = sum((one.amount for one in found if one.kind is AlertKind.OVERDUE), Decimal(0))
    assert overdue == max(Decimal(0), due.promised - max(Decimal(0), paid.received))
    posts = sum(one.count for one in found if one.kind is AlertKind.POSTS_MISSING)
    assert posts == max(0, due.posts_promised - paid.posts_received)
    over = balance([one for one in promises if one.due_on.year < today.year], [])
    ended = sum((one.amount for one in found if one.kind is AlertKind.UNDERPAID_YEAR_END), Decimal(0))
    assert ended == max(Decimal(0), min(over.promised, over.promised - paid.received))
