"""The printed process: complete, true to the code, and the same in the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridgov.cases import describing, needs
from gridgov.cases.rules import ENDED, SUMMONS_ENDED, Kind, Rules, Stage, State, SummonsState, Who
from gridgov.cases.steps import AWAITED, SUMMONS_AWAITED, states_of
from gridgov.cases.transitions import CASE_EDGES, SAME, SUMMONS_EDGES

DOCS = Path(__file__).resolve().parents[3] / "docs"
LEADING_OUT = {one.action for one in CASE_EDGES} - {"cancel", "merge", "force-close"}


def test_every_word_has_a_name() -> None:
    assert set(describing.STATES) == set(State)
    assert set(describing.STAGES) == set(Stage)
    assert set(describing.SUMMONS) == set(SummonsState)
    assert set(describing.NEEDS) == set(needs.NEEDS)
    assert set(describing.CLOCKS) == {*Rules().clocks, *(f"report.{kind}" for kind in Kind)}


def test_the_document_shows_what_the_code_says() -> None:
    """docs/cases.md carries the tables as `gridgov cases table` prints them."""
    written = (DOCS / "cases.md").read_text(encoding="utf-8")
    _, _, rest = written.partition("<!-- printed by gridgov cases table -->\n")
    shown, _, _ = rest.partition("<!-- end -->")
    assert shown.strip() == describing.described().strip(), "print it anew: gridgov cases table"


@pytest.mark.parametrize("state", [one for one in State if one not in ENDED and AWAITED[one]])
def test_whoever_is_awaited_can_lead_on(state: State) -> None:
    """For each that is awaited in a state there is a step of theirs that leads out of it."""
    for who in AWAITED[state] - {Who.SUMMONED}:
        out = [
            edge.action for edge in CASE_EDGES
            if state in edge.before and who in edge.who and edge.after != SAME and edge.action in LEADING_OUT
        ]  # fmt: skip
        assert out, f"{who} is awaited in {state} and has no step"


@pytest.mark.parametrize("state", [one for one in SummonsState if one not in SUMMONS_ENDED])
def test_of_a_summons_too(state: SummonsState) -> None:
    assert SUMMONS_AWAITED[state]
    for who in SUMMONS_AWAITED[state]:
        assert [e for e in SUMMONS_EDGES if state in e.before and who in e.who and e.after != SAME], f"{who} in {state}"


def test_nobody_is_awaited_by_what_has_ended() -> None:
    assert not set(AWAITED) & ENDED
    assert set(AWAITED) | ENDED == set(State)
    assert states_of(frozenset({Who.SUPERVISOR})) == ["disputed"]
