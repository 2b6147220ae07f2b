"""What differs between two versions of a duty list, item by item and field by field. Pure.

An item is the same item when it has the same code. Does not own how fields are shown (`lines`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from gridgov.duties.rules import NewItem

FIELDS = tuple(field.name for field in fields(NewItem) if field.name != "code")


@dataclass(frozen=True, slots=True)
class Changed:
    """An item that both have, and the names of the fields in which it differs."""

    before: NewItem
    after: NewItem
    fields: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.before.code


@dataclass(frozen=True, slots=True)
class Comparison:
    """By code. `unchanged` is a count."""

    added: tuple[NewItem, ...]
    removed: tuple[NewItem, ...]
    changed: tuple[Changed, ...]
    unchanged: int

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed)


def compare(before: Sequence[NewItem], after: Sequence[NewItem]) -> Comparison:
    """From one version to the other; the other way round, added and removed, before and after change places."""
    old, new = ({item.code: item for item in side} for side in (before, after))
    both = sorted(old.keys() & new.keys())
    changed = [Changed(old[code], new[code], found) for code in both if (found := _differ(old[code], new[code]))]
    return Comparison(
        added=tuple(new[code] for code in sorted(new.keys() - old.keys())),
        removed=tuple(old[code] for code in sorted(old.keys() - new.keys())),
        changed=tuple(changed),
        unchanged=len(both) - len(changed),
    )


def _differ(one: NewItem, other: NewItem) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(one, name) != getattr(other, name))
