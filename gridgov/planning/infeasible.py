"""What keeps a community from having every grid within its band, said before and after it is tried. Pure.

Owns the arithmetic of totals, what is wrong with the ground, and the sentences with figures and remedy. Does not own
solving: a community that cannot be within the band is still given the best plan there is, with these beside it.

k grids of `least` to `most` households hold every total from k·least to k·most. With 270 to 330 the totals that no k
holds are 1-269, 331-539, 661-809, 991-1079 and 1321-1349; from 1350 on there is always one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition import arithmetic
from gridgov.geo.partition.arithmetic import Band
from gridgov.geo.partition.graph import AtomGraph
from gridgov.planning.rules import Target

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that cannot be, or was not, within the band. `atoms`: where it is; `figures`: the numbers of it."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    figures: Mapping[str, int]
    atoms: tuple[int, ...] = ()

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "code": self.code, "zh": self.zh, "en": self.en, "remedy_zh": self.remedy_zh,
            "remedy_en": self.remedy_en, "figures": dict(self.figures), "atoms": list(self.atoms[:SHOWN]),
        }  # fmt: skip


def counts_of_grids(households: int, target: Target) -> range:
    """Every number of grids by which a total of households can be within the band, were they to be had one by one."""
    return arithmetic.possible(households, _band(target))


def gaps(target: Target) -> list[tuple[int, int]]:
    """Totals of households, from - to, that no number of grids can hold within the band; without a band, the first."""
    too_few = [(1, target.least - 1)] if target.least > 1 else []
    return too_few + arithmetic.gaps(_band(target))


def _band(target: Target) -> Band:
    return Band(max(1, target.least), target.most, target.households)


def before(graph: AtomGraph, groups: Sequence[str], target: Target) -> list[Obstacle]:
    """What the ground of a community says before anything is tried, gravest first.

    `groups[i]`: what atom i must stay together with, "" for nothing.
    """
    total = int(graph.households.sum())
    if total == 0:
        return [_nobody(len(graph))]
    found = _pieces(graph, target)
    found += _large_atoms(graph, groups, target)
    found += _groups(graph, groups, target)
    if not bool(graph.on_street.any()):
        found.append(_no_streets(graph))
    return found


def after(
    households: NDArray[np.integer], pieces: NDArray[np.integer], numbers: Sequence[int], target: Target
) -> list[Obstacle]:
    """What a plan has ended with: grids outside the band, and grids in several parts, each with its figures.

    `households` int[k] of each grid, `pieces` int[k] in how many parts it lies, `numbers` its number.
    """
    found = []
    for number, total, parts in zip(numbers, households.tolist(), pieces.tolist(), strict=True):
        if not target.holds(total):
            found.append(_outside(number, total, target))
        if parts > 1:
            found.append(_apart(number, parts))
    return found


def _pieces(graph: AtomGraph, target: Target) -> list[Obstacle]:
    """Each connected piece stands for itself: no grid reaches from one to another."""
    count, label = graph.pieces()
    totals = np.bincount(label, weights=graph.households, minlength=count).astype(np.int64)
    found = []
    if count > 1:
        shown = "、".join(str(one) for one in sorted(totals.tolist(), reverse=True)[:SHOWN])
        found.append(
            Obstacle(
                "in-parts",
                f"社区分为互不相连的 {count} 块，户数分别为 {shown}",
                f"The community lies in {count} parts that do not touch, of {shown.replace('、', ', ')} households",
                "各块分别划分；如有桥梁或通道相连，请在底图中补上连接",
                "each is divided by itself; where a bridge or an underpass joins them, add it to the basis",
                {"pieces": count, "households": int(totals.sum())},
            )
        )
    found += [
        _arithmetic(int(totals[piece]), target, np.flatnonzero(label == piece), alone=count == 1)
        for piece in np.flatnonzero(totals > 0).tolist()
        if not counts_of_grids(int(totals[piece]), target)
    ]
    for piece in np.flatnonzero(totals == 0).tolist():
        atoms = np.flatnonzero(label == piece)
        found.append(
            Obstacle(
                "empty-part",
                f"有一块互不相连的空地（{len(atoms)} 个地块）没有住户",
                f"A part of {len(atoms)} atoms that touches nothing else has no households",
                "作为单独网格保留，或在底图中补上与邻近地块的连接",
                "it stays a grid of its own, or add what joins it to its neighbours to the basis",
                {"atoms": len(atoms)},
                tuple(atoms.tolist()),
            )
        )
    return found


def _arithmetic(total: int, target: Target, atoms: NDArray[np.integer], *, alone: bool) -> Obstacle:
    """No whole number of grids holds the total: the two nearest, and by how much each misses."""
    few = max(total // target.least, 1)  # so few that each has too many, or the only one too few
    many = few + 1
    whose, whose_en = ("社区", "The community") if alone else ("其中一块", "One part")
    if total < target.least:
        zh = f"{whose}共 {total} 户，不足一个网格的下限 {target.least} 户"
        en = f"{whose_en} has {total} households, fewer than the {target.least} that one grid needs"
        remedy = "作为一个网格并说明理由，或与相邻社区合并，或为其设定单独目标"
        remedy_en = "let it be one grid with the reason, merge it with a neighbour, or give it a target of its own"
    else:
        zh = f"{whose}共 {total} 户：划为 {few} 个网格则平均 {total / few:.0f} 户，超过上限 {target.most} 户；"
        zh += f"划为 {many} 个则平均 {total / many:.0f} 户，低于下限 {target.least} 户"
        en = f"{whose_en} has {total} households: {few} grids of {total / few:.0f} would be above {target.most}, "
        en += f"{many} of {total / many:.0f} below {target.least}"
        low = min(abs(1 - total / (many * target.households)), abs(total / (few * target.households) - 1))
        remedy = f"接受例外并说明理由，或将允许偏差放宽到 ±{_percent(low)}%，或调整目标户数"
        remedy_en = f"accept the exception with the reason, widen the band to ±{_percent(low)} %, or change the target"
    figures = {"households": total, "least": target.least, "most": target.most, "fewer": few, "more": many}
    return Obstacle("arithmetic", zh, en, remedy, remedy_en, figures, tuple(atoms.tolist()))


def _percent(share: float) -> int:
    """The next whole percentage that is wide enough."""
    return int(np.ceil(share * 100 - 1e-9))


def _nobody(atoms: int) -> Obstacle:
    return Obstacle(
        "no-households",
        f"社区的 {atoms} 个地块都没有住户，无法按户数划分",
        f"None of the community's {atoms} atoms has a household; there is nothing to divide by",
        "先导入户数，或将整个社区作为一个网格（专属网格）",
        "bring in the households first, or let the whole community be one grid of a special kind",
        {"atoms": atoms, "households": 0},
    )


def _no_streets(graph: AtomGraph) -> Obstacle:
    return Obstacle(
        "no-streets",
        f"社区的 {len(graph)} 个地块之间没有街道，边界无法沿街",
        f"No street runs between the community's {len(graph)} atoms; no boundary can follow one",
        "在底图中补充街道，或确认边界沿楼栋之间划定",
        "add the streets to the basis, or confirm that boundaries run between buildings",
        {"atoms": len(graph)},
    )


def _large_atoms(graph: AtomGraph, groups: Sequence[str], target: Target) -> list[Obstacle]:
    large = np.flatnonzero(graph.households > target.most)
    large = large[np.argsort(-graph.households[large], kind="stable")]
    found = []
    for atom in large.tolist():
        if groups[atom]:
            continue  # said of its group
        has = int(graph.households[atom])
        found.append(
            Obstacle(
                "atom-above-band",
                f"第 {atom} 号地块有 {has} 户，单独已超过一个网格的上限 {target.most} 户",
                f"Atom {atom} has {has} households, by itself more than the {target.most} of a grid",
                "按单元（出入口）拆分该楼栋，或设为专属网格",
                "split the building by its entrances into units, or make it a grid of a special kind",
                {"atom": atom, "households": has, "most": target.most},
                (atom,),
            )
        )
    return found


def _groups(graph: AtomGraph, groups: Sequence[str], target: Target) -> list[Obstacle]:
    """Groups that must stay whole and cannot be in one grid within the band."""
    names = np.asarray(groups, dtype=object)
    found = []
    for name in sorted({one for one in groups if one}):
        atoms = np.flatnonzero(names == name)
        has = int(graph.households[atoms].sum())
        if has > target.most:
            found.append(
                Obstacle(
                    "group-above-band",
                    f"“{name}”有 {has} 户，超过一个网格的上限 {target.most} 户，且不得拆分",
                    f"“{name}” has {has} households, more than the {target.most} of a grid, and must not be parted",
                    "为其设定农村网格目标，或允许拆分该组",
                    "give rural grids their own target, or allow the group to be parted",
                    {"households": has, "most": target.most},
                    tuple(atoms.tolist()),
                )
            )
        parts = graph.part(atoms).pieces()[0]
        if parts > 1:
            found.append(
                Obstacle(
                    "group-apart",
                    f"“{name}”的地块分为互不相连的 {parts} 块",
                    f"The atoms of “{name}” lie in {parts} parts that do not touch",
                    "与其间的地块划入同一网格；请核对底图中的分组",
                    "it shares a grid with the ground between; check the groups of the basis",
                    {"pieces": parts, "households": has},
                    tuple(atoms.tolist()),
                )
            )
    return found


def _outside(number: int, total: int, target: Target) -> Obstacle:
    zh, en, limit = ("超过上限", "above", target.most) if total > target.most else ("低于下限", "below", target.least)
    return Obstacle(
        "outside-band",
        f"网格 {number} 有 {total} 户，{zh} {limit} 户",
        f"Grid {number} has {total} households, {en} {limit}",
        "见社区的说明；可手工调整，或放宽该网格的目标",
        "see what is said of the community; adjust it by hand, or widen the target of this grid",
        {"number": number, "households": total, "least": target.least, "most": target.most},
    )


def _apart(number: int, parts: int) -> Obstacle:
    return Obstacle(
        "grid-apart",
        f"网格 {number} 分为互不相连的 {parts} 块",
        f"Grid {number} lies in {parts} parts that do not touch",
        "把各块划入相邻网格",
        "assign the parts to neighbouring grids",
        {"number": number, "pieces": parts},
    )
