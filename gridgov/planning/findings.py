"""What there is to say about a sheet while it is drawn, each with a place to click; and what keeps it from going out.

Owns the kinds of finding, how grave each is, and the sentences. Does not own when they are looked for (`board`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gridgov.planning.rules import Target


class Severity(StrEnum):
    """A note informs; a warning is to be looked at; what blocks keeps the sheet from being published."""

    NOTE = "note"
    WARNING = "warning"
    BLOCKS = "blocks"


class FindingKind(StrEnum):
    """What is found, with how grave it is."""

    NOT_CONTIGUOUS = "not-contiguous"
    HOLE = "hole"
    OFF_TARGET = "off-target"
    UNASSIGNED = "unassigned"
    EMPTY = "empty"
    LARGE_ATOM = "large-atom"
    GROUP_DIVIDED = "group-divided"
    SPECIAL_TOUCHED = "special-touched"


SEVERITY: dict[FindingKind, Severity] = {
    FindingKind.NOT_CONTIGUOUS: Severity.BLOCKS,
    FindingKind.HOLE: Severity.WARNING,
    FindingKind.OFF_TARGET: Severity.WARNING,
    FindingKind.UNASSIGNED: Severity.BLOCKS,
    FindingKind.EMPTY: Severity.BLOCKS,
    FindingKind.LARGE_ATOM: Severity.NOTE,
    FindingKind.GROUP_DIVIDED: Severity.BLOCKS,
    FindingKind.SPECIAL_TOUCHED: Severity.WARNING,
}

MEANS: dict[FindingKind, tuple[str, str]] = {
    FindingKind.NOT_CONTIGUOUS: ("不连通", "a grid in several pieces that no bridge joins"),
    FindingKind.HOLE: ("空洞", "a grid surrounds ground inside the community that is not its own"),
    FindingKind.OFF_TARGET: ("户数不达标", "households outside the band"),
    FindingKind.UNASSIGNED: ("未划入", "ground that belongs to no grid, piece by piece"),
    FindingKind.EMPTY: ("空网格", "a grid without an atom"),
    FindingKind.LARGE_ATOM: ("超大地块", "one atom above what a whole grid may have"),
    FindingKind.GROUP_DIVIDED: ("分割整体", "what is to stay together (villager group, estate) lies in several grids"),
    FindingKind.SPECIAL_TOUCHED: ("触及专属网格", "an operation changed the ground of a special grid; said once, then"),
}

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """`at` (x, y) in metres of the projection: where to click; None for a grid without ground. `atoms` ascending."""

    kind: FindingKind
    grids: tuple[int, ...]
    atoms: tuple[int, ...]
    at: Place | None
    zh: str
    en: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def severity(self) -> Severity:
        return SEVERITY[self.kind]

    def document(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind), "severity": str(self.severity), "grids": list(self.grids),
            "atoms": list(self.atoms), "at": None if self.at is None else list(self.at), "zh": self.zh, "en": self.en,
            "facts": self.facts,
        }  # fmt: skip


def not_contiguous(grid: int, pieces: Sequence[tuple[tuple[int, ...], int, Place]]) -> Finding:
    """`pieces` apart from the largest: (atoms, households, place) of each."""
    atoms = tuple(sorted(atom for piece in pieces for atom in piece[0]))
    households = sum(piece[1] for piece in pieces)
    return Finding(
        FindingKind.NOT_CONTIGUOUS, (grid,), atoms, pieces[0][2],
        f"网格 {grid} 不连通：另有 {len(pieces)} 块，共 {len(atoms)} 个地块、{households} 户。",
        f"Grid {grid} is in pieces: {len(pieces)} more, of {len(atoms)} atoms and {households} households.",
        {"pieces": [{"atoms": len(piece[0]), "households": piece[1], "at": list(piece[2])} for piece in pieces]},
    )  # fmt: skip


def hole(grid: int, inside: Sequence[int], area_m2: float, at: Place) -> Finding:
    """`inside`: the grids that lie in it."""
    named = "、".join(map(str, inside)) or "无网格"
    return Finding(
        FindingKind.HOLE, (grid, *inside), (), at,
        f"网格 {grid} 中间有空洞（{named}，{area_m2:.0f} 平方米）。",
        f"Grid {grid} surrounds ground that is not its own ({_list(inside) or 'no grid'}, {area_m2:.0f} m²).",
        {"area_m2": round(area_m2, 1)},
    )  # fmt: skip


def off_target(grid: int, households: int, target: Target, at: Place) -> Finding:
    """Outside the band, either way."""
    off = households - (target.most if households > target.most else target.least)
    zh, en = ("多", "above") if off > 0 else ("少", "below")
    return Finding(
        FindingKind.OFF_TARGET, (grid,), (), at,
        f"网格 {grid} 有 {households} 户，比 {target.least} 至 {target.most} 户{zh} {abs(off)} 户。",
        f"Grid {grid} has {households} households, {abs(off)} {en} {target.least} to {target.most}.",
        {"households": households, "least": target.least, "most": target.most, "off": off},
    )  # fmt: skip


def unassigned(atoms: tuple[int, ...], households: int, at: Place) -> Finding:
    """One piece of ground that belongs to no grid."""
    return Finding(
        FindingKind.UNASSIGNED, (), atoms, at,
        f"{len(atoms)} 个地块、{households} 户不属于任何网格。",
        f"{len(atoms)} atoms with {households} households belong to no grid.",
        {"households": households},
    )  # fmt: skip


def empty(grid: int) -> Finding:
    """A grid without an atom."""
    return Finding(
        FindingKind.EMPTY, (grid,), (), None, f"网格 {grid} 没有任何地块。", f"Grid {grid} has no atoms."
    )  # fmt: skip


def large_atom(grid: int, atom: int, households: int, target: Target, at: Place) -> Finding:
    """One atom that fills a grid by itself."""
    return Finding(
        FindingKind.LARGE_ATOM, (grid,), (atom,), at,
        f"地块 {atom} 一处就有 {households} 户，超过一个网格的 {target.most} 户，不能达标。",
        f"Atom {atom} alone has {households} households, above the {target.most} of a grid; it cannot be in the band.",
        {"households": households, "most": target.most},
    )  # fmt: skip


def group_divided(group: str, grids: tuple[int, ...], atoms: tuple[int, ...], at: Place) -> Finding:
    """What must stay together lies in several grids."""
    return Finding(
        FindingKind.GROUP_DIVIDED, grids, atoms, at,
        f"“{group}”应当保持完整，现分属网格 {'、'.join(map(str, grids))}。",
        f"“{group}” is to stay whole and lies in grids {_list(grids)}.",
        {"group": group},
    )  # fmt: skip


def special_touched(grids: tuple[int, ...], atoms: tuple[int, ...], at: Place) -> Finding:
    """An operation changed the ground of special grids (campus, mall, estate)."""
    return Finding(
        FindingKind.SPECIAL_TOUCHED, grids, atoms, at,
        f"专属网格 {'、'.join(map(str, grids))} 的范围已改变。",
        f"The ground of special grids changed: {_list(grids)}.",
    )  # fmt: skip


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that keep a sheet from being published."""
    return tuple(one for one in findings if one.severity is Severity.BLOCKS)


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def table() -> str:
    """The kinds of finding as they stand in docs/metrics.md."""
    lines = ["| kind | 中文 | what | gravity |", "|---|---|---|---|"]
    lines += [f"| `{kind}` | {MEANS[kind][0]} | {MEANS[kind][1]} | {SEVERITY[kind]} |" for kind in FindingKind]
    return "\n".join(lines)
