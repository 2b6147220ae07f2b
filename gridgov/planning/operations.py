"""What a planner does to a sheet, each a frozen fact that can be written down and read back. Pure.

Owns the kinds of operation, their form, and what is wrong with one that was sent. Does not own what an operation does
to a sheet (`board`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gridgov.areas.rules import Kind
from gridgov.planning.rules import NOBODY, GridDraft, Target, grid_document, grid_of
from gridgov.platform.errors import BadInput

Corner = tuple[int, int]
"""(x, y) of a corner in whole centimetres of the city's metre projection."""
Line = tuple[tuple[float, float], ...]
"""(x, y), … of a line in metres of the city's metre projection."""

MOST_HOUSEHOLDS = 2_000_000
MOST_GRIDS = 2**31 - 1


class OperationUnknown(BadInput):
    """There is no operation of this kind."""

    code = "operation-unknown"


class BadOperation(BadInput):
    """What was sent is not an operation of its kind."""

    code = "operation-malformed"


@dataclass(frozen=True, slots=True)
class Assign:
    """Atoms go to a grid: one that is there, a new number, or `NOBODY`; `grid` None: a new one, numbered next."""

    kind: ClassVar[str] = "assign"
    atoms: tuple[int, ...]
    grid: int | None = None

    def document(self) -> dict[str, Any]:
        return {"atoms": list(self.atoms), "grid": self.grid}


@dataclass(frozen=True, slots=True)
class Split:
    """A grid becomes two along a line in metres; `new` is the number of the other (None: the next)."""

    kind: ClassVar[str] = "split"
    grid: int
    line: Line
    new: int | None = None

    def document(self) -> dict[str, Any]:
        return {"grid": self.grid, "line": [list(point) for point in self.line], "new": self.new}


@dataclass(frozen=True, slots=True)
class Merge:
    """Grids become one: `into`, one of them (None: the one with most households), which keeps its name and target."""

    kind: ClassVar[str] = "merge"
    grids: tuple[int, ...]
    into: int | None = None

    def document(self) -> dict[str, Any]:
        return {"grids": list(self.grids), "into": self.into}


@dataclass(frozen=True, slots=True)
class Slide:
    """The boundary between two grids goes where it is cheapest within the band.

    `households`: about that many go from the first to the second. `street`: a line in metres that it shall follow,
    whatever the band. Not both.
    """

    kind: ClassVar[str] = "slide"
    grids: tuple[int, int]
    households: int | None = None
    street: Line | None = None

    def document(self) -> dict[str, Any]:
        street = None if self.street is None else [list(point) for point in self.street]
        return {"grids": list(self.grids), "households": self.households, "street": street}


@dataclass(frozen=True, slots=True)
class MoveCorner:
    """A corner of the drawing as it stands, and where it goes; every atom that has it moves with it."""

    kind: ClassVar[str] = "move_corner"
    corner: Corner
    to: Corner

    def document(self) -> dict[str, Any]:
        return {"corner": list(self.corner), "to": list(self.to)}


@dataclass(frozen=True, slots=True)
class MoveEdge:
    """A border as the corners it runs along, one after the other; all go by the same centimetres east and north."""

    kind: ClassVar[str] = "move_edge"
    corners: tuple[Corner, ...]
    by: Corner

    def document(self) -> dict[str, Any]:
        return {"corners": [list(corner) for corner in self.corners], "by": list(self.by)}


@dataclass(frozen=True, slots=True)
class Lock:
    """Grids whose ground nothing changes any more, or may change again."""

    kind: ClassVar[str] = "lock"
    grids: tuple[int, ...]
    locked: bool = True

    def document(self) -> dict[str, Any]:
        return {"grids": list(self.grids), "locked": self.locked}


@dataclass(frozen=True, slots=True)
class Rename:
    """The names of a grid by language; `{}`: it has none."""

    kind: ClassVar[str] = "rename"
    grid: int
    names: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        return {"grid": self.grid, "names": dict(self.names)}


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """Urban, rural or special."""

    kind: ClassVar[str] = "kind"
    grid: int
    to: Kind

    def document(self) -> dict[str, Any]:
        return {"grid": self.grid, "to": str(self.to)}


