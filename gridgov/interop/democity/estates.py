"""Names of the land that people live on: compounds (小区) and villages.

Owns: the name of a parcel. Does not own: names of streets (`streets`) and of areas (`areas`).
"""

from __future__ import annotations

from gridgov.interop.democity import stock
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.landuse import Land

_ENDINGS = {
    "flats": (
        ("小区", "Estate"),
        ("新村", "New Village"),
        ("家园", "Homes"),
        ("花园", "Gardens"),
        ("公寓", "Apartments"),
    ),
    "towers": (("府", "Mansion"), ("苑", "Court"), ("华庭", "Heights"), ("雅园", "Park Homes"), ("名邸", "Residence")),
}


def names(land: Land, seed: int) -> dict[int, tuple[str, str]]:
    """(zh, en) of every parcel that has a name of its own: estates, villages, single places."""
    singles = stock.places()["singles"]
    deal = {sort: _deal(sort, seed) for sort in _ENDINGS}
    villages = stock.stems("villages")
    rng = stream(seed, "village names")
    village = iter([villages[i] for i in rng.permutation(len(villages))])
    out: dict[int, tuple[str, str]] = {}
    for parcel in land.parcels.values():
        if parcel.single in singles:
            zh, en = singles[parcel.single]
            out[parcel.id] = (zh, en)
        elif parcel.use in deal:
            out[parcel.id] = deal[parcel.use].pop()
        elif parcel.use == "village":
            out[parcel.id] = next(village)
        elif parcel.zone == "park":
            out[parcel.id] = tuple(singles["park"])
        elif parcel.zone == "campus":
            out[parcel.id] = tuple(singles["campus"])
    return out


def _deal(sort: str, seed: int) -> list[tuple[str, str]]:
    """All names of a sort, shuffled within each ending so that plain endings come first."""
    rng = stream(seed, "estate names", sort)
    stems = stock.stems("estate_stems", "sort", sort)
    out: list[tuple[str, str]] = []
    for zh_end, en_end in _ENDINGS[sort]:
        out += [(stems[i][0] + zh_end, f"{stems[i][1]} {en_end}") for i in rng.permutation(len(stems))]
    return out[::-1]
