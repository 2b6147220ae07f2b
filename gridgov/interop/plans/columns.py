"""What a grid and an atom say in a file: the columns, the words for them that are understood, and their cells.

Owns both directions of a cell. Does not own which file holds them (`writing`, `held`) nor what a sheet becomes of them
(`incoming`). No name is longer than ten characters: the table of a Shapefile takes no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gridgov.areas.rules import Kind
from gridgov.interop.files.choose import closest
from gridgov.interop.files.faults import RowFault
from gridgov.interop.files.refusals import ColumnMissing
from gridgov.interop.rows import Row
from gridgov.planning.rules import GridDraft, Target

MOST_CODE, MOST_NAME, MOST_KEY = 64, 200, 200
MOST_NUMBER = 2**31 - 2
MOST_HOUSEHOLDS = 2_000_000
CORNER = "corner"
"""Column of a CSV whose rows are corners moved by hand: “x y > x y” in centimetres."""


@dataclass(frozen=True, slots=True)
class Column:
    """`name` as gridgov writes it; `words` that a header may use instead; what it holds, for the docs."""

    name: str
    words: tuple[str, ...]
    zh: str
    en: str


# docs/plan-files.md prints these tables.
GRID_COLUMNS: tuple[Column, ...] = (
    Column("community", ("社区", "社区编码", "community_code"), "所属社区的编码", "code of the community"),
    Column("number", ("grid", "网格", "网格序号"), "图幅内的网格序号", "number of the grid on its sheet"),
    Column("code", ("编码", "网格编码", "grid_code", "wgbm"), "网格编码", "code of the grid"),
    Column("name_zh", ("名称", "网格名称", "name", "wgmc"), "中文名称", "name in Chinese"),
    Column("name_en", ("英文名称",), "英文名称", "name in English"),
    Column("kind", ("类型", "网格类型"), "城市、农村或专属", "urban, rural or special"),
    Column("target", ("目标户数",), "本网格的目标户数", "households that this grid should have"),
    Column("band", ("浮动比例",), "允许的浮动比例", "share by which it may miss them"),
    Column("locked", ("锁定",), "是否锁定", "whether it is locked"),
    Column("area_id", (), "延续的区域", "the area that it goes on as"),
)
ATOM_COLUMNS: tuple[Column, ...] = (
    Column("atom", ("地块", "地块编码", "key"), "地块编码", "key of the atom"),
    Column("basis_no", ("no", "地块序号"), "底图中的序号", "its number in the basis"),
    Column("households", ("户数",), "户数", "households"),
)
DRAFT = ("number", "code", "name_zh", "name_en", "kind", "target", "band", "locked", "area_id")
"""With all of these a file says everything of a grid, and nothing is taken over from the sheet that it replaces."""
_KINDS = {
    "urban": "urban", "城市": "urban", "城市网格": "urban",
    "rural": "rural", "农村": "rural", "农村网格": "rural",
    "special": "special", "专属": "special", "专属网格": "special",
}  # fmt: skip


class AtomsUnnamed(ColumnMissing):
    """A table without shapes needs a column of atoms and one of grids."""


def table(columns: Iterable[Column]) -> str:
    """Columns as they stand in docs/plan-files.md."""
    lines = ["| column | also | 中文 | English |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {'、'.join(one.words)} | {one.zh} | {one.en} |" for one in columns]
    return "\n".join(lines)


def headings(known: Iterable[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Name of a column -> what the file calls it. `wanted`: what the sender says. Raises ColumnMissing."""
    names = list(known)
    for name, heading in wanted.items():
        if heading not in names:
            raise ColumnMissing(
                f"The file has no column {heading!r}.",
                field=f"columns.{name}",
                remedy=closest(heading, names, "It has"),
            )
    by_word = {name.strip().casefold(): name for name in reversed(names)}
    found = dict(wanted)
    for column in (*GRID_COLUMNS, *ATOM_COLUMNS):
        meant = next((by_word[word] for word in (column.name, *column.words) if word in by_word), None)
        if meant is not None and meant not in wanted.values():
            found.setdefault(column.name, meant)
    for name in names:  # names in other languages
        if name.startswith("name_") and name not in found.values():
            found.setdefault(name, name)
    return found


