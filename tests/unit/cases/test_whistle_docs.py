"""docs/whistle.md shows the summons table and the grades as the code has them.

`python -m tests.unit.cases.test_whistle_docs` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gridgov.cases.deciding import SPEEDS
from gridgov.cases.rules import Action, Kind, NeedMissing, NotInTable, NotYet, NotYourStep, Rules
from gridgov.cases.transitions import SUMMONS_EDGES, table

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE, GUIDE = DOCS / "whistle.md", DOCS / "guide-agency.md"


def summons() -> str:
    return table(SUMMONS_EDGES)


def speed() -> str:
    lines = [f"| up to {share:.0%} | {grade} |" for share, grade in SPEEDS]
    return "\n".join(["| of the limit | speed |", "|---|---|", *lines, "| more | 1 |"])


PRINTED: dict[str, Callable[[], str]] = {"summons": summons, "speed": speed}
_BLOCK = re.compile(r"<!-- printed: (\w+) -->\n(.*?)<!-- /printed -->", re.DOTALL)


@pytest.mark.parametrize("name", PRINTED)
def test_the_document_shows_what_the_code_says(name: str) -> None:
    shown = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    assert shown[name].strip() == PRINTED[name]()


def test_every_block_is_one_of_ours() -> None:
    assert set(dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))) == set(PRINTED)


def test_the_limits_in_words_are_those_of_the_rules() -> None:
    rules = Rules()
    assert (str(rules.clocks["sign"]), str(rules.clocks["contact"])) == ("1 urgent_hour", "24 urgent_hour")
    assert [str(rules.report[kind]) for kind in (Kind.ADVANCE, Kind.HARD)] == ["3 work_day", "5 work_day"]


def test_the_guide_names_steps_and_refusals_that_there_are() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", guide))
    codes = {one.code for one in (NotInTable, NotYourStep, NeedMissing, NotYet)} | {"case-moved-on", "case-unknown"}
    assert named - {one.value for one in Action} == codes, "a word that is neither a step nor a refusal"


def main() -> None:
    written = PAGE.read_text(encoding="utf-8")
    fresh = _BLOCK.sub(lambda m: f"<!-- printed: {m[1]} -->\n{PRINTED[m[1]]()}\n<!-- /printed -->", written)
    PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
