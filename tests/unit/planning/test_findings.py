"""What a board says while one draws, and what keeps a sheet from being published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridgov.areas.rules import Kind
from gridgov.planning.board import Board, publishable
from gridgov.planning.findings import SEVERITY, Finding, FindingKind, Severity, table
from gridgov.planning.operations import Assign, ChangeKind
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target
from tests.unit.planning.grounds import ground

COLUMNS, ROWS = 8, 4


def _board(groups: dict[int, str] | None = None, households: int = 10) -> Board:
    """Two grids of 16 atoms, all in the band, with nothing to say."""
    on = ground(COLUMNS, ROWS, joined=0.0, households=np.full(COLUMNS * ROWS, households), groups=groups)
    column = np.tile(np.arange(COLUMNS), ROWS)
    sheet = Sheet(np.where(column < COLUMNS // 2, 1, 2).astype(np.int32), {1: GridDraft(1), 2: GridDraft(2)})
    return Board(on, sheet, Target(160, 0.4))


def _only(findings: tuple[Finding, ...], kind: FindingKind) -> Finding:
    found = [one for one in findings if one.kind is kind]
    assert len(found) == 1, findings
    return found[0]


def _whose(board: Board, finding: Finding) -> int:
    """The atom at the place to click."""
    assert finding.at is not None
    atom = board.ground.tree.query(shapely.Point(finding.at), predicate="within")
    return int(atom[0])


def test_a_sound_sheet_has_nothing_to_say() -> None:
    board = _board()
    assert board.findings() == ()
    assert publishable(board) == ()


def test_a_piece_apart_is_said_and_blocks() -> None:
    board = _board()
    applied = board.apply(Assign((7, 15), 1))
    found = _only(applied.findings, FindingKind.NOT_CONTIGUOUS)
    assert (found.grids, found.atoms) == ((1,), (7, 15))
    assert _whose(board, found) in (7, 15)
    assert publishable(board) == (found,)


def test_a_bridge_joins() -> None:
    board = _board()
    board.apply(Assign((7,), 1))
    graph = board.ground.graph
    assert _only(board.findings(), FindingKind.NOT_CONTIGUOUS)
    pairs = [(a, b) for a, b in zip(graph.source.tolist(), graph.indices.tolist(), strict=True) if a < b]
    one = [pair[0] for pair in pairs] + [3]
    other = [pair[1] for pair in pairs] + [7]
    m = len(pairs)
    keep = graph.source < graph.indices
    joined = type(graph).of_edges(
        np.array(one), np.array(other), np.append(graph.shared_m[keep], 0.0), np.append(graph.on_street[keep], False),
        np.arange(m + 1) == m, households=graph.households, block=graph.block, area_m2=graph.area_m2,
        perimeter_m=graph.perimeter_m,
    )  # fmt: skip
    bridged = Board(replace(board.ground, graph=joined), board.sheet, board.target)
    assert publishable(bridged) == ()


def test_ground_inside_another_grid_is_a_hole_and_only_warns() -> None:
    board = _board()
    applied = board.apply(Assign((9,)))  # surrounded by the first grid
    found = _only(applied.findings, FindingKind.HOLE)
    assert found.grids == (1, 3)
    assert _whose(board, found) == 9
    assert found.severity is Severity.WARNING
    assert not [one for one in publishable(board) if one.kind is FindingKind.HOLE]


def test_a_hole_of_the_community_is_none_of_its_grids() -> None:
    board = _board()
    keep = np.setdiff1d(np.arange(COLUMNS * ROWS), [9])
    on = board.ground
    outline = shapely.coverage_union_all(list(on.shapes[keep]))
    assert isinstance(outline, shapely.Polygon)
    without = replace(
        on, graph=on.graph.part(keep), shapes=on.shapes[keep], labels=on.labels[keep],
        keys=tuple(on.keys[atom] for atom in keep), kinds=tuple(on.kinds[atom] for atom in keep),
        groups=tuple(on.groups[atom] for atom in keep), building_ids=tuple(on.building_ids[atom] for atom in keep),
        outline=outline,
    )  # fmt: skip
    pond = Board(without, Sheet(board.sheet.assignment[keep], board.sheet.grids), board.target)
    assert len(pond.shape(1).interiors) == 1  # type: ignore[union-attr]
    assert pond.metrics(1)["holes"] == 0
    assert pond.findings() == ()


def test_off_target_says_how_far_and_only_warns() -> None:
    board = _board()
    applied = board.apply(Assign(tuple(board.members(1)[:8].tolist()), 2))
    off = {one.grids: one.facts["off"] for one in applied.findings if one.kind is FindingKind.OFF_TARGET}
    assert off == {(1,): 80 - 96, (2,): 240 - 224}
    assert publishable(board) == ()


def test_ground_of_no_grid_is_found_piece_by_piece_and_blocks() -> None:
    board = _board()
    applied = board.apply(Assign((0, 1, 7), NOBODY))
    pieces = [one for one in applied.findings if one.kind is FindingKind.UNASSIGNED]
    assert sorted(one.atoms for one in pieces) == [(0, 1), (7,)]
    assert {one.facts["households"] for one in pieces} == {10, 20}
    assert set(publishable(board)) == set(pieces)


def test_a_grid_without_ground_blocks() -> None:
    board = _board()
    sheet = Sheet(board.sheet.assignment, {**board.sheet.grids, 9: GridDraft(9)})
    empty = Board(board.ground, sheet, board.target)
    assert [one.kind for one in publishable(empty)] == [FindingKind.EMPTY]
    assert empty.shape(9).is_empty
    assert empty.metrics(9)["households"] == 0


def test_an_atom_above_a_whole_grid_is_explained() -> None:
    board = _board(households=300)
    notes = [one for one in board.findings() if one.kind is FindingKind.LARGE_ATOM]
    assert len(notes) == COLUMNS * ROWS
    assert {one.severity for one in notes} == {Severity.NOTE}
    assert publishable(board) == ()


def test_a_group_that_is_parted_blocks_and_names_where() -> None:
    board = _board(groups={0: "三组", 1: "三组", 8: "三组"})
    assert board.findings() == ()
    applied = board.apply(Assign((8,), 2))
    found = _only(applied.findings, FindingKind.GROUP_DIVIDED)
    assert (found.grids, found.atoms) == ((1, 2), (8,))
    assert "三组" in found.zh
    assert "三组" in found.en
    assert found in publishable(board)


def test_ground_given_to_or_taken_from_a_special_grid_is_said() -> None:
    board = _board()
    board.apply(ChangeKind(2, Kind.SPECIAL))
    assert _only(board.apply(Assign((3,), 2)).findings, FindingKind.SPECIAL_TOUCHED).grids == (2,)
    assert _only(board.apply(Assign((3,), 1)).findings, FindingKind.SPECIAL_TOUCHED).grids == (2,)
    board.apply(ChangeKind(2, Kind.URBAN))
    again = board.apply(Assign((3,), 2))
    assert not [one for one in again.findings if one.kind is FindingKind.SPECIAL_TOUCHED]


def test_only_what_was_touched_is_said_after_an_operation() -> None:
    board = _board()
    board.apply(Assign((7,), 1))
    applied = board.apply(Assign((31,), 3))
    assert all(set(one.grids) & applied.touched for one in applied.findings)
    assert [one.kind for one in board.findings() if one.grids == (1,)] == [FindingKind.NOT_CONTIGUOUS]


@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_kind_has_its_gravity(kind: FindingKind) -> None:
    assert SEVERITY[kind] in Severity


def test_the_kinds_are_printed_as_they_are() -> None:
    assert table() in (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_a_finding_can_be_written_down() -> None:
    board = _board()
    document = board.apply(Assign((7,), 1)).findings[0].document()
    assert set(document) == {"kind", "severity", "grids", "atoms", "at", "zh", "en", "facts"}
    assert "网格 1" in document["zh"]
