"""Several reports taken in one transaction: each placed as if it were alone, all stored by one statement.

Owns what is stored together and the rows that receipts are made of. Does not own what a report means (`placing`,
`rules`), nor who may send it, nor what becomes of those that cannot be taken so: they are left out, and whoever asked
takes them one by one (`service.report`), which says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gridgov.incidents import contacts
from gridgov.incidents.placing import Indexes, Placed, placed
from gridgov.incidents.queries import batch as queries
from gridgov.incidents.rules import Report, Status, digest
from gridgov.incidents.service import Seen, seen_of
from gridgov.platform.errors import GridgovError
from gridgov.privacy.rules import Home


@dataclass(frozen=True, slots=True)
class Ready:
    """A report that can be stored: its columns, the keyed digest of its meaning, and what its reporter left."""

    place: Placed
    digest: bytes
    contact: Mapping[str, Any] | None


def ready(session: Session, new: Report, *, indexes: Indexes, marks: Mapping[str, int], now: datetime) -> Ready | None:
    """A report as it can be stored by the revisions `marks` of this transaction; None for one that is to be refused."""
    try:
        place = placed(session, new, indexes=indexes, marks=marks, now=now)
        values = place.values
        home = Home(values["area_id"], values["grid_id"], values["unit_id"], values["agency_id"])
        contact = contacts.columns(session, new.id, new.reporter, home, sealer=indexes.sealer, now=now)
        if not _fits_real(values["accuracy_m"]) or not _fits_real(values["outside_m"]):
            return None
    except (GridgovError, ValueError, ArithmeticError):  # also what no error of ours foresees: its neighbours go on
        return None
    return Ready(place, indexes.sealer.fingerprint(digest(new)), contact)


def store(session: Session, found: Sequence[Ready]) -> list[Seen | None]:
    """Stores reports with different ids; None for one whose id was taken before, of which nothing is stored here.

    In a transaction that keeps the boundaries (`areas.redrawing`). Keys are taken in the order of ids, so that no two
    transactions wait for each other in a circle.
    """
    numbers = queries.add(
        session,
        [{**one.place.values, "digest": one.digest} for one in found],
        [one.contact for one in found if one.contact is not None],
    )
    return [
        None
        if (number := numbers.get(one.place.values["id"])) is None
        else seen_of(_row(one.place, number), one.place.then)
        for one in found
    ]


def _row(place: Placed, number: int) -> Any:
    """The row as `queries.one` would give it: what the database makes of a value is made of it here too."""
    values, route = place.values, place.route
    agency = route.lead.agency if route.lead else None
    site = route.site
    return SimpleNamespace(
        **{
            **values,
            "number": number,
            "status": Status.OPEN.value,
            "happened_at": values["happened_at"].astimezone(UTC),
            "accuracy_m": _real(values["accuracy_m"]),
            "outside_m": _real(values["outside_m"]),
            "place": _sorted(json.loads(values["place"])),
            "category_code": route.category.code,
            "category_names": route.category.names,
            "agency_code": agency.code if agency else None,
            "agency_names": agency.names if agency else None,
            "site_names": site.site.names if site else None,
            "site_address": site.site.address if site else None,
        }
    )


def _real(value: float | None) -> float | None:
    """A number as a column of type real gives it back: the shortest text of its four bytes."""
    return None if value is None else float(str(np.float32(value)))


def _fits_real(value: float | None) -> bool:
    """Whether the column takes it: what would vanish is an error to the database, for all that is sent with it."""
    return value is None or (value == 0) == (np.float32(value) == 0)


def _sorted(names: Mapping[str, str]) -> dict[str, str]:
    """A document with its names in the order of jsonb: shorter ones first, then by their bytes."""
    return dict(sorted(names.items(), key=lambda one: (len(one[0].encode()), one[0].encode())))
