"""Where open cases are, for plans that are compared: `planning.comparing.OpenCases`.

Owns nothing but the answer: places, no case and no person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.cases.queries import homing as queries


class OpenCasePlaces:
    """Places of the open cases that whoever asks may see."""

    def places(self, session: Session, grids: Sequence[int], units: Sequence[int]) -> NDArray[np.float64]:
        rows = queries.open_in(session, grids, units, lock=False)
        return np.asarray([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)
