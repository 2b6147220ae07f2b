"""The answer to "who is responsible for this kind of matter here?", with every reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridgov.areas.rules import AreaFacts, Located
from gridgov.duties.routing import Match, Ranked
from gridgov.duties.rules import CLASS_WORDS, Agency, Body, Category, Item, Nearest, Site


class Outcome(StrEnum):
    """`orphan` (无责任主体) is an answer of its own: no list in force names anybody for this matter here."""

    ROUTED = "routed"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Responsible:
    """A body at this place: an agency, or the office of an area."""

    agency: Agency | None = None
    area: AreaFacts | None = None

    @property
    def names(self) -> Mapping[str, str]:
        return self.agency.names if self.agency else self.area.names if self.area else {}

    @property
    def code(self) -> str:
        return self.agency.code if self.agency else self.area.code if self.area else ""

    @property
    def kind(self) -> str:
        return "agency" if self.agency else "area"


@dataclass(frozen=True, slots=True)
class SiteDistance:
    """A site that was considered. `road_m` is None where no road leads there or straight lines count;
    `in_service_area` is None where it has no such area."""

    site: Site
    straight_m: float
    road_m: float | None
    in_service_area: bool | None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision, in 中文 and English."""

    step: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Next:
    """What would have been chosen next, and why it was not chosen now."""

    item_code: str
    body: Responsible
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Route:
    """Who is responsible for the category at the place, and why."""

    category: Category
    located: Located
    outcome: Outcome
    lead: Responsible | None
    supporting: tuple[Responsible, ...]
    item: Item | None
    item_area: AreaFacts | None
    match: Match | None
    sites: tuple[SiteDistance, ...]
    next: tuple[Next, ...]
    reasons: tuple[Reason, ...]

    @property
    def site(self) -> SiteDistance | None:
        return next((site for site in self.sites if site.chosen), None)


def body_at(body: Body, located: Located) -> Responsible:
    """The body of an item at this place. A level that is absent here falls to the unit, then to the deepest area."""
    if body.agency is not None:
        return Responsible(agency=body.agency)
    area = next((area for area in located.path if area.level == body.level), None)
    return Responsible(area=area or located.unit or located.deepest)


def word(names: Mapping[str, str], language: str) -> str:
    """The name in the language, else in any other."""
    return names.get(language) or next(iter(names.values()), "")


MATCH_WORDS: Mapping[Match, Mapping[str, str]] = {
    Match.CODE: {"zh": "事项代码完全一致", "en": "its code is the matter's own"},
    Match.PREFIX: {"zh": "事项代码前缀一致", "en": "its prefix takes in the matter"},
    Match.ANY: {"zh": "适用于全部事项", "en": "it takes in every matter"},
}


def place_reason(located: Located) -> Reason:
    """Where the point lies, as the first step."""
    zh = " › ".join(word(area.names, "zh") for area in located.path)
    en = " › ".join(word(area.names, "en") for area in located.path)
    if located.inside:
        return Reason("place", f"位于{zh}。", f"The point lies in {en}.")
    metres = f"{located.distance_m:.0f}"
    return Reason(
        "place",
        f"位于所有网格之外，最近的是{zh}（{metres} 米）。",
        f"Outside every area; the nearest is {en} ({metres} m).",
    )


def item_reason(ranked: Ranked, area: AreaFacts | None) -> Reason:
    """Which line of which list decides."""
    item, how = ranked.item, MATCH_WORDS[ranked.match]
    where = {"zh": "全市", "en": "the whole city"} if area is None else area.names
    name, version = item.list_name, item.list_version
    return Reason(
        "item",
        f"《{name}》第 {version} 版 {item.code} 条适用：{how['zh']}，范围为{word(where, 'zh')}。",
        f"Item {item.code} of “{name}”, version {version}, applies: {how['en']}, for {word(where, 'en')}.",
    )


def lead_reason(item: Item, lead: Responsible, supporting: tuple[Responsible, ...]) -> Reason:
    """Who leads and who supports, by the management class."""
    kind = CLASS_WORDS[item.management_class]
    zh, en = (
        f"{kind['zh']}：由{word(lead.names, 'zh')}牵头",
        f"{kind['en'].capitalize()}: {word(lead.names, 'en')} leads",
    )
    if supporting:
        zh += "，" + "、".join(word(body.names, "zh") for body in supporting) + "配合"
        en += ", supported by " + ", ".join(word(body.names, "en") for body in supporting)
    return Reason("lead", zh + "。", en + ".")


def site_reason(sites: tuple[SiteDistance, ...], nearest: Nearest) -> Reason | None:
    """Which site serves, and by which measure it is the nearest."""
    chosen = next((site for site in sites if site.chosen), None)
    if chosen is None:
        return None
    by_road = nearest is Nearest.ROAD and chosen.road_m is not None
    distance_m = chosen.road_m if by_road and chosen.road_m is not None else chosen.straight_m
    zh = "服务区域包含该点" if chosen.in_service_area else "距离最近"
    en = "its service area holds the point" if chosen.in_service_area else "it is the nearest"
    way_zh, way_en = ("道路", "by road") if by_road else ("直线", "straight")
    names, compared = chosen.site.names, len(sites)
    return Reason(
        "site",
        f"由{word(names, 'zh')}处置：{zh}（{way_zh} {distance_m:.0f} 米，共比较 {compared} 处）。",
        f"{word(names, 'en')} serves: {en} ({distance_m:.0f} m {way_en}, {compared} sites compared).",
    )


def next_of(ranked: Ranked, chosen: Ranked, located: Located) -> Next:
    """Why a further item was not chosen."""
    if ranked.depth < chosen.depth:
        zh, en = "适用范围更大", "it is for a larger area"
    elif ranked.match is not chosen.match or len(ranked.item.category) < len(chosen.item.category):
        zh, en = "事项匹配较宽", "it takes in the matter less exactly"
    else:
        zh, en = "条目代码在后", "its item code comes later"
    return Next(ranked.item.code, body_at(ranked.item.lead, located), zh, en)


ORPHAN_REASON = Reason(
    "orphan",
    "责任清单中没有任何条目适用于此处的这一事项：无责任主体，须由上级裁定。",
    "No item of a duty list takes in this matter here: nobody is named, so it must be adjudicated.",
)
