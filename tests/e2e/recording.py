"""What a real server said to random operations in one community, for the model of the pages to be compared with.

Owns the walk and its form. Does not own the comparing (web/tests/drawing/recorded.test.ts).
"""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np

KINDS = ("assign", "assign", "assign", "fresh", "none", "merge", "split", "slide", "corner", "lock", "target", "rename")
UNDO, REDO = 0.15, 0.12


class Recorder:
    """Draws at random in a part of a plan by the API of the server under test."""

    def __init__(self, client: httpx.Client, plan: int, part: int, seed: int) -> None:
        self.client, self.path = client, f"/plans/{plan}/parts/{part}"
        self.rng = np.random.default_rng(seed)
        self.board = self._get(f"{self.path}/board")
        basis = self.board["part"]["basis_id"]
        self.atoms, self.edges = self._get(f"/plans/bases/{basis}/atoms"), self._get(f"/plans/bases/{basis}/edges")
        self.beside: dict[int, list[int]] = {}
        for a, b in zip(self.edges["a"], self.edges["b"], strict=True):
            self.beside.setdefault(a, []).append(b)
            self.beside.setdefault(b, []).append(a)
        self.assignment: list[int] = list(self.board["assignment"])
        self.revision: int = self.board["part"]["revision"]

    def walk(self, steps: int) -> dict[str, Any]:
        """So many steps that the server took, with what it said."""
        taken: list[dict[str, Any]] = []
        for _ in range(steps * 10):
            if len(taken) == steps:
                break
            asked = self._next()
            kind = asked["kind"]
            if kind in ("undo", "redo"):
                answer = self.client.post(f"{self.path}/{kind}", json={"revision": self.revision})
            else:
                body = {"revision": self.revision, "operations": [asked]}
                answer = self.client.post(f"{self.path}/operations", json=body)
            if answer.status_code == 200:
                taken.append({"asked": asked, "said": self._follow(answer.json())})
        return {"board": self.board, "atoms": self.atoms, "edges": self.edges, "steps": taken}

    def _get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _follow(self, said: dict[str, Any]) -> dict[str, Any]:
        self.revision = said["revision"]
        for place in said["changed"]["atoms"]:
            for atom in place["atoms"]:
                self.assignment[atom] = place["grid"]
        return said

    def _next(self) -> dict[str, Any]:
        chance = self.rng.random()
        if chance < UNDO:
            return {"kind": "undo"}
        if chance < UNDO + REDO:
            return {"kind": "redo"}
        return self._operation(str(self.rng.choice(KINDS)))

    def _operation(self, kind: str) -> dict[str, Any]:
        atom = int(self.rng.integers(len(self.assignment)))
        grid = self.assignment[atom]
        other = self.assignment[int(self.rng.choice(self.beside[atom]))]
        next_number = max(self.assignment) + 1
        if kind in ("split", "corner"):
            return self._geometric(kind, atom, next_number)
        said: dict[str, dict[str, Any]] = {
            "merge": {"grids": sorted({grid, other}), "into": grid},
            "slide": {"grids": [grid, other]},
            "lock": {"grids": [grid], "locked": bool(self.rng.random() < 0.4)},
            "target": {"grid": grid, "to": None if self.rng.random() < 0.5 else [250, 0.2]},
            "rename": {"grid": grid, "names": {"zh": f"网格{next_number}"}},
        }
        if kind in said:
            return {"kind": kind, "payload": said[kind]}
        into = {"assign": other, "fresh": next_number, "none": -1}[kind]
        return {"kind": "assign", "payload": {"atoms": self._around(atom), "grid": into}}

    def _geometric(self, kind: str, atom: int, next_number: int) -> dict[str, Any]:
        (lon, lat), tilt = self._place(atom), float(self.rng.uniform(-0.01, 0.01))
        if kind == "split":
            line = [[lon - 0.01, lat - tilt], [lon + 0.01, lat + tilt]]
            return {"kind": kind, "payload": {"grid": self.assignment[atom], "line": line, "new": next_number}}
        east, north = (float(one) for one in self.rng.uniform(-3e-5, 3e-5, 2))
        return {"kind": "move_corner", "payload": {"corner": [lon, lat], "to": [lon + east, lat + north]}}

    def _around(self, atom: int) -> list[int]:
        atoms = [atom]
        for _ in range(int(self.rng.integers(8))):
            atoms.append(int(self.rng.choice(self.beside[int(self.rng.choice(atoms))])))
        return sorted(set(atoms))

    def _place(self, atom: int) -> tuple[float, float]:
        """A corner of an atom."""
        shape = self.atoms["features"][atom]["geometry"]
        ring = shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"][0][0]
        lon, lat = ring[int(self.rng.integers(len(ring)))]
        return lon, lat