@dataclass(frozen=True, slots=True)
class ChangeTarget:
    """A target of a grid's own, or None: that of the plan."""

    kind: ClassVar[str] = "target"
    grid: int
    to: Target | None

    def document(self) -> dict[str, Any]:
        return {"grid": self.grid, "to": None if self.to is None else [self.to.households, self.to.band]}


@dataclass(frozen=True, slots=True)
class Restore:
    """What an operation took away, put back: the inverse of any of them, as large as what they changed.

    `atoms` by grid, ascending; `grids` as they were (None: there was none); `corners`: (as they are in the basis, as
    they stood; None: they had not been moved). It heeds no lock: it goes back to what has been.
    """

    kind: ClassVar[str] = "restore"
    atoms: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    grids: Mapping[int, GridDraft | None] = field(default_factory=dict)
    corners: Mapping[Corner, Corner | None] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {
            "atoms": [[grid, list(self.atoms[grid])] for grid in sorted(self.atoms)],
            "grids": [[number, _draft(self.grids[number])] for number in sorted(self.grids)],
            "corners": [[list(was), _corner(self.corners[was])] for was in sorted(self.corners)],
        }


Operation = Assign | Split | Merge | Slide | MoveCorner | MoveEdge | Lock | Rename | ChangeKind | ChangeTarget | Restore


def operation_of(kind: str, payload: Mapping[str, Any]) -> Operation:
    """The operation that `document` wrote down, or that was sent. Raises `OperationUnknown`, `BadOperation`."""
    read = _READ.get(kind)
    if read is None:
        raise OperationUnknown(f"There is no operation “{kind}”.", field="kind", remedy=f"One of {', '.join(_READ)}.")
    if not isinstance(payload, Mapping):
        raise BadOperation("An operation is an object of named values.", field="payload", remedy="Send its values.")
    return read(payload)


def _draft(grid: GridDraft | None) -> dict[str, Any] | None:
    return None if grid is None else grid_document(grid)


def _corner(corner: Corner | None) -> list[int] | None:
    return None if corner is None else list(corner)


# ------------------------------------------------------------------------------------------------------------- reading


def _read_assign(payload: Mapping[str, Any]) -> Assign:
    grid = payload.get("grid")
    return Assign(
        tuple(_whole(one, "atoms") for one in _list(payload, "atoms")),
        None if grid is None else _whole(grid, "grid", least=NOBODY),
    )


def _read_split(payload: Mapping[str, Any]) -> Split:
    new = payload.get("new")
    return Split(_number(payload, "grid"), _line(payload, "line"), None if new is None else _whole(new, "new"))


def _read_merge(payload: Mapping[str, Any]) -> Merge:
    into = payload.get("into")
    return Merge(_grids(payload), None if into is None else _whole(into, "into"))


def _read_slide(payload: Mapping[str, Any]) -> Slide:
    grids = _grids(payload)
    if len(grids) != 2:
        raise _bad("grids", "A boundary lies between two grids.", "Name exactly two.")
    households, street = payload.get("households"), payload.get("street")
    if households is not None and street is not None:
        raise _bad("households", "A boundary follows a street, or hands households over.", "Give one of the two.")
    return Slide(
        (grids[0], grids[1]),
        None if households is None else _whole(households, "households", most=MOST_HOUSEHOLDS),
        None if street is None else _line(payload, "street"),
    )


def _read_move_corner(payload: Mapping[str, Any]) -> MoveCorner:
    return MoveCorner(_place(payload.get("corner"), "corner"), _place(payload.get("to"), "to"))


def _read_move_edge(payload: Mapping[str, Any]) -> MoveEdge:
    corners = tuple(_place(one, "corners") for one in _list(payload, "corners"))
    return MoveEdge(corners, _place(payload.get("by"), "by"))


def _read_lock(payload: Mapping[str, Any]) -> Lock:
    locked = payload.get("locked", True)
    if not isinstance(locked, bool):
        raise _bad("locked", "Locked or not.", "Give true or false.")
    return Lock(_grids(payload), locked)


