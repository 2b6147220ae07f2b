"""docs/duty-lists.md shows the tables of the linter and of sheets as the code has them.

`python -m tests.unit.duties.test_duty_list_docs` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gridgov.duties.lint import RULES
from gridgov.interop.dutylists import COLUMNS, READ_ONLY

PAGE = Path(__file__).resolve().parents[3] / "docs" / "duty-lists.md"


def findings() -> str:
    """The linter's rules as a table of Markdown."""

    def shown(text: str) -> str:
        return re.sub(r"\{(\w+)\}", r"‹\1›", text)

    lines = [
        f"| `{code}` | {rule.severity} | {shown(rule.zh)} | {shown(rule.en)} | {rule.remedy_en} |"
        for code, rule in RULES.items()
    ]
    return "\n".join(["| finding | | 中文 | English | remedy |", "|---|---|---|---|---|", *lines])


def columns() -> str:
    """The columns of a sheet as a table of Markdown."""

    def said(name: str, needed: bool) -> str:
        return "must be there" if needed else "not read" if name in READ_ONLY else ""

    lines = [f"| `{one.name}` | {one.zh} | {one.en} | {said(one.name, one.needed)} |" for one in COLUMNS]
    return "\n".join(["| column | 中文 | English | |", "|---|---|---|---|", *lines])


PARTS: dict[str, Callable[[], str]] = {"findings": findings, "columns": columns}


def part(text: str, name: str) -> re.Match[str]:
    """What stands between the marks of a generated part."""
    found = re.search(rf"(?s)(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", text)
    assert found is not None, f"docs/duty-lists.md has no place for {name}"
    return found


@pytest.mark.parametrize("name", PARTS)
def test_a_generated_part_is_up_to_date(name: str) -> None:
    assert part(PAGE.read_text(encoding="utf-8"), name)[2].strip() == PARTS[name]().strip()


def test_a_changed_rule_is_seen() -> None:
    """The control: a page that says otherwise does not agree."""
    told = part(PAGE.read_text(encoding="utf-8"), "findings")[2]
    assert told.strip() != findings().replace("overlap", "overlaps").strip()


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for name, written in PARTS.items():
        place = part(page, name)
        page = page[: place.start(2)] + written() + "\n" + page[place.end(2) :]
    PAGE.write_text(page, encoding="utf-8")
