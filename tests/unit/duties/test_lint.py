"""The linter finds each fault that is planted, names it and its remedy, and has nothing to say of a clean list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gridgov.duties.lint import RULES, Finding, Severity, lint
from gridgov.duties.rules import Item, ManagementClass
from tests.unit.duties.lists import AGENCIES, AT, CLEAN, city, item, pieces


def found(draft: Sequence[Item], others: Sequence[Item] = (), **more: Any) -> list[Finding]:
    return lint(draft, others, city(**more), pieces(*draft, *others))


def codes(draft: Sequence[Item], others: Sequence[Item] = (), **more: Any) -> set[tuple[str, str | None]]:
    return {(one.code, one.item or one.category) for one in found(draft, others, **more)}


def test_a_clean_list_has_no_finding() -> None:
    assert found(CLEAN) == []


# code of the finding -> (the list with the fault, whose it is, what else belongs to the case)
PLANTED: dict[str, tuple[list[Item], str, dict[str, Any]]] = {
    "no-owner": ([*CLEAN[:3], item("4", "09009", "")], "4", {}),
    "category-unknown": ([*CLEAN, item("9", "99*")], "9", {}),
    "agency-closed": ([*CLEAN], "3", {"closed": frozenset({"HW"})}),
    "payer-missing": (
        [*CLEAN[:2], item("3", "07001", "HW", management_class=ManagementClass.ASSISTING), CLEAN[3]],
        "3",
        {},
    ),
    "level-unknown": ([*CLEAN[:3], item("4", "09009", level="province")], "4", {}),
    "level-absent": ([*CLEAN[:3], item("4", "09009", level="subdistrict")], "4", {}),
    "overlap": ([*CLEAN, item("5", "07001", "JJ")], "5", {}),
    "never-reached": ([*CLEAN, item("5", "0601*", "JJ", 4), item("6", "06*", "HW", 4)], "6", {}),
    "area-gone": ([*CLEAN, item("5", "06011", "JJ", 99)], "5", {}),
    "no-sites": ([*CLEAN], "4", {"sites": 0}),
    "class-and-lead": (
        [*CLEAN[:3], item("4", "09009", "JJ", management_class=ManagementClass.COMPREHENSIVE)],
        "4",
        {},
    ),
    "limit-missing": ([*CLEAN[:3], item("4", "09009", time_limit=None, limit=None)], "4", {}),
    "limit-unreadable": ([*CLEAN[:3], item("4", "09009", time_limit="soon", limit=None)], "4", {}),
    "expired": ([*CLEAN[:3], item("4", "09009", expires_at=AT - timedelta(days=1))], "4", {}),
    "unserved": ([*CLEAN[:3]], "09009", {}),
    "unserved-in-part": ([*CLEAN[:3], item("4", "09009", "JJ", 2)], "09009", {}),
}


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_planted_fault_is_found(code: str) -> None:
    """Only `overlap-elsewhere` needs another list; the control of each is the clean list above."""
    if code == "overlap-elsewhere":
        assert codes(CLEAN, [item("x", "07001", "JJ", name="other")]) == {("overlap-elsewhere", "3")}
        assert codes(CLEAN, [item("x", "07001", "HW", name="other")]) == set(), "the same lead is no disagreement"
        return
    draft, whose, more = PLANTED[code]
    told = found(draft, **more)
    assert (code, whose) in {(one.code, one.item or one.category) for one in told}
    one = next(one for one in told if one.code == code)
    assert all((one.zh, one.en, one.remedy_zh, one.remedy_en))
    assert "{" not in one.zh + one.en


@pytest.mark.parametrize("code", sorted(set(PLANTED) - {"overlap", "no-owner"}))
def test_a_planted_fault_brings_nothing_else(code: str) -> None:
    draft, _, more = PLANTED[code]
    assert {one.code for one in found(draft, **more)} == {code}


def test_an_overlap_is_told_of_both_and_not_again_as_never_reached() -> None:
    told = found([*CLEAN, item("5", "07001", "JJ")])
    assert [(one.code, one.item) for one in told] == [("overlap", "3"), ("overlap", "5")]


def test_an_item_that_answers_in_one_grid_is_reached() -> None:
    """Three of the four grids of a district have an exception; with the fourth the district's item is dead."""
    district = item("D", "06010", "HW", 3)
    exceptions = [item(f"E{i}", "06010", "JJ", i) for i in range(12, 15)]
    assert codes([*CLEAN, district, *exceptions]) == set()
    assert codes([*CLEAN, district, *exceptions, item("E15", "06010", "JJ", 15)]) == {("never-reached", "D")}


def test_what_another_list_serves_is_served() -> None:
    assert codes(CLEAN[:3], [item("x", "09009", "JJ", name="other")]) == set()


def test_supporting_bodies_and_payers_can_be_closed_too() -> None:
    support = replace(CLEAN[2], supporting=(CLEAN[3].lead,))
    payer = replace(CLEAN[2], management_class=ManagementClass.ASSISTING, payer=AGENCIES[3])
    for changed in (support, payer):
        told = codes([*CLEAN[:2], changed, CLEAN[3]], closed=frozenset({"JJ"}))
        assert ("agency-closed", "3") in told


def test_errors_are_those_that_routing_or_money_would_stumble_over() -> None:
    errors = {code for code, rule in RULES.items() if rule.severity is Severity.ERROR}
    assert errors == {"no-owner", "category-unknown", "agency-closed", "payer-missing", "level-unknown", "overlap"}
