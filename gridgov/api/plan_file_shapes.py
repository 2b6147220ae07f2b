"""What `/plans/…/file`, `/plans/checks` and `/plans/…/compare/…` take and answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field

from gridgov.api.plan_board_shapes import DoneBody
from gridgov.api.shapes import Body, Names
from gridgov.interop.files.faults import Fault
from gridgov.interop.plans.taking import Preview
from gridgov.planning.compare import Fate, GridPair, Moved
from gridgov.planning.comparing import Compared
from gridgov.planning.foreign import Checked, Finding
from gridgov.planning.rules import GridDraft
from gridgov.planning.settling import CutAtom

MOST = 1_000


class ForeignFindingBody(Body):
    """What is wrong with a foreign plan, and where to look."""

    kind: str = Field(examples=["overlap"])
    severity: str = Field(examples=["warning"])
    rows: list[int] = Field(description="Rows of the file that it is about.", examples=[[2, 3]])
    place: list[float] | None = Field(description="Where to look: lon, lat.", examples=[[117.0125, 32.0025]])
    area_m2: float | None = Field(examples=[41.5])
    text: Names = Field(examples=[{"zh": "网格 A 与 B 重叠 42 平方米", "en": "Grids A and B overlap by 42 m²"}])

    @classmethod
    def of(cls, one: Finding) -> Self:
        return cls(
            kind=str(one.kind),
            severity=str(one.severity),
            rows=list(one.rows),
            place=None if one.place is None else list(one.place),
            area_m2=None if one.area_m2 is None else round(one.area_m2, 2),
            text={"zh": one.zh, "en": one.en},
        )


class FileFaultBody(Body):
    """A row that cannot be used, and why."""

    row: int = Field(description="Line of a table, number of a feature.", examples=[7])
    column: str = Field(description="As the file calls it.", examples=["target"])
    value: str
    code: str = Field(examples=["not-a-number"])
    text: Names

    @classmethod
    def of(cls, row: int, fault: Fault) -> Self:
        return cls(row=row, column=fault.column, value=fault.value, code=fault.code, text=fault.reason)


class CheckBody(Body):
    """A foreign plan held against the communities in force."""

    grids: int
    usable: int = Field(description="Grids with a shape that can be used.")
    counts: dict[str, int] = Field(description="Findings by kind.", examples=[{"overlap": 1}])
    findings: list[ForeignFindingBody] = Field(description="Worst and largest first, at most 1,000.")
    faults: list[FileFaultBody] = Field(description="The first 1,000.")

    @classmethod
    def of(cls, checked: Checked, faults: Sequence[tuple[int, Fault]]) -> Self:
        return cls(
            grids=len(checked.shapes_m),
            usable=sum(shape is not None for shape in checked.shapes_m),
            counts=checked.counts(),
            findings=[ForeignFindingBody.of(one) for one in checked.findings[:MOST]],
            faults=[FileFaultBody.of(*one) for one in faults[:MOST]],
        )


class CutSideBody(Body):
    """What a grid has of a cut atom; -1 stands for none."""

    grid: int
    area_m2: float
    households: int


class CutBody(Body):
    """An atom that a line of the file runs through; it goes whole to the first of its sides."""

    atom: int
    key: str
    place: list[float] = Field(description="lon, lat")
    households: int
    sides: list[CutSideBody]

    @classmethod
    def of(cls, one: CutAtom) -> Self:
        sides = [CutSideBody(grid=s.number, area_m2=round(s.area_m2, 1), households=s.households) for s in one.sides]
        return cls(atom=one.atom, key=one.key, place=list(one.place), households=one.households, sides=sides)


class CountedBody(Body):
    """Households as the file counts them, beside those of the count that the part is drawn with."""

    atoms: int
    in_file: int
    in_count: int


class SideBody(Body):
    """A grid on one side of a comparison."""

    number: int
    code: str | None
    names: Names
    area_id: int | None
    households: int
    metrics: dict[str, float]

    @classmethod
    def of(cls, draft: GridDraft | None, households: int, metrics: Any) -> Self | None:
        if draft is None:
            return None
        return cls(
            number=draft.number, code=draft.code, names=dict(draft.names), area_id=draft.area_id,
            households=households, metrics=dict(metrics),
        )  # fmt: skip


class GridPairBody(Body):
    """What becomes of a grid. `came`, `went`: households from and to other grids."""

    fate: Fate
    before: SideBody | None
    after: SideBody | None
    partners: list[int] = Field(description="Split: the new ones; merged and new: the old ones; ended: where it went.")
    came: int
    went: int

    @classmethod
    def of(cls, one: GridPair) -> Self:
        return cls(
            fate=one.fate,
            before=SideBody.of(one.before, one.households_before, one.metrics_before),
            after=SideBody.of(one.after, one.households_after, one.metrics_after),
            partners=list(one.partners),
            came=one.came,
            went=one.went,
        )


class MovedBody(Body):
    """Ground that changes its grid; households and open cases are counted, nobody is named. -1 stands for no grid."""

    atom: int
    key: str
    kind: str
    building_id: int | None
    place: list[float] = Field(description="lon, lat")
    before: int
    after: int
    households: int
    cases: int | None

    @classmethod
    def of(cls, one: Moved) -> Self:
        return cls(
            atom=one.atom, key=one.key, kind=one.kind, building_id=one.building_id, place=list(one.place),
            before=one.before, after=one.after, households=one.households, cases=one.cases,
        )  # fmt: skip


class FilePreviewBody(Body):
    """What a file would make of a part; nothing is kept."""

    community: str
    revision: int | None
    unchanged: bool
    grids_before: int
    grids_after: int
    fates: dict[str, int] = Field(description="Grids by what becomes of them.", examples=[{"same": 3, "new": 1}])
    renamed: list[int] = Field(description="Grids that go on under another name, code, kind, target or lock.")
    locked: list[int] = Field(description="Locked grids whose ground it would change: it is not taken then.")
    households_moved: int
    atoms_moved: int
    atoms_unassigned: int
    households_unassigned: int
    cut_count: int
    cut: list[CutBody] = Field(description="Most households on a lost side first, at most 1,000.")
    counted: CountedBody | None
    finding_counts: dict[str, int]
    findings: list[ForeignFindingBody] = Field(description="At most 1,000.")
    fault_count: int
    faults: list[FileFaultBody] = Field(description="The first 1,000.")
    grids: list[GridPairBody] = Field(description="What becomes of each grid.")
    moved: list[MovedBody] = Field(description="Ground that changes its grid, most households first, at most 1,000.")

    @classmethod
    def of(cls, one: Preview) -> Self:
        found, comparison = one.found, one.comparison
        counts: dict[str, int] = {}
        for finding in one.findings:
            counts[str(finding.kind)] = counts.get(str(finding.kind), 0) + 1
        told = found.counted
        return cls(
            community=one.drawn.community,
            revision=one.drawn.revision,
            unchanged=one.unchanged,
            grids_before=len(one.drawn.sheet.grids),
            grids_after=len(found.sheet.grids),
            fates={str(fate): count for fate, count in comparison.fates().items()},
            renamed=list(one.redrawn),
            locked=list(one.locked),
            households_moved=comparison.households_moved,
            atoms_moved=len(comparison.moved),
            atoms_unassigned=len(found.unassigned),
            households_unassigned=one.households_unassigned(),
            cut_count=len(found.cut),
            cut=[CutBody.of(cut) for cut in found.cut[:MOST]],
            counted=None if told is None else CountedBody(atoms=told[0], in_file=told[1], in_count=told[2]),
            finding_counts=counts,
            findings=[ForeignFindingBody.of(finding) for finding in one.findings[:MOST]],
            fault_count=len(one.faults),
            faults=[FileFaultBody.of(*fault) for fault in one.faults[:MOST]],
            grids=[GridPairBody.of(pair) for pair in comparison.grids],
            moved=[MovedBody.of(moved) for moved in comparison.moved[:MOST]],
        )


class TakenBody(Body):
    """What was drawn from a file as one operation, and what it changed."""

    done: DoneBody
    preview: FilePreviewBody


class ComparedBody(Body):
    """One community before and after."""

    community: str
    community_id: int
    basis_id: int = Field(description="The ground that the second lies on; `moved` has its atoms.")
    names: Names
    same_ground: bool = Field(description="Both lie on the same basis; else ground is matched by atoms and by area.")
    before_in_force: bool = Field(description="The first does not draw it: what is in force stands for it.")
    after_in_force: bool
    households: int
    households_moved: int
    cases_moved: int | None
    unassigned_before: int = Field(description="Households without a grid.")
    unassigned_after: int
    totals_before: dict[str, float]
    totals_after: dict[str, float]
    grids: list[GridPairBody]
    moved_count: int
    moved: list[MovedBody] = Field(description="Most households first, at most 1,000; the GeoPackage has all.")

    @classmethod
    def of(cls, one: Compared) -> Self:
        found = one.comparison
        return cls(
            community=one.after.community,
            community_id=one.after.ground.community_id,
            basis_id=one.after.ground.basis_id,
            names=dict(one.after.names),
            same_ground=found.same_ground,
            before_in_force=one.before_in_force,
            after_in_force=one.after_in_force,
            households=found.households,
            households_moved=found.households_moved,
            cases_moved=found.cases_moved,
            unassigned_before=found.households_unassigned[0],
            unassigned_after=found.households_unassigned[1],
            totals_before=dict(found.totals_before),
            totals_after=dict(found.totals_after),
            grids=[GridPairBody.of(pair) for pair in found.grids],
            moved_count=len(found.moved),
            moved=[MovedBody.of(moved) for moved in found.moved[:MOST]],
        )


class ComparisonBody(Body):
    """Two plans side by side, community by community."""

    households: int
    households_moved: int
    cases_moved: int | None
    fates: dict[str, int]
    communities: list[ComparedBody]

    @classmethod
    def of(cls, found: Sequence[Compared]) -> Self:
        cases = [one.comparison.cases_moved for one in found]
        return cls(
            households=sum(one.comparison.households for one in found),
            households_moved=sum(one.comparison.households_moved for one in found),
            cases_moved=None if None in cases else sum(value or 0 for value in cases),
            fates={str(fate): sum(one.comparison.fates()[fate] for one in found) for fate in Fate},
            communities=[ComparedBody.of(one) for one in found],
        )