def cells(draft: GridDraft) -> dict[str, str | int | float | None]:
    """What is said of a grid, by column; names in other languages than the two as `name_…`."""
    target = draft.target
    named = {f"name_{language}": draft.names.get(language) for language in ("zh", "en", *sorted(draft.names))}
    return {
        "number": draft.number,
        "code": draft.code,
        **named,
        "kind": str(draft.kind),
        "target": None if target is None else target.households,
        "band": None if target is None else target.band,
        "locked": int(draft.locked),
        "area_id": draft.area_id,
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of a grid. `number` None: it has none of its own; `label`: how rows of the same grid know it."""

    row: int
    label: str
    community: str | None
    number: int | None
    code: str | None
    names: Mapping[str, str]
    kind: Kind | None
    target: Target | None
    locked: bool | None
    area_id: int | None

    def content(self) -> tuple[object, ...]:
        """What rows of the same grid have to agree on."""
        names = tuple(sorted(self.names.items()))
        return (self.number, self.code, names, self.kind, self.target, self.locked, self.area_id)

    def draft(self, number: int, before: GridDraft | None, columns: Mapping[str, str]) -> GridDraft:
        """The grid, with what the file has no column for as it was before."""
        was = before or GridDraft(number)
        named = any(name.startswith("name_") for name in columns)
        return GridDraft(
            number=number,
            names=dict(self.names) if named else was.names,
            kind=self.kind if self.kind is not None else was.kind,
            target=self.target if "target" in columns else was.target,
            locked=was.locked if self.locked is None else self.locked,
            area_id=self.area_id if "area_id" in columns else was.area_id,
            code=self.code if "code" in columns else was.code,
        )


def said(row: Row, columns: Mapping[str, str]) -> Said:
    """Reads a row as a grid. Raises RowFault."""
    get = columns.get
    names = {
        name.removeprefix("name_"): text
        for name, heading in columns.items()
        if name.startswith("name_") and (text := row.text(heading, most=MOST_NAME)) is not None
    }
    grid = row.text(get("number"), most=MOST_CODE)
    code = row.text(get("code"), most=MOST_CODE)
    kind = row.choice(get("kind"), _KINDS)
    return Said(
        row=row.number,
        label=grid or code or next(iter(names.values()), ""),
        community=row.text(get("community"), most=MOST_CODE),
        number=_number(grid),
        code=code,
        names=names,
        kind=None if kind is None else Kind(kind),
        target=_target(row, columns),
        locked=row.flag(get("locked")),
        area_id=row.count(get("area_id")),
    )


def _number(text: str | None) -> int | None:
    """A number of a grid; a longer row of digits is a code."""
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if text is not None and plain and int(text) <= MOST_NUMBER else None


def _target(row: Row, columns: Mapping[str, str]) -> Target | None:
    column = columns.get("target")
    households = row.number_in(column, 1, MOST_HOUSEHOLDS)
    if households is None:
        return None
    if households != int(households):
        raise RowFault("not-an-integer", column or "", households)
    band = row.number_in(columns.get("band"), 0, 1)
    return Target(int(households)) if band is None else Target(int(households), band)


def corner(text: str, column: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """(as it was, as it is) of “x y > x y” in centimetres. Raises RowFault."""
    try:
        before, after = (tuple(int(one) for one in side.split()) for side in text.split(">"))
        (x, y), (to_x, to_y) = before, after
    except ValueError:
        raise RowFault("corner-malformed", column, text) from None
    return (x, y), (to_x, to_y)


def corner_text(before: tuple[int, int], after: tuple[int, int]) -> str:
    """
    >>> corner_text((1, 2), (3, 4))
    '1 2 > 3 4'
    """
    return f"{before[0]} {before[1]} > {after[0]} {after[1]}"
