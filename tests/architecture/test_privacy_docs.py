"""docs/privacy.md says what the marks, the limits and the table of states say.

`python -m tests.architecture.test_privacy_docs` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import tests.mapped  # noqa: F401  # every mapped table
from gridgov.platform.db import Base
from gridgov.privacy import masks, register, rules

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
PARTS: dict[str, Callable[[], str]] = {
    "register": lambda: register.markdown(register.lines(Base.metadata)),
    "limits": lambda: register.limits_markdown(Base.metadata),
    "states": rules.table,
}


def part(text: str, name: str) -> re.Match[str]:
    """What stands between the marks of a generated part."""
    found = re.search(rf"(?s)(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", text)
    assert found is not None, f"docs/privacy.md has no place for {name}"
    return found


@pytest.mark.parametrize("name", PARTS)
def test_a_generated_part_is_up_to_date(name: str) -> None:
    assert part(PAGE.read_text(encoding="utf-8"), name)[2].strip() == PARTS[name]().strip()


def test_a_changed_mark_is_seen() -> None:
    """The control: one more day, and the page no longer agrees."""
    told = part(PAGE.read_text(encoding="utf-8"), "register")[2]
    assert "730 days" in told
    assert told.replace("730 days", "731 days").strip() != PARTS["register"]().strip()


def test_every_test_that_the_page_names_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [line.split("|")[-2] for line in text.splitlines() if re.match(r"\| [0-9]", line)]
    named = {name for row in rows for name in re.findall(r"`([a-z_/]+)`", row)}
    tests = PAGE.parents[1] / "tests"
    assert len(named) > 10
    missing = {name for name in named if not list(tests.rglob(f"{name}.py")) and not (tests / name).exists()}
    assert not missing


def test_every_mask_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert {"phone", "name", "id_card", "address"} == set(masks.ALLOWED)
    for word in ("mobile number", "a name its first character", "ID card", "an address"):
        assert word in text


def write() -> None:
    """Puts the generated parts into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in PARTS.items():
        found = part(text, name)
        text = text[: found.start(2)] + "\n" + made() + "\n" + text[found.end(2) :]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
