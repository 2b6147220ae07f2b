"""The pure parts of admission: edges, completeness, instalments, alerts, targets, the index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gridgov.duties import admitting, burden, ledger
from gridgov.duties.admitting import EDGES, Incomplete, NewAdmission, NoSuchStep, NotYourStep, State, Who
from gridgov.duties.burden import WEIGHTS, Counts
from gridgov.duties.ledger import AlertKind, Promise, Receipt, Transfer

DOCS = Path(__file__).resolve().parents[3] / "docs"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
WHOLE = NewAdmission(
    1, "巡查", category="06010", targets=(1,), plan="每周", basis="条例", begins=NOW, ends=NOW + timedelta(days=9),
    total=Decimal("10.00"), promises=(Promise(date(2027, 1, 1), Decimal("10.00")),),
)  # fmt: skip


class TestEdges:
    @pytest.mark.parametrize("before", State)
    @pytest.mark.parametrize("after", State)
    @pytest.mark.parametrize("who", Who)
    def test_a_step_is_in_the_table_or_refused(self, before: State, after: State, who: Who) -> None:
        edges = [edge for edge in EDGES if (edge.before, edge.after) == (before, after)]
        if any(edge.who is who for edge in edges):
            assert admitting.step(before, after, {who}).who is who
        else:
            with pytest.raises(NotYourStep if edges else NoSuchStep):
                admitting.step(before, after, {who})

    def test_every_state_is_reached_and_the_ends_are_ends(self) -> None:
        assert {edge.after for edge in EDGES} | {State.DRAFT} == set(State)
        ends = {state for state in State if not admitting.following(state)}
        assert ends == {State.REFUSED, State.WITHDRAWN, State.EXPIRED}

    def test_only_the_district_admits_and_only_what_was_heard(self) -> None:
        admits = [(edge.before, edge.who) for edge in EDGES if edge.after is State.ADMITTED]
        assert admits == [(State.HEARD, Who.DISTRICT)]

    @pytest.mark.parametrize(
        ("state", "due", "ends", "expected"),
        [
            (State.SUBMITTED, NOW, None, State.HEARD),
            (State.SUBMITTED, NOW + timedelta(microseconds=1), None, State.SUBMITTED),
            (State.ADMITTED, NOW, NOW, State.EXPIRED),
            (State.ADMITTED, NOW, NOW + timedelta(microseconds=1), State.ADMITTED),
            (State.DRAFT, None, NOW, State.DRAFT),
            (State.REFUSED, NOW, NOW, State.REFUSED),
            (State.RENEWED, NOW, NOW, State.RENEWED),
        ],
    )
    def test_time_moves_what_waits(
        self, state: State, due: datetime | None, ends: datetime | None, expected: State
    ) -> None:
        assert admitting.state_at(state, due, ends, NOW) is expected


class TestDocs:
    def test_the_document_shows_the_tables_of_the_code(self) -> None:
        written = (DOCS / "admission.md").read_text(encoding="utf-8")
        assert admitting.table() in written
        assert burden.table() in written
        assert admitting.table().replace("heard", "hurd") not in written  # the control


class TestCompleteness:
    def test_a_whole_request_passes(self) -> None:
        admitting.check_complete(WHOLE, now=NOW)

    @pytest.mark.parametrize(
        ("field", "lacking"),
        [
            ("category", {"category": None}), ("targets", {"targets": ()}), ("plan", {"plan": " "}),
            ("basis", {"basis": ""}), ("begins", {"begins": None}), ("ends", {"ends": None}),
            ("total_yuan", {"total": None}), ("total_yuan", {"total": Decimal("10.01")}),
        ],
    )  # fmt: skip
    def test_whatever_lacks_is_named(self, field: str, lacking: dict[str, object]) -> None:
        with pytest.raises(Incomplete) as told:
            admitting.check_complete(replace(WHOLE, **lacking), now=NOW)  # type: ignore[arg-type]
        assert told.value.field == field


class TestAlerts:
    BEGAN = date(2027, 1, 1)
    PROMISES = (
        Promise(date(2027, 3, 31), Decimal(100), 2),
        Promise(date(2027, 9, 30), Decimal(100)),
        Promise(date(2028, 3, 31), Decimal(50)),
    )

    def found(self, paid: int, today: date, posts: int = 2) -> list[tuple[AlertKind, Decimal]]:
        came = [Transfer(date(2027, 1, 1), Decimal(paid), posts, 1, Receipt.RECEIVED)]
        return [(one.kind, one.amount) for one in ledger.alerts_of(1, 1, self.PROMISES, came, today, began=self.BEGAN)]

    @pytest.mark.parametrize(
        ("paid", "today", "expected"),
        [
            (0, date(2027, 3, 31), []),
            (0, date(2027, 4, 1), [(AlertKind.OVERDUE, 100)]),
            (40, date(2027, 4, 1), [(AlertKind.OVERDUE, 60)]),
            (100, date(2027, 4, 1), []),
            (99, date(2027, 6, 30), [(AlertKind.OVERDUE, 1)]),
            (99, date(2027, 7, 1), [(AlertKind.OVERDUE, 1), (AlertKind.UNDERPAID_MID_YEAR, 1)]),
            (100, date(2027, 7, 1), []),
            (120, date(2027, 10, 1), [(AlertKind.OVERDUE, 80)]),
            (120, date(2028, 1, 1), [(AlertKind.OVERDUE, 80), (AlertKind.UNDERPAID_YEAR_END, 80)]),
            (200, date(2028, 7, 1), [(AlertKind.OVERDUE, 50), (AlertKind.UNDERPAID_MID_YEAR, 25)]),
            (250, date(2030, 1, 1), []),
            (400, date(2030, 1, 1), []),
        ],
    )
    def test_the_oldest_is_paid_first(self, paid: int, today: date, expected: list[tuple[AlertKind, int]]) -> None:
        assert self.found(paid, today) == [(kind, Decimal(amount)) for kind, amount in expected]

    def test_what_nobody_confirmed_has_not_come(self) -> None:
        for receipt in (Receipt.UNCONFIRMED, Receipt.DISPUTED):
            came = [Transfer(date(2027, 1, 1), Decimal(250), 2, 1, receipt)]
            assert len(ledger.alerts_of(1, 1, self.PROMISES, came, date(2027, 4, 1), began=self.BEGAN)) == 2

    def test_half_a_year_is_looked_at_where_it_was_in_force_from_the_first_day_on(self) -> None:
        late = [Promise(date(2027, 12, 1), Decimal(100))]
        for began, seen in ((date(2027, 1, 1), 1), (date(2027, 1, 2), 0)):
            assert len(ledger.alerts_of(1, 1, late, [], date(2027, 7, 1), began=began)) == seen

    def test_posts_are_counted_apart_from_money(self) -> None:
        came = [Transfer(date(2027, 1, 1), Decimal(250), 1, 1, Receipt.RECEIVED)]
        (alert,) = ledger.alerts_of(1, 1, self.PROMISES, came, date(2027, 4, 1), began=self.BEGAN)
        assert (alert.kind, alert.count, alert.on) == (AlertKind.POSTS_MISSING, 1, date(2027, 3, 31))

    @pytest.mark.parametrize(("days", "running", "seen"), [(60, True, 1), (61, True, 0), (0, True, 1), (60, False, 0)])
    def test_what_ends_within_sixty_days(self, days: int, running: bool, seen: int) -> None:
        assert len(ledger.ending(1, NOW + timedelta(days=days), 0, running=running, now=NOW)) == seen

    def test_what_is_over_does_not_end_soon(self) -> None:
        assert ledger.ending(1, NOW - timedelta(seconds=1), 0, running=True, now=NOW) == []
        (alert,) = ledger.ending(1, NOW - timedelta(days=3), 4, running=False, now=NOW)
        assert (alert.kind, alert.count) == (AlertKind.ORDERED_AFTER_END, 4)


class TestBurden:
    def test_every_count_has_a_weight(self) -> None:
        assert set(WEIGHTS) == set(Counts.__dataclass_fields__)

    @pytest.mark.parametrize("name", WEIGHTS)
    def test_each_count_adds_its_weight(self, name: str) -> None:
        assert burden.points(Counts(**{name: 4})) == 4 * WEIGHTS[name]

    def test_the_index_is_for_a_thousand_households(self) -> None:
        counts = Counts(items=10)
        assert burden.index(counts, 2000) == 5.0
        assert burden.index(counts, None) is None
        assert burden.index(counts, 0) is None
