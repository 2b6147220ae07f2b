"""Proposing the grids of one community: what may be drawn anew, by which target, and which grid goes on as which. Pure.

Owns the way from a sheet to the next one: locked and special grids stay out of it, villager groups stay whole, rural
ground has a target of its own, each connected piece is divided by itself, identities pass on by households. Does not
own dividing (`geo.partition`), nor jobs (`worker`). The same ground, sheet, settings and seed give the same sheet to
the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.areas.rules import Kind
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.repair import PRICE_M, repair
from gridgov.geo.partition.solve import EFFORT, Cancelled, propose
from gridgov.planning import infeasible
from gridgov.planning.ground import Ground
from gridgov.planning.infeasible import Obstacle
from gridgov.planning.lineage import lineage
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target

Ints = NDArray[np.int32]
SOLVER = "gridgov.partition.1"
MOST_REPAIR = 4.0  # times the usual effort: from there on it only takes longer, and hears late of being ended


class Mode(StrEnum):
    """From nothing, from what is drawn (with a price per household that moves), or as few moves as can be."""

    FRESH = "fresh"
    RESUME = "resume"
    REPAIR = "repair"


MODE_WORDS: Mapping[Mode, Mapping[str, str]] = {
    Mode.FRESH: {"zh": "重新划分", "en": "anew"},
    Mode.RESUME: {"zh": "在现有基础上优化", "en": "from what is drawn"},
    Mode.REPAIR: {"zh": "最小调整", "en": "fewest moves"},
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`price`: metres of boundary along a street that one moved household is worth (resume, repair; 0 in a repair: its
    own). `effort`: steps tried for each atom; a repair takes it as a share of the usual. `grids`: numbers of the grids
    that are divided anew, with the ground that lies in none; all others stay as they are. None: every grid."""

    target: Target
    rural: Target | None = None
    seed: int = 1
    effort: int = EFFORT
    mode: Mode = Mode.FRESH
    price: float = 0.0
    grids: tuple[int, ...] | None = None

    def document(self) -> dict[str, Any]:
        """As JSON; `settings_of` reads it back."""
        said: dict[str, Any] = {
            "target": _pair(self.target), "rural": _pair(self.rural), "seed": self.seed, "effort": self.effort,
            "mode": str(self.mode), "price": self.price,
        }  # fmt: skip
        return said if self.grids is None else said | {"grids": list(self.grids)}


def settings_of(document: Mapping[str, Any]) -> Settings:
    """What `Settings.document` wrote down."""
    return Settings(
        target=Target(*document["target"]),
        rural=None if document["rural"] is None else Target(*document["rural"]),
        seed=document["seed"],
        effort=document["effort"],
        mode=Mode(document["mode"]),
        price=document["price"],
        grids=None if document.get("grids") is None else tuple(document["grids"]),
    )


def _pair(target: Target | None) -> list[float] | None:
    return None if target is None else [target.households, target.band]


@dataclass(frozen=True)
class Proposed:
    """`sheet`: what is proposed. `figures`: grids, how many within the band, households moved …, and in a repair the
    fewest that any must move (`fewest`, proven); `obstacles`: what could not be, and why."""

    sheet: Sheet
    figures: Mapping[str, float]
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class _Zone:
    """Ground that is divided by one target: `atoms` ascending."""

    atoms: NDArray[np.int64]
    kind: Kind
    target: Target


