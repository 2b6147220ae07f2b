"""Search by name: 中文, Latin, pinyin and its initials.

Owns folding and the name index; other domains hand in their own names (`index_names`). Does not own what a name means.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import shapely
from shapely import Point, Polygon
from sqlalchemy.orm import Session

from gridgov.areas.queries import names as queries
from gridgov.platform.bulk import ewkb

OWN_KINDS = ("area", "street", "building")
MAX_QUERY = 60


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name at a place. `detail` is a second line (the parent, the agency), by language."""

    ref_id: int
    names: Mapping[str, str]
    point: Point
    extent: Polygon | None = None
    detail: Mapping[str, str] | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of the search; `bbox` is west, south, east, north where it has an extent."""

    kind: str
    id: int
    names: Mapping[str, str]
    detail: Mapping[str, str]
    lon: float
    lat: float
    bbox: tuple[float, float, float, float] | None


def fold(text: str) -> str:
    """Case, width and accents do not matter: NFKD, no marks, lower case, single blanks, no pattern signs."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    for sign in ("%", "_", "\\", "'", "’", "·"):
        plain = plain.replace(sign, "")
    return " ".join(plain.split())


@cache
def _pinyin() -> Any:
    """Its dictionaries take a third of a second to read, and most processes spell nothing."""
    return import_module("pypinyin")


def spell(text: str) -> tuple[str, str]:
    """Pinyin without tones and blanks, and its initials: 平安路 -> ("pinganlu", "pal")."""
    pinyin = _pinyin()
    syllables = pinyin.lazy_pinyin(text, style=pinyin.Style.NORMAL, errors="ignore")
    return "".join(syllables), "".join(syllable[0] for syllable in syllables if syllable)


def index_names(session: Session, kinds: Sequence[str], named: Iterable[tuple[str, Named]]) -> int:
    """Puts these (kind, name) pairs in place of all names of these kinds. Returns their number."""
    return queries.replace(session, list(kinds), (_row(kind, item) for kind, item in named))


def index_own_names(session: Session) -> int:
    """Indexes areas in force now, streets and named buildings anew."""
    rows = queries.areas_and_layers(session)
    pairs = (
        (
            row.kind,
            Named(
                ref_id=row.ref_id,
                names=row.names,
                point=shapely.from_wkb(row.point),
                extent=_polygon(row.extent),
                detail=row.detail,
                code=row.code,
            ),
        )
        for row in rows
    )
    return index_names(session, OWN_KINDS, pairs)


def find_names(session: Session, query: str, *, limit: int = 10) -> list[Found]:
    """The closest names first; an empty query finds nothing."""
    folded = fold(query)[:MAX_QUERY]
    if not folded:
        return []
    squeezed = folded.replace(" ", "")
    rows = queries.find(session, folded, limit) or (
        queries.find(session, squeezed, limit) if squeezed != folded else []
    )
    return [
        Found(
            row.kind,
            row.ref_id,
            row.names,
            row.detail,
            row.lon,
            row.lat,
            None if row.west is None else (row.west, row.south, row.east, row.north),
        )
        for row in rows
    ]


def _polygon(data: bytes | None) -> Polygon | None:
    shape = None if data is None else shapely.from_wkb(data)
    return shape if isinstance(shape, Polygon) else None


def _row(kind: str, item: Named) -> tuple[Any, ...]:
    pinyin, initials = spell(item.names.get("zh", ""))
    folded = " ".join(dict.fromkeys(fold(name) for name in (*item.names.values(), item.code or "") if name))
    extent = None if item.extent is None else ewkb(item.extent)
    return (
        kind,
        item.ref_id,
        dict(item.names),
        dict(item.detail or {}),
        folded,
        pinyin,
        initials,
        ewkb(item.point),
        extent,
    )
