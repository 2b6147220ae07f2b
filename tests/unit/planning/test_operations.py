"""Operations as documents: what is written down is read back the same, and what is no operation names its field."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from gridgov.areas.rules import Kind
from gridgov.planning.operations import (
    KINDS,
    Assign,
    BadOperation,
    ChangeKind,
    ChangeTarget,
    Lock,
    Merge,
    MoveCorner,
    MoveEdge,
    Operation,
    OperationUnknown,
    Rename,
    Restore,
    Slide,
    Split,
    operation_of,
)
from gridgov.planning.rules import NOBODY, GridDraft, Target

LINE = ((1.0, 2.5), (3.0, 4.0), (5.25, 4.0))
EXAMPLES: list[Operation] = [
    Assign((3, 1, 2), 7),
    Assign((3,), NOBODY),
    Assign((3,)),
    Split(4, LINE),
    Split(4, LINE, new=9),
    Merge((1, 2, 3)),
    Merge((1, 2), into=2),
    Slide((1, 2)),
    Slide((2, 1), households=30),
    Slide((1, 2), street=LINE),
    MoveCorner((100, -200), (150, -250)),
    MoveEdge(((1, 2), (3, 4), (5, 6)), (-10, 20)),
    Lock((1, 2)),
    Lock((1,), locked=False),
    Rename(3, {"zh": "东门", "en": "East Gate"}),
    Rename(3, {}),
    ChangeKind(3, Kind.SPECIAL),
    ChangeTarget(3, Target(180, 0.25)),
    ChangeTarget(3, None),
    Restore(
        {2: (4, 5), NOBODY: (1,)},
        {2: GridDraft(2, {"zh": "二"}, Kind.RURAL, Target(90, 0.3), locked=True, area_id=5, code="123"), 8: None},
        {(1, 2): (3, 4), (5, 6): None},
    ),
    Restore(),
]


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda one: one.kind)
def test_it_is_read_back_from_json_as_it_was(operation: Operation) -> None:
    written = json.loads(json.dumps(operation.document(), ensure_ascii=False))
    assert operation_of(operation.kind, written) == operation


def test_every_kind_has_an_example() -> None:
    assert {one.kind for one in EXAMPLES} == set(KINDS) == {one.kind for one in get_args(Operation)}


BAD: list[tuple[str, Any, str]] = [
    ("assign", {}, "atoms"),
    ("assign", {"atoms": []}, "atoms"),
    ("assign", {"atoms": "12"}, "atoms"),
    ("assign", {"atoms": [1, True]}, "atoms"),
    ("assign", {"atoms": [1.5]}, "atoms"),
    ("assign", {"atoms": [-1]}, "atoms"),
    ("assign", {"atoms": [1], "grid": -2}, "grid"),
    ("assign", {"atoms": [1], "grid": "3"}, "grid"),
    ("assign", {"atoms": [1], "grid": 2**31}, "grid"),
    ("split", {"grid": 1, "line": [[0, 0]]}, "line"),
    ("split", {"grid": 1, "line": [[0, 0], [0, 0]]}, "line"),
    ("split", {"grid": 1, "line": [[0, 0], [0, float("nan")]]}, "line"),
    ("split", {"grid": 1, "line": [[0, 0], [0, 1, 2]]}, "line"),
    ("split", {"line": [[0, 0], [1, 1]]}, "grid"),
    ("merge", {"grids": []}, "grids"),
    ("slide", {"grids": [1]}, "grids"),
    ("slide", {"grids": [1, 2, 3]}, "grids"),
    ("slide", {"grids": [1, 2], "households": -5}, "households"),
    ("slide", {"grids": [1, 2], "street": []}, "street"),
    ("slide", {"grids": [1, 2], "street": [[0, 0], [1, 1]], "households": 5}, "households"),
    ("move_corner", {"corner": [1, 2]}, "to"),
    ("move_corner", {"corner": [1.5, 2], "to": [1, 2]}, "corner"),
    ("move_edge", {"corners": [[1, 2], [3]], "by": [1, 1]}, "corners"),
    ("move_edge", {"corners": [[1, 2], [3, 4]]}, "by"),
    ("lock", {"grids": [1], "locked": "yes"}, "locked"),
    ("rename", {"grid": 1, "names": "x"}, "names"),
    ("rename", {"grid": 1, "names": {"zh": ""}}, "names"),
    ("rename", {"grid": 1, "names": {"zh": "长" * 201}}, "names"),
    ("rename", {"grid": 1, "names": {"zh": 5}}, "names"),
    ("kind", {"grid": 1, "to": "suburban"}, "to"),
    ("kind", {"grid": 1, "to": ["urban"]}, "to"),
    ("target", {"grid": 1, "to": [0, 0.1]}, "to"),
    ("target", {"grid": 1, "to": [300, 1.5]}, "to"),
    ("target", {"grid": 1, "to": [300.5, 0.1]}, "to"),
    ("target", {"grid": 1, "to": 300}, "to"),
    ("restore", {"atoms": []}, "payload"),
    ("restore", {"atoms": [[1]], "grids": [], "corners": []}, "payload"),
    ("assign", [1, 2], "payload"),
]


@pytest.mark.parametrize(("kind", "payload", "field"), BAD)
def test_what_is_no_operation_names_its_field_and_a_remedy(kind: str, payload: Any, field: str) -> None:
    with pytest.raises(BadOperation) as caught:
        operation_of(kind, payload)
    assert caught.value.field == field
    assert caught.value.remedy


def test_an_unknown_kind_names_those_that_there_are() -> None:
    with pytest.raises(OperationUnknown) as caught:
        operation_of("erase", {})
    assert "assign" in str(caught.value.remedy)
