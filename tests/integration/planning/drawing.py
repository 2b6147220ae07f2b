"""The sample city's communities as ground to draw on: squares of a lattice, stored as a basis with a count.

Each grid of 500 m has `across` x `across` atoms with households of their own; its borders to other grids are streets.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import shapely
from shapely import MultiPolygon, box
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas.service import city
from gridgov.bootstrap import House
from gridgov.geo.atoms.forms import Atoms, Edges
from gridgov.geo.atoms.outline import metres
from gridgov.geo.crs import Projection
from gridgov.planning import basis
from gridgov.planning.surveying import Made
from tests import sample

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
ACROSS = 5


def area_id(session: Session, code: str) -> int:
    """The area in force of a code."""
    return int(
        session.execute(
            text("select area_id from areas_version where code = :code and upper_inf(valid)"), {"code": code}
        ).scalar_one()
    )


def lattice(session: Session, code: str, *, across: int = ACROSS, salt: str = "") -> Made:
    """Atoms of a community of the sample city. `salt` gives them other keys: the ground was surveyed anew."""
    grids = [
        (r, c) for r, row in enumerate(sample.CODES) for c, grid in enumerate(row) if sample.COMMUNITY[grid] == code
    ]
    columns = sorted({c for _, c in grids})
    wide, high = len(columns) * across, 2 * across
    step = sample.STEP / across
    west = sample.LON0 + columns[0] * sample.STEP
    xs, ys = west + step * np.arange(wide + 1), sample.LAT0 + step * np.arange(high + 1)
    cells = [box(xs[x], ys[y], xs[x + 1], ys[y + 1]) for y in range(high) for x in range(wide)]
    shapes_deg = np.array([MultiPolygon([cell]) for cell in cells], dtype=object)
    projection = Projection(city(session).srid_m)
    shapes = metres(shapes_deg, projection)
    shapes = shapely.get_geometry(shapes, 0)
    at = np.arange(wide * high).reshape(high, wide)
    a = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    b = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    streets = np.concatenate(
        [np.broadcast_to(np.arange(1, wide) % across == 0, (high, wide - 1)).ravel(),
         np.broadcast_to((np.arange(1, high) % across == 0)[:, None], (high - 1, wide)).ravel()]
    )  # fmt: skip
    order = np.lexsort((b, a))
    shared = shapely.length(shapely.intersection(shapes[a], shapes[b]))[order]
    edges = Edges(
        a[order].astype(np.int32), b[order].astype(np.int32), shared, streets[order], np.zeros(len(a), dtype=np.bool_)
    )
    blocks = (np.arange(high)[:, None] // across * 10 + np.arange(wide) // across).ravel()
    n = wide * high
    atoms = Atoms(
        projection=projection,
        shapes_deg=shapes_deg,
        shapes=shapes,
        keys=tuple(f"{code}{salt}-{i}" for i in range(n)),
        kinds=("given",) * n,
        blocks=blocks.astype(np.int32),
        groups=("",) * n,
        building_ids=(None,) * n,
        edges=edges,
    )
    households = (6 + (np.arange(n) * 7) % 13).astype(np.int32)
    return Made(community_id=area_id(session, code), atoms=atoms, source={"made": "lattice"}, households=households)


def lay(session: Session, code: str, *, across: int = ACROSS, salt: str = "", day: date = date(2026, 10, 1)) -> int:
    """Stores the ground of a community with its count; returns the community's id."""
    made = lattice(session, code, across=across, salt=salt)
    basis_id = basis.store(session, made, now=NOW, by=None)
    basis.count(session, basis_id, made, counted_on=day, source="lattice", now=NOW)
    return made.community_id


def set_up(house: House, *codes: str, across: int = ACROSS) -> dict[str, int]:
    """The sample city and the ground of some communities; returns the ids of these."""
    with house.db.transaction() as session:
        sample.set_up(session)
        return {code: lay(session, code, across=across) for code in codes or ("W1", "E1")}
