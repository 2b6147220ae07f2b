"""What is wrong with a duty list, before anybody relies on it: each finding names the item and the remedy. Pure.

Owns the table of findings and when each applies. Does not own which item answers (`routing`, `ground`). An error keeps
a draft from being published; a warning is said and leaves the choice to whoever publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridgov.duties.ground import Piece, whole, winners
from gridgov.duties.routing import Book, match
from gridgov.duties.rules import LEVELS, Agency, Item, ManagementClass


class Severity(StrEnum):
    """Whether a finding keeps a draft from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong; facts are filled into the sentences by name."""

    severity: Severity
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with an item, or with a matter (then `item` is None)."""

    code: str
    severity: Severity
    item: str | None
    category: str | None
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """An agency as the linter sees it. `sites`: its own and those of everybody below it."""

    agency: Agency
    closed: bool
    sites: int


@dataclass(frozen=True, slots=True)
class City:
    """What a list is held against: the matters' codes, agencies by id, the ids of the areas in force, and the instant
    from which the list is to hold."""

    matters: Sequence[str]
    agencies: Mapping[int, AgencyFacts]
    areas: frozenset[int]
    at: datetime


def _error(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Rule:
    return Rule(Severity.ERROR, zh, en, remedy_zh, remedy_en)


def _warning(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Rule:
    return Rule(Severity.WARNING, zh, en, remedy_zh, remedy_en)


# docs/duty-lists.md prints this table.
RULES: Mapping[str, Rule] = {
    "no-owner": _error(
        "没有牵头单位", "nobody leads it",
        "填写牵头单位，或删除该条目", "name who leads, or take the item out",
    ),
    "category-unknown": _error(
        "事项“{pattern}”不对应任何事项代码", "“{pattern}” takes in no matter of the catalogue",
        "改为目录中的事项代码", "give the code of a matter of the catalogue",
    ),
    "agency-closed": _error(
        "单位“{agency}”已撤销", "the agency “{agency}” is closed",
        "改为承接其职责的单位", "name the body that took over its duties",
    ),
    "payer-missing": _error(
        "协助管理事项没有写明由哪个部门付费", "assisting management, and no department pays for it",
        "填写付费部门（费随事转）", "name the department that pays",
    ),
    "level-unknown": _error(
        "解决层级“{level}”不存在", "“{level}” is no tier at which a matter is solved",
        "改为 grid、community、subdistrict 或 district", "give grid, community, subdistrict or district",
    ),
    "overlap": _error(
        "与条目“{other}”事项相同、范围相同", "it is for the same matter and the same area as the item “{other}”",
        "合并两条，或改变其中一条的范围", "make them one, or give one of them another area",
    ),
    "overlap-elsewhere": _warning(
        "与《{list}》条目“{other}”事项、范围相同而牵头单位不同",
        "the item “{other}” of “{list}” names another lead for the same matter and the same area",
        "与该清单的主管单位核对", "settle it with whoever keeps that list",
    ),
    "never-reached": _warning(
        "任何地点都有别的条目先适用（如“{other}”）",
        "everywhere another item goes first (such as “{other}”)",
        "删除该条目，或缩小先适用条目的范围", "take it out, or make the area of the other smaller",
    ),
    "area-gone": _warning(
        "所属区域已不在现行区划中", "its area is not among the areas in force",
        "改为现行区域", "give an area that is in force",
    ),
    "no-sites": _warning(
        "按站点派发，但“{agency}”没有站点", "it is served from sites, and “{agency}” has none",
        "登记该单位的站点，或改为不按站点派发", "load its sites, or do not serve it from sites",
    ),
    "class-and-lead": _warning(
        "管理类别与牵头单位不符：{expected}", "the management class and the lead disagree: {expected_en}",
        "核对管理类别或牵头单位", "check the class, or the lead",
    ),
    "limit-missing": _warning(
        "没有处置时限", "it has no limit",
        "填写处置时限，如“2 work_day”", "give one, such as “2 work_day”",
    ),
    "limit-unreadable": _warning(
        "处置时限“{limit}”无法计时", "no clock can run on the limit “{limit}”",
        "改为“2 work_day”一类的写法", "write it like “2 work_day”",
    ),
    "level-absent": _warning(
        "该范围内没有“{level}”这一层级", "its area has no tier “{level}”",
        "改为当地实有的层级", "give a tier that is there",
    ),
    "expired": _warning(
        "条目的有效期在清单生效前已届满", "it has expired before the list takes effect",
        "删除该条目，或重新申请准入", "take it out, or have it admitted again",
    ),
    "unserved": _warning(
        "任何清单都没有条目适用于事项 {category}", "no item of any list takes in the matter {category}",
        "为该事项增加条目，或提请裁定", "add an item for it, or have it adjudicated",
    ),
    "unserved-in-part": _warning(
        "事项 {category} 在 {leaves}/{of} 个网格没有条目适用（{areas}）",
        "no item takes in the matter {category} in {leaves} of {of} grids ({areas})",
        "为这些地点增加条目，或提请裁定", "add an item for these places, or have it adjudicated",
    ),
}  # fmt: skip


def lint(draft: Sequence[Item], others: Sequence[Item], city: City, pieces: Sequence[Piece]) -> list[Finding]:
    """Findings about the items of a draft, in its order, then about matters; `others` are the items of the other lists
    in force. `pieces` are cut by both."""
    book = Book([*draft, *others])
    twins = _twins([*draft, *others])
    first: dict[int, Item] = {}  # what goes first where an item would answer
    reached: set[int] = set()
    gaps: list[Finding] = []
    for category in city.matters:
        gone: list[Piece] = []
        for piece, winner in winners(book, category, pieces):
            if winner is None:
                gone.append(piece)
            else:
                reached.add(id(winner))
        gaps += _gaps(category, gone, pieces)
    for item in draft:
        if id(item) not in reached:
            _beaten(book, item, city.matters, pieces, first)
    found = [
        one
        for item in draft
        for one in (*_own(item, city, pieces), *_pairs(item, twins), *_unreached(item, reached, first, twins))
    ]
    return [*found, *gaps]


def _own(item: Item, city: City, pieces: Sequence[Piece]) -> Iterator[Finding]:
    """What can be seen of an item alone."""
    lead = item.lead
    if lead.agency is None and lead.level is None:
        yield _of(item, "no-owner")
    if not any(match(item.category, category) for category in city.matters):
        yield _of(item, "category-unknown", pattern=item.category)
    named = [body.agency for body in (lead, *item.supporting) if body.agency is not None]
    for agency in {one.id: one for one in (*named, *([item.payer] if item.payer else []))}.values():
        if agency.id not in city.agencies or city.agencies[agency.id].closed:
            yield _of(item, "agency-closed", agency=_name(agency))
    if item.management_class is ManagementClass.ASSISTING and item.payer is None:
        yield _of(item, "payer-missing")
    if item.served_from_sites and lead.agency is not None:
        facts = city.agencies.get(lead.agency.id)
        if facts is not None and not facts.closed and not facts.sites:
            yield _of(item, "no-sites", agency=_name(lead.agency))
    yield from _class(item)
    if item.time_limit is None and item.limit is None:
        yield _of(item, "limit-missing")
    elif item.limit is None:
        yield _of(item, "limit-unreadable", limit=item.time_limit)
    if item.expires_at is not None and item.expires_at <= city.at:
        yield _of(item, "expired")
    if item.area_id is not None and item.area_id not in city.areas:
        yield _of(item, "area-gone")
        return
    yield from _level(item, pieces)


def _class(item: Item) -> Iterator[Finding]:
    """综合: the sub-district is first responsible; 专业: the department is."""
    lead = item.lead
    if item.management_class is ManagementClass.COMPREHENSIVE and lead.agency is not None:
        yield _of(item, "class-and-lead", expected="综合管理由街道（社区）负第一责任",
                  expected_en="comprehensive management is led by the sub-district or community")  # fmt: skip
    if item.management_class is ManagementClass.PROFESSIONAL and lead.level is not None:
        yield _of(item, "class-and-lead", expected="专业管理由职能部门负第一责任",
                  expected_en="professional management is led by a department")  # fmt: skip


def _level(item: Item, pieces: Sequence[Piece]) -> Iterator[Finding]:
    if item.level is None:
        return
    if item.level not in LEVELS:
        yield _of(item, "level-unknown", level=item.level)
    elif not any(item.level in piece.levels for piece in pieces if item.area_id is None or item.area_id in piece.path):
        yield _of(item, "level-absent", level=item.level)


Twins = Mapping[tuple[str, int | None], Sequence[Item]]


def _twins(items: Iterable[Item]) -> Twins:
    """Items by (category as written, area): those of one key are equally strong everywhere."""
    found: dict[tuple[str, int | None], list[Item]] = {}
    for item in items:
        found.setdefault((item.category, item.area_id), []).append(item)
    return found


def _pairs(item: Item, twins: Twins) -> Iterator[Finding]:
    for other in twins[item.category, item.area_id]:
        if other is item:
            continue
        if other.list_name == item.list_name and other.list_version == item.list_version:
            yield _of(item, "overlap", other=other.code)
        elif other.lead != item.lead:
            yield _of(item, "overlap-elsewhere", other=other.code, list=other.list_name)


def _unreached(item: Item, reached: set[int], first: Mapping[int, Item], twins: Twins) -> Iterator[Finding]:
    """An item that a twin keeps back is told of as an overlap."""
    other = first.get(id(item))
    if id(item) not in reached and other is not None and other not in twins[item.category, item.area_id]:
        yield _of(item, "never-reached", other=other.code)


def _beaten(book: Book, item: Item, matters: Sequence[str], pieces: Sequence[Piece], first: dict[int, Item]) -> None:
    """Notes an item that goes first where this one would answer; none where it would answer nowhere at all."""
    for category in matters:
        if match(item.category, category) is None:
            continue
        for piece, winner in winners(book, category, pieces):
            if winner is not None and (item.area_id is None or item.area_id in piece.path):
                first[id(item)] = winner
                return


def _gaps(category: str, gone: Sequence[Piece], pieces: Sequence[Piece]) -> Iterator[Finding]:
    if not gone:
        return
    if len(gone) == len(pieces):
        yield _finding("unserved", None, category, category=category)
        return
    names = [area.code for area in whole(gone, pieces)]
    shown = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
    lost, total = (sum(piece.leaves for piece in some) for some in (gone, pieces))
    yield _finding("unserved-in-part", None, category, category=category, leaves=lost, of=total, areas=shown)


def _of(item: Item, code: str, **facts: object) -> Finding:
    return _finding(code, item.code, item.category, **facts)


def _finding(code: str, item: str | None, matter: str | None, **facts: object) -> Finding:
    rule = RULES[code]
    zh, en = rule.zh.format(**facts), rule.en.format(**facts)
    return Finding(code, rule.severity, item, matter, zh, en, rule.remedy_zh, rule.remedy_en)


def _name(agency: Agency) -> str:
    return agency.names.get("zh") or agency.code
