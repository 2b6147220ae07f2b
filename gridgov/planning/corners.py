"""Corners moved by hand, and the shapes, areas and shared borders that follow from them. Pure.

Owns which corner is which, what may be moved where, and the atoms as they are drawn. Does not own the sheet (`board`).

A corner inside the community is the end of borders that two atoms share each. As all atoms that have it move together,
what surrounds them stays; so the atoms still tile the community as long as each is simple and none is turned over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo.partition.graph import BRIDGE_M, OFF_STREET
from gridgov.planning.ground import Ground
from gridgov.planning.operations import Corner
from gridgov.planning.rules import AtomKind
from gridgov.planning.tallies import MICRO, Longs
from gridgov.platform.errors import Conflict, NotFound

Shapes = NDArray[np.object_]
Segment = tuple[tuple[float, float], tuple[float, float]]

CM = 100
LEAST_M2 = 0.01


class CornerUnknown(NotFound):
    """No corner of the drawing lies there."""

    code = "corner-unknown"


class CornerOnBorder(Conflict):
    """The border of the community is not moved by its grids."""

    code = "corner-on-border"


class LineCrossed(Conflict):
    """A border would cross another, or an atom would vanish."""

    code = "line-crossed"


class BuildingLeftOut(Conflict):
    """Where people live would lie in another atom than they are counted in."""

    code = "building-left-out"


@dataclass(frozen=True)
class Redrawn:
    """Atoms (ascending) and the shapes that they have now."""

    atoms: NDArray[np.intp]
    shapes: Shapes


class Drawing:
    """The atoms of a ground as they are drawn with corners moved (as they are in the basis -> as they stand).

    `shapes`; `area` int64[n] in square millimetres, `perimeter` int64[n], `shared` and `price` int64[m] in micrometres;
    `moved` bool[n] and `marks`: the atoms that are not as in the basis, and what tells their shapes apart.
    """

    def __init__(self, ground: Ground, corners: Mapping[Corner, Corner]) -> None:
        graph = ground.graph
        self.ground = ground
        self.corners: dict[Corner, Corner] = {}
        self.shapes: Shapes = ground.shapes.copy()
        self.area, self.perimeter = micro(graph.area_m2), micro(graph.perimeter_m)
        self.shared = micro(graph.shared_m)
        self.price = _price(self.shared, graph.on_street, graph.bridge)
        self.marks: dict[int, bytes] = {}
        self.moved = np.zeros(len(ground), dtype=np.bool_)
        if corners:
            self.put(corners, self.redrawn(corners))

    # ---------------------------------------------------------------------------------------------------- what is asked

    def places(self, named: Sequence[Corner], field: str) -> list[Corner]:
        """Corners as they stand -> as they are in the basis. Raises `CornerUnknown`, `CornerOnBorder`."""
        back = {now: was for was, now in self.corners.items()}
        found = [back.get(corner, corner) for corner in named]
        for corner, was in zip(named, found, strict=True):
            gone = corner not in back and was in self.corners
            if gone or not len(self._index.atoms(was)):
                raise CornerUnknown(
                    f"There is no corner at {corner[0] / CM:.2f}, {corner[1] / CM:.2f} m.", field=field,
                    remedy="Take a corner of the drawing as it stands.",
                )  # fmt: skip
            if self._on_border(was):
                raise CornerOnBorder(
                    "This corner lies on the border of the community.", field=field,
                    remedy="Take a corner inside; the community's border is changed by another plan.",
                )  # fmt: skip
        return found

    def joined(self, places: Sequence[Corner]) -> bool:
        """Whether each corner (as in the basis) and the next are the ends of one border."""
        return all(self._border_between(one, other) for one, other in pairwise(places))

    def check(self, redrawn: Redrawn, field: str) -> None:
        """Raises `LineCrossed`, `BuildingLeftOut`."""
        before = self.shapes[redrawn.atoms]
        turned = [_turns(one) != _turns(was) for one, was in zip(redrawn.shapes, before, strict=True)]
        met = [_corners_meet(one) for one in redrawn.shapes]
        wrong = ~shapely.is_valid(redrawn.shapes) | (shapely.area(redrawn.shapes) < LEAST_M2)
        wrong |= np.array(turned, dtype=np.bool_) | np.array(met, dtype=np.bool_)
        if wrong.any() or not shapely.coverage_is_valid(redrawn.shapes):
            atoms = redrawn.atoms[wrong].tolist()
            raise LineCrossed(
                f"A border would cross or meet another{_named(atoms)}.", field=field,
                remedy="Move it less far, so that every atom stays whole.", atoms=atoms,
            )  # fmt: skip
        ground, atoms_ = self.ground, redrawn.atoms
        labels = ground.labels[atoms_]
        out = shapely.contains(before, labels) & ~shapely.contains(redrawn.shapes, labels)
        lived = (ground.graph.households[atoms_] > 0) | np.array([_built(ground.kinds[one]) for one in atoms_])
        if (out & lived).any():
            atoms = atoms_[out & lived].tolist()
            raise BuildingLeftOut(
                f"The border would leave a building outside its own atom{_named(atoms)}.", field=field,
                remedy="Move it less far, or give the atom to the other grid.", atoms=atoms,
            )  # fmt: skip

    # ----------------------------------------------------------------------------------------------------- what follows

    def atoms_at(self, places: Iterable[Corner]) -> NDArray[np.intp]:
        """The atoms (ascending) that have one of these corners, given as they are in the basis."""
        found = [self._index.atoms(place) for place in places]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.intp)

    def redrawn(self, changes: Mapping[Corner, Corner | None]) -> Redrawn:
        """The atoms that corners change (as in the basis -> as they will stand; None: as in the basis)."""
        after = _changed(self.corners, changes)
        atoms = self.atoms_at(changes)
        shapes: Shapes = np.empty(len(atoms), dtype=np.object_)
        shapes[:] = [_moved(self.ground.shapes[atom], after) for atom in atoms]
        return Redrawn(atoms, shapes)

    def put(self, changes: Mapping[Corner, Corner | None], redrawn: Redrawn) -> None:
        """The corners stand there from now on."""
        self.corners = _changed(self.corners, changes)
        for atom, shape in zip(redrawn.atoms.tolist(), redrawn.shapes, strict=True):
            self._draw(atom, shape)
        self._share(redrawn.atoms)

    def _draw(self, atom: int, shape: Any) -> None:
        graph, was = self.ground.graph, self.ground.shapes[atom]
        self.shapes[atom] = shape
        self.moved[atom] = not shape.equals_exact(was, 0.0)
        if not self.moved[atom]:
            self.marks.pop(atom, None)
        else:
            self.marks[atom] = hashlib.blake2b(shapely.to_wkb(shape), digest_size=16).digest()
        self.area[atom] = round(graph.area_m2[atom] * (shape.area / was.area) * MICRO)
        self.perimeter[atom] = round(graph.perimeter_m[atom] * (shape.length / was.length) * MICRO)

    def _share(self, atoms: NDArray[np.intp]) -> None:
        """The borders between these atoms, in the proportion in which they became longer."""
        graph, among = self.ground.graph, set(atoms.tolist())
        now = {atom: _segments(self.shapes[atom]) for atom in among}
        was = {atom: _segments(self.ground.shapes[atom]) for atom in among}
        for atom in among:
            for edge in range(graph.indptr[atom], graph.indptr[atom + 1]):
                other = int(graph.indices[edge])
                if other not in among or graph.bridge[edge]:
                    continue
                before, after = _common(was[atom], was[other]), _common(now[atom], now[other])
                if before > 0:
                    self.shared[edge] = round(graph.shared_m[edge] * (after / before) * MICRO)
                    self.price[edge] = round(self.shared[edge] * (1 if graph.on_street[edge] else OFF_STREET))

    # ------------------------------------------------------------------------------------------------------ the corners

    @cached_property
    def _index(self) -> _Index:
        return _Index(self.ground.shapes)

    def _on_border(self, was: Corner) -> bool:
        counted: dict[Segment, int] = {}
        for shape in self.ground.shapes[self._index.atoms(was)]:
            for segment in _segments(shape):
                if was in (_named_by(segment[0]), _named_by(segment[1])):
                    counted[segment] = counted.get(segment, 0) + 1
        return any(times != 2 for times in counted.values())

    def _border_between(self, one: Corner, other: Corner) -> bool:
        both = np.intersect1d(self._index.atoms(one), self._index.atoms(other))
        ends = {one, other}
        return any(
            {_named_by(first), _named_by(second)} == ends
            for atom in both.tolist()
            for first, second in _segments(self.ground.shapes[atom])
        )


class _Index:
    """Which atoms have a corner."""

    def __init__(self, shapes: Shapes) -> None:
        points, atom = shapely.get_coordinates(shapes, return_index=True)
        at = np.rint(points * CM).astype(np.int64)
        order = np.lexsort((atom, at[:, 1], at[:, 0]))
        self._x, self._y, self._atom = at[order, 0], at[order, 1], atom[order]

    def atoms(self, corner: Corner) -> NDArray[np.intp]:
        start, end = np.searchsorted(self._x, corner[0], "left"), np.searchsorted(self._x, corner[0], "right")
        low = start + np.searchsorted(self._y[start:end], corner[1], "left")
        high = start + np.searchsorted(self._y[start:end], corner[1], "right")
        return np.unique(self._atom[low:high])


def micro(values: NDArray[np.floating[Any]]) -> Longs:
    """Millionths, whole."""
    return np.rint(np.asarray(values, dtype=np.float64) * MICRO).astype(np.int64)


def _price(shared: Longs, on_street: NDArray[np.bool_], bridge: NDArray[np.bool_]) -> Longs:
    price = np.where(on_street, shared, np.rint(shared * OFF_STREET).astype(np.int64))
    return np.where(bridge, int(BRIDGE_M * MICRO), price)


def _changed(corners: Mapping[Corner, Corner], changes: Mapping[Corner, Corner | None]) -> dict[Corner, Corner]:
    after = {**corners, **changes}
    return {was: now for was, now in after.items() if now is not None}


def _moved(shape: Any, corners: Mapping[Corner, Corner]) -> Any:
    points = shapely.get_coordinates(shape)
    for place, point in enumerate(points):
        now = corners.get(_named_by((point[0], point[1])))
        if now is not None:
            points[place] = now[0] / CM, now[1] / CM
    return shapely.set_coordinates(shape, points)


def _named_by(point: tuple[float, float]) -> Corner:
    return round(point[0] * CM), round(point[1] * CM)


def _segments(shape: Any) -> set[Segment]:
    found: set[Segment] = set()
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
            found.update((min(one, other), max(one, other)) for one, other in pairwise(points))
    return found


def _common(one: set[Segment], other: set[Segment]) -> float:
    return sum(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in sorted(one & other))


def _turns(shape: Any) -> list[bool]:
    return [bool(ring.is_ccw) for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]


def _corners_meet(shape: Any) -> bool:
    """Whether two corners of one ring have come to have the same name."""
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            names = [_named_by((x, y)) for x, y in shapely.get_coordinates(ring)[:-1].tolist()]
            if len(set(names)) < len(names):
                return True
    return False


def _built(kind: str) -> bool:
    return kind in (AtomKind.BUILDING, AtomKind.UNIT)


def _named(atoms: Sequence[int]) -> str:
    return f" (atom {', '.join(str(atom) for atom in atoms[:5])})" if atoms else ""