def _read_rename(payload: Mapping[str, Any]) -> Rename:
    names = payload.get("names")
    if not isinstance(names, Mapping) or not all(isinstance(one, str) for pair in names.items() for one in pair):
        raise _bad("names", "Names are texts by language.", 'Give {"zh": "…", "en": "…"}.')
    if any(len(name) > 200 or not name.strip() or not key or len(key) > 20 for key, name in names.items()):
        raise _bad("names", "A name has between 1 and 200 characters.", "Give another, or leave the language out.")
    return Rename(_number(payload, "grid"), dict(names))


def _read_kind(payload: Mapping[str, Any]) -> ChangeKind:
    try:
        return ChangeKind(_number(payload, "grid"), Kind(payload.get("to", "")))
    except ValueError:
        raise _bad("to", "No such kind of grid.", f"One of {', '.join(Kind)}.") from None


def _read_target(payload: Mapping[str, Any]) -> ChangeTarget:
    to = payload.get("to")
    return ChangeTarget(_number(payload, "grid"), None if to is None else _target(to))


def _read_restore(payload: Mapping[str, Any]) -> Restore:
    try:
        atoms = {int(grid): tuple(int(atom) for atom in atoms) for grid, atoms in payload["atoms"]}
        grids = {int(number): None if one is None else grid_of(one) for number, one in payload["grids"]}
        corners = {
            _place(was, "corners"): None if now is None else _place(now, "corners") for was, now in payload["corners"]
        }
    except (KeyError, TypeError, ValueError):
        raise _bad("payload", "This is not what an operation left behind.", "Undo by the log of the sheet.") from None
    return Restore(atoms, grids, corners)


_READ: dict[str, Callable[[Mapping[str, Any]], Operation]] = {
    Assign.kind: _read_assign,
    Split.kind: _read_split,
    Merge.kind: _read_merge,
    Slide.kind: _read_slide,
    MoveCorner.kind: _read_move_corner,
    MoveEdge.kind: _read_move_edge,
    Lock.kind: _read_lock,
    Rename.kind: _read_rename,
    ChangeKind.kind: _read_kind,
    ChangeTarget.kind: _read_target,
    Restore.kind: _read_restore,
}
KINDS: tuple[str, ...] = tuple(_READ)


def _bad(field_name: str, detail: str, remedy: str) -> BadOperation:
    return BadOperation(detail, field=field_name, remedy=remedy)


def _whole(value: object, name: str, *, least: int = 0, most: int = MOST_GRIDS) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _bad(
            name, f"{value!r} is not a whole number of at least {least}.", "Give the number as the sheet has it."
        )
    return value


def _number(payload: Mapping[str, Any], name: str) -> int:
    return _whole(payload.get(name), name)


def _list(payload: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = payload.get(name)
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise _bad(name, "Nothing is named here.", "Give a list with at least one.")
    return value


def _grids(payload: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(_whole(one, "grids") for one in _list(payload, "grids"))


def _place(value: object, name: str) -> Corner:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        raise _bad(name, "A corner is x and y in whole centimetres.", "Give both.")
    x, y = (_whole(one, name, least=-(10**10), most=10**10) for one in value)
    return x, y


def _line(payload: Mapping[str, Any], name: str) -> Line:
    points = []
    for one in _list(payload, name):
        if isinstance(one, str) or not isinstance(one, Sequence) or len(one) != 2 or not all(map(_finite, one)):
            raise _bad(name, "A line is a list of x and y in metres.", "Give both for each of its points.")
        points.append((float(one[0]), float(one[1])))
    if len(set(points)) < 2:
        raise _bad(name, "A line has at least two different points.", "Draw it from edge to edge.")
    return tuple(points)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _target(value: object) -> Target:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2 or not all(map(_finite, value)):
        raise _bad("to", "A target is households and a band.", "Give [300, 0.1], or null for that of the plan.")
    households, band = value[0], float(value[1])
    if not isinstance(households, int) or not 1 <= households <= MOST_HOUSEHOLDS or not 0 <= band <= 1:
        raise _bad("to", "A target is at least one household, its band between 0 and 1.", "Give [300, 0.1].")
    return Target(households, band)
