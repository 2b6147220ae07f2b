"""The squadron that the management bureau stations (派驻) in one sub-district: it answers to its bureau and to that
sub-district's leader (条块结合).

Owns: that unit, and the lines of the duty list that it leads there. Does not own: what two superiors may see
(gridgov.auth).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gridgov.interop.democity.areas import Areas
from gridgov.interop.democity.duties import Duty

CODE, PARENT, KIND = "CGJ01", "CGJ", "squadron"
_ZH, _EN = "综合行政执法中队", "Law Enforcement Squadron"


def names(zh: str, en: str) -> dict[str, str]:
    """What it is called in a sub-district of these names."""
    return {"zh": f"{zh}{_ZH}", "en": f"{en.removesuffix(' Sub-district')} {_EN}"}


def row(areas: Areas) -> Mapping[str, str]:
    """Its row of agencies.csv: in the first sub-district."""
    home = areas.subdistrict[0]
    called = names(*home.name)
    return {
        "code": CODE,
        "name_zh": called["zh"],
        "name_en": called["en"],
        "kind": KIND,
        "parent": PARENT,
        "stationed": home.code,
    }


def lines(areas: Areas, everywhere: Iterable[Duty]) -> list[Duty]:
    """What its bureau leads in the whole city, it leads in its sub-district, from no site of its own."""
    home = areas.subdistrict[0].code
    return [
        replace(
            duty,
            code=f"{duty.code}-{home}",
            area=home,
            lead=CODE,
            support=f"{PARENT};@unit",
            served_from_sites="false",
            nearest="",
        )
        for duty in everywhere
        if duty.lead == PARENT and not duty.area
    ]
