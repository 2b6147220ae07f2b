"""What planners measure sheets with and may not read themselves: `planning.around.Surroundings`.

Owns who is asked for it, each in a transaction of its own as a role that sees no more. Gives places and numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.auth import posts
from gridgov.auth.rules import Role
from gridgov.cases.places import OpenCasePlaces
from gridgov.duties import service as duties

Opened = Callable[[str], AbstractContextManager[Session]]
PREVIEWER, REGISTRAR = "previewer", "registrar"


class StoredSurroundings:
    """By what is kept. `opened`: a transaction of the platform's own, as one of its internal roles."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def open_cases(self, grids: Sequence[int], units: Sequence[int]) -> NDArray[np.float64]:
        with self._opened(PREVIEWER) as session:
            return OpenCasePlaces().places(session, grids, units)

    def workers(self, now: datetime) -> Mapping[int, int]:
        with self._opened(REGISTRAR) as session:
            return posts.counted(session, Role.GRID_WORKER, now)

    def service_points(self, box: tuple[float, float, float, float]) -> NDArray[np.float64]:
        with self._opened(REGISTRAR) as session:
            return duties.service_points(session, box)