def draw(
    ground: Ground,
    sheet: Sheet,
    settings: Settings,
    *,
    progress: Callable[[float], None] = lambda _share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Proposed:
    """Proposes a sheet for one community. `progress` hears the share that is done, `cancelled` is asked on the way.

    Raises `Cancelled`. Nothing is refused for being impossible: the best plan there is comes with its obstacles.
    """
    drawn = np.array(sheet.assignment, dtype=np.int64)
    fixed = _fixed(sheet, settings.grids)
    label = np.full(len(ground), NOBODY, dtype=np.int64)
    kinds: list[_Zone] = []
    zones = _zones(ground, sheet, fixed, settings)
    obstacles: list[Obstacle] = []
    pieces = [(zone, atoms) for zone in zones for atoms in _pieces(ground.graph, zone.atoms)]
    weight = sum(len(atoms) for _, atoms in pieces) or 1
    begun, least = 0, 0
    for zone in zones:
        groups = [ground.groups[atom] for atom in zone.atoms.tolist()]
        said = infeasible.before(ground.graph.part(zone.atoms), groups, zone.target)
        obstacles += [_placed(one, zone.atoms) for one in said]
    for zone, atoms in pieces:
        if cancelled():
            raise Cancelled
        size, here = len(atoms) / weight, begun / weight

        def advance(share: float, size: float = size, here: float = here) -> None:
            progress(here + size * share)

        found, fewest = _divide(ground, drawn, sheet.grids, atoms, zone.target, settings, advance, cancelled)
        least += fewest
        for part in np.unique(found).tolist():
            label[atoms[found == part]] = len(kinds)
            kinds.append(zone)
        begun += len(atoms)
    if cancelled():
        raise Cancelled
    made = _finished(ground, sheet, fixed, label, kinds, settings, obstacles)
    if settings.mode is not Mode.REPAIR:
        return made
    return replace(made, figures={**made.figures, "fewest": least})


# --- what is drawn anew -----------------------------------------------------------------------------------------------


def _fixed(sheet: Sheet, chosen: tuple[int, ...] | None) -> NDArray[np.bool_]:
    """Atoms of grids that stay as they are: locked ones, special ones (campus, mall, estate), those not `chosen`."""
    kept = [number for number, grid in sheet.grids.items()
            if grid.locked or grid.kind is Kind.SPECIAL or (chosen is not None and number not in chosen)]  # fmt: skip
    return np.isin(sheet.assignment, np.array(kept, dtype=np.int32))


def _zones(ground: Ground, sheet: Sheet, fixed: NDArray[np.bool_], settings: Settings) -> list[_Zone]:
    """Urban and rural ground apart. Rural is what lies in rural grids, and villager groups that lie in none."""
    rural_grids = [number for number, grid in sheet.grids.items() if grid.kind is Kind.RURAL]
    rural = np.isin(sheet.assignment, np.array(rural_grids, dtype=np.int32))
    rural |= (np.asarray(sheet.assignment) == NOBODY) & np.array([bool(one) for one in ground.groups], dtype=bool)
    own = [sheet.grids[number].target for number in rural_grids if sheet.grids[number].target is not None]
    target = settings.rural or (own[0] if own and len(set(own)) == 1 else None) or settings.target
    zones = (_Zone(np.flatnonzero(~fixed & ~rural), Kind.URBAN, settings.target),
             _Zone(np.flatnonzero(~fixed & rural), Kind.RURAL, target))  # fmt: skip
    return [zone for zone in zones if len(zone.atoms)]


def _pieces(graph: AtomGraph, atoms: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The connected pieces of some atoms, by their lowest atom: no grid reaches from one to another."""
    count, label = graph.part(atoms).pieces()
    pieces = [atoms[label == one] for one in range(count)]
    return sorted(pieces, key=lambda one: int(one[0]))


def _placed(one: Obstacle, atoms: NDArray[np.int64]) -> Obstacle:
    """An obstacle of a part of the ground, its atoms by their numbers on the whole."""
    return replace(one, atoms=tuple(int(atoms[atom]) for atom in one.atoms))


# --- dividing ---------------------------------------------------------------------------------------------------------


def _divide(
    ground: Ground,
    drawn: NDArray[np.int64],
    grids: Mapping[int, GridDraft],
    atoms: NDArray[np.int64],
    target: Target,
    settings: Settings,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> tuple[Ints, int]:
    """int32[len(atoms)]: the part of each atom of one connected piece; how many households any repair must move."""
    graph = ground.graph.part(atoms)
    if len(atoms) == 1 or int(graph.households.sum()) <= 0:
        return np.zeros(len(atoms), dtype=np.int32), 0
    groups = _numbered([ground.groups[atom] for atom in atoms.tolist()])
    here = drawn[atoms] if settings.mode is not Mode.FRESH and (drawn[atoms] != NOBODY).any() else None
    if here is not None and settings.mode is Mode.REPAIR:
        own = {n: grid.target for n, grid in grids.items() if grid.target is not None and grid.target != target}
        bands = {n: (one.least, one.most) for n, one in own.items() if (here == n).any()}
        repaired = repair(
            graph, here, least=target.least, most=target.most, target=target.households, seed=settings.seed,
            effort=min(settings.effort / EFFORT, MOST_REPAIR), groups=groups, bands=bands, progress=progress,
            price_per_household=settings.price or PRICE_M, cancelled=cancelled,
        )  # fmt: skip
        return np.asarray(repaired.assignment, dtype=np.int32), repaired.bound.households
    found = propose(
        graph, least=target.least, most=target.most, target=target.households, seed=settings.seed,
        effort=settings.effort, start=here, original=here, groups=groups, price_per_household=settings.price,
        progress=progress, cancelled=cancelled,
    )  # fmt: skip
    return np.asarray(found.assignment, dtype=np.int32), 0


def _numbered(names: list[str]) -> Ints | None:
    """Groups as numbers, -1 for none; None where there are none at all."""
    if not any(names):
        return None
    place = {name: number for number, name in enumerate(sorted({one for one in names if one}))}
    return np.array([place.get(name, -1) for name in names], dtype=np.int32)


# --- numbers, names, figures ------------------------------------------------------------------------------------------


def _finished(
    ground: Ground,
    sheet: Sheet,
    fixed: NDArray[np.bool_],
    label: NDArray[np.int64],
    zones: list[_Zone],
    settings: Settings,
    obstacles: list[Obstacle],
) -> Proposed:
    old = np.where(fixed, NOBODY, sheet.assignment)
    codes = {number: grid.code or "" for number, grid in sheet.grids.items()}
    goes_on = lineage(old, label, households=ground.graph.households, area_m2=ground.graph.area_m2, codes=codes).goes_on
    top = max([0, *sheet.grids, int(np.max(sheet.assignment, initial=0))])
    number_of: dict[int, int] = {}
    for part in range(len(zones)):
        if part not in goes_on:
            top += 1
        number_of[part] = goes_on.get(part, top)
    after = np.array(sheet.assignment, dtype=np.int32)
    for part, number in number_of.items():
        after[label == part] = number
    kept = {number for number in sheet.grids if (after == number).any()}
    grids: dict[int, GridDraft] = {number: sheet.grids[number] for number in kept}
    for part, number in number_of.items():
        grids[number] = _as_drawn(grids.get(number), number, zones[part], settings)
    made = Sheet(after, grids, dict(sheet.corners))
    figures, left = _figures(ground, sheet, made, settings)
    return Proposed(made, figures, (*obstacles, *left))


def _as_drawn(before: GridDraft | None, number: int, zone: _Zone, settings: Settings) -> GridDraft:
    """A grid that goes on keeps its names, its kind and its code; a new one is of the kind of its ground."""
    target = None if zone.target == settings.target else zone.target
    if before is None:
        return GridDraft(number, kind=zone.kind, target=target)
    return replace(before, kind=zone.kind, target=target if zone.kind is Kind.RURAL else before.target)


def _figures(ground: Ground, before: Sheet, made: Sheet, settings: Settings) -> tuple[dict[str, float], list[Obstacle]]:
    """Grids, how many within their band, the price of the boundaries and the share along streets, households moved."""
    graph, after = ground.graph, np.asarray(made.assignment)
    numbers = sorted(made.grids)
    place = np.searchsorted(numbers, after)
    totals = np.bincount(place, graph.households, len(numbers)).astype(np.int64)
    label = graph.pieces(after)[1]
    parts = np.zeros(len(numbers), dtype=np.int64)
    np.add.at(parts, place[np.unique(label, return_index=True)[1]], 1)
    cut = after[graph.source] != after[graph.indices]
    metres = float(graph.shared_m[cut].sum())
    moved = (np.asarray(before.assignment) != after) & (np.asarray(before.assignment) != NOBODY)
    left: list[Obstacle] = []
    within = 0
    for at, number in enumerate(numbers):
        grid = made.grids[number]
        target = grid.target or settings.target
        if grid.locked or grid.kind is Kind.SPECIAL:
            within += 1
            continue
        if settings.grids is not None and number in before.grids and number not in settings.grids:
            within += (grid.target or settings.target).holds(int(totals[at]))
            continue
        found = infeasible.after(totals[at : at + 1], parts[at : at + 1], [number], target)
        within += not any(one.code == "outside-band" for one in found)
        left += found
    figures = {
        "grids": len(numbers),
        "within": within,
        "contiguous": int((parts == 1).sum()),
        "households": int(totals.sum()),
        "moved": int(graph.households[moved].sum()),
        "cut_m": round(float(graph.price[cut].sum()) / 2, 3),
        "on_street": round(float(graph.shared_m[cut & graph.on_street].sum()) / metres, 6) if metres else 1.0,
    }
    return figures, left
