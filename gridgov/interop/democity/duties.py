"""The duty list of the demo city: one line for every matter that has an owner, and the exceptions of single areas.

`geodata/duty_list.csv` speaks of groups of categories ("06*") and of groups of areas; here each becomes lines
of one code and one area. Within the whole city the longest pattern wins, later lines over earlier ones of the
same length.

Owns: that expansion. Does not own: routing by the list (gridgov.duties).
"""

from __future__ import annotations

from dataclasses import dataclass

from gridgov.interop.democity import stock
from gridgov.interop.democity.areas import Areas

_BASIS = "《泓川市网格化管理事项责任清单（示范）》第{order}项：{subject}"
# When a case is opened and when it may be closed, by management class.
_OPENING = {
    "综合": "巡查发现或群众反映，网格员现场核实属实",
    "专业": "现场核实属实，且不能由网格员当场处置",
    "协助": "现场核实属实，街道与职能部门共同确认",
}
_CLOSING = {
    "综合": "现场恢复正常，网格员核查属实",
    "专业": "处置完毕，现场核查合格",
    "协助": "处置完毕，现场核查合格，费用由付费部门确认",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the duty list, in the words of the city file; `area` a code, "" the whole city."""

    code: str
    category: str
    area: str
    management_class: str
    lead: str
    support: str
    served_from_sites: str
    nearest: str
    basis: str
    limit: str
    level: str
    payer: str
    opening: str
    closing: str
    risk_points: str


def matters() -> list[str]:
    """The codes of all matters, in order."""
    return [r["code"] for r in stock.rows("categories.csv") if r["kind"] == "matter"]


def orphans() -> dict[str, str]:
    """Matters that nobody owns: code -> "all", or the group of areas where that is so."""
    return {r["category"]: r["where"] for r in stock.rows("orphans.csv")}


def _matches(pattern: str, code: str) -> bool:
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def _areas(name: str, areas: Areas) -> list[str]:
    north, south = areas.district
    flat = [a for a in areas.community if a.parent == south.code]
    if name == "district:south":
        return [south.code]
    rural = {"villages": True, "urban": False}[name]
    towns = [a.code for a in areas.subdistrict if (a.kind == "town") == rural and a.parent == north.code]
    return towns + [a.code for a in flat if (a.kind == "village") == rural]


def _line(row: dict[str, str], category: str, area: str) -> Duty:
    code = f"D{int(row['order']):02d}-{category}" + (f"-{area}" if area else "")
    basis = _BASIS.format(order=row["order"], subject=row["subject"])
    served = "true" if row["served_from_sites"] == "yes" else "false"
    return Duty(
        code=code,
        category=category,
        area=area,
        management_class=row["class"],
        lead=row["lead"],
        support=row["support"],
        served_from_sites=served,
        nearest=row["nearest"],
        basis=basis,
        limit=row["limit"],
        level=row["level"],
        payer=row["payer"],
        opening=_OPENING[row["class"]],
        closing=_CLOSING[row["class"]],
        risk_points=row["risk_points"],
    )


def expand(areas: Areas) -> list[Duty]:
    """All lines, the whole city's first."""
    rows = stock.rows("duty_list.csv")
    unowned = orphans()
    out: list[Duty] = []
    for code in matters():
        found: tuple[int, int] | None = None
        for i, row in enumerate(rows):
            for pattern in row["categories"].split(";") if not row["area"] else ():
                if _matches(pattern, code) and (found is None or (len(pattern.rstrip("*")), i) >= found):
                    found = (len(pattern.rstrip("*")), i)
        if found and code not in unowned:
            out.append(_line(rows[found[1]], code, ""))
    for row in rows:
        if row["area"]:
            codes = [c for c in matters() if any(_matches(p, c) for p in row["categories"].split(";"))]
            out += [_line(row, c, area) for area in _areas(row["area"], areas) for c in codes]
    return out
