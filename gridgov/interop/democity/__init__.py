"""The demo city: an invented Chinese city, made from a seed, complete enough to run the platform on.

    generate(folder, until=date(2026, 11, 22))      writes city.toml and all that it names

Owns: that one verb and what it says it made. Does not own: loading the city (`gridgov.interop`), which reads
the folder like any other. See docs/demo-city.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from gridgov.interop.democity import city as _city
from gridgov.interop.democity import files

__all__ = ["Summary", "generate"]

SEED = 20260101
BAND = (270, 330)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written.

    `in_band`: the share of ordinary grids with 270 to 330 households; `tiles`: no level has gap or overlap.
    """

    city_file: Path
    areas: dict[str, int]
    layers: dict[str, int]
    households: int
    in_band: float
    special_grids: int
    tiles: bool
    agencies: int
    sites: int
    duties: int
    incidents: int


def generate(
    folder: Path, *, seed: int = SEED, until: date, progress: Callable[[str, float], None] | None = None
) -> Summary:
    """Write the demo city into `folder` (made where absent; files of an earlier run are replaced).

    `until`: the day after the last incident, 90 days after the first. The same seed and day give the same bytes of text
    and the same content of the GeoPackages; another day changes the incidents alone. `progress(what, share)` is told
    the steps, share 0 to 1.
    """
    tell = progress or (lambda _what, _share: None)
    made = _city.found(seed, lambda what, share: tell(what, share * 0.75))
    tell("incidents", 0.75)
    history = _city.history(made, seed, until)
    tell("files", 0.85)
    tiles = files.write(folder, made, history, seed, until)
    tell("done", 1.0)
    return _summary(folder, made, len(history), tiles)


def _summary(folder: Path, made: _city.City, incidents: int, tiles: bool) -> Summary:
    levels = made.areas.levels()
    homes = np.array([a.households for a in made.areas.grid if a.kind != "special"])
    return Summary(
        city_file=folder / "city.toml",
        areas={level: len(areas) for level, areas in levels.items()},
        layers={
            "street": len(made.streets),
            "block": len(made.blocks),
            "building": len(made.buildings),
            "facility": len(made.facilities),
        },
        households=int(made.households.sum()),
        in_band=float(((homes >= BAND[0]) & (homes <= BAND[1])).mean()),
        special_grids=sum(a.kind == "special" for a in made.areas.grid),
        tiles=tiles,
        agencies=len({site.agency for site in made.sites}),
        sites=len(made.sites),
        duties=len(made.duties),
        incidents=incidents,
    )
