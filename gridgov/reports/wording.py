"""The words of a page for the morning meeting, in 中文, English or both.

Owns titles, labels, key figures and notes. Does not own the sentences of findings (`analytics`) nor where words stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gridgov.analytics.hotspots import LEVEL_WORDS
from gridgov.reports.briefing import ALL, Briefing, Kind
from gridgov.reports.shading import Entry, shading

TITLES: Mapping[Kind, tuple[str, str]] = {
    Kind.DENSITY: ("事件密度", "Density of incidents"),
    Kind.HOTSPOTS: ("事件热点", "Hot spots of incidents"),
    Kind.TREND: ("事件走势", "Trend of incidents"),
}
CHANNELS: Mapping[str, tuple[str, str]] = {
    "worker": ("网格员", "grid worker"), "hotline": ("热线", "hotline"), "mini-program": ("小程序", "mini-program"),
    "window": ("窗口", "window"), "visit": ("走访", "visit"), "deputy": ("人大代表", "deputy"),
    "sensor": ("感知设备", "sensor"), "import": ("导入", "import"),
}  # fmt: skip
STATUSES: Mapping[str, tuple[str, str]] = {
    "open": ("在办", "open"), "closed": ("办结", "closed"), "void": ("作废", "void"),
    "duplicate": ("重复", "duplicate"),
}  # fmt: skip


class Language(StrEnum):
    """Which language a page is written in; both: 中文 first."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


@dataclass(frozen=True)
class Words:
    """`figures`: value, label, note. `listed`: name, value, change. `told`: number or nothing, sentence, and the
    areas that it is about, in the order of the page. `tips`: what is said of each area."""

    language: Language
    title: str
    under_title: tuple[str, ...]
    figures: tuple[tuple[str, str, str], ...]
    key: tuple[str, ...]
    rings: tuple[str, ...]
    days_title: str
    list_title: str
    listed: tuple[tuple[str, str, str], ...]
    told: tuple[tuple[str, str, tuple[int, ...]], ...]
    foot: tuple[str, ...]
    entries: Mapping[Entry, tuple[str, ...]]
    first: date | None
    tips: tuple[tuple[str, ...], ...]
    table_title: tuple[str, ...]
    heads: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Findings with their numbers."""
        return tuple(f"{number}  {said}" if number else said for number, said, _ in self.told)

    def cells(self, shown: Briefing, place: int) -> tuple[str, ...]:
        """A row of the table: name, count, and change or nothing."""
        area = shown.areas[place]
        name = area.names.get("en" if self.language is Language.EN else "zh") or next(
            iter(area.names.values()), area.code
        )
        change = () if shown.before is None else (_signed(int(shown.counts[place] - shown.before[place])),)
        return (name, f"{int(shown.counts[place]):,}", *change)

    def entry(self, one: Entry) -> tuple[str, ...]:
        """What a colour means, a line a language."""
        return self.entries[one]

    def day_ticks(self, number: int) -> tuple[list[int], list[str]]:
        """Where days are named below the bars, and how: at most six."""
        assert self.first is not None
        step = max(-(-number // 6), 1)
        places = list(range(0, number, step))
        days = [self.first + timedelta(days=place) for place in places]
        return places, [f"{day.month}/{day.day}" for day in days]

    def texts(self) -> list[str]:
        """Everything that may be written, and the digits."""
        said = [
            self.title,
            *self.under_title,
            *self.key,
            *self.rings,
            self.days_title,
            self.list_title,
            *self.sentences,
        ]
        said += [part for one in self.figures for part in one] + [part for one in self.listed for part in one]
        said += [line for lines in self.entries.values() for line in lines]
        return [*said, *self.foot, "0123456789,.–…/%+±× km"]


def of(shown: Briefing, language: Language) -> Words:
    """The words of a page."""
    say = _Saying(language)
    look = shading(shown)
    name = say.name(shown.city.names, shown.city.code)
    zh, en = TITLES[shown.kind]
    return Words(
        language=language,
        title=f"{name[0]}{' ' if language is Language.EN else ''}{say.one(zh, f'· {en}')}",
        under_title=_under(shown, say),
        figures=_figures(shown, say),
        key=say.lines(look.zh, look.en),
        rings=_rings(shown, say),
        days_title=_days_title(shown, say),
        list_title=_listed(shown, say)[0],
        listed=_listed(shown, say)[1],
        told=_told(shown, say),
        foot=_foot(shown, say),
        entries={one: say.lines(one.zh, one.en) for one in look.entries},
        first=shown.first,
        tips=tuple(_tip(shown, i, say) for i in range(len(shown.areas))),
        table_title=say.lines(f"各{LEVEL_WORDS[shown.level][0]}", f"{LEVEL_WORDS[shown.level][1].capitalize()}"),
        heads=_heads(shown, say),
    )


class _Saying:
    def __init__(self, language: Language) -> None:
        self.language = language

    def one(self, zh: str, en: str) -> str:
        """In one language; 中文 where both are wanted."""
        return en if self.language is Language.EN else zh

    def both(self, zh: str, en: str) -> str:
        return f"{zh}  {en}" if self.language is Language.BOTH else self.one(zh, en)

    def lines(self, zh: str, en: str) -> tuple[str, ...]:
        """A line a language; one where they are the same."""
        return (zh, en) if self.language is Language.BOTH and zh != en else (self.one(zh, en),)

    def name(self, names: Mapping[str, str], code: str) -> tuple[str, ...]:
        zh, en = (
            names.get("zh") or next(iter(names.values()), code),
            names.get("en") or next(iter(names.values()), code),
        )
        return (zh, en) if self.language is Language.BOTH and zh != en else (self.one(zh, en),)

    def short(self, names: Mapping[str, str], code: str) -> str:
        return self.name(names, code)[0]


def _under(shown: Briefing, say: _Saying) -> tuple[str, ...]:
    named = shown.category_names or ALL
    span_zh = span_en = ""
    if shown.first is not None and shown.last is not None:
        days = (shown.last - shown.first).days + 1
        span_zh = f"{_zh(shown.first)} 至 {_zh(shown.last)}（{days} 天）"
        span_en = f"{shown.first.isoformat()} to {shown.last.isoformat()} ({days} days)"
    zh = " · ".join(part for part in (span_zh, named.get("zh") or next(iter(named.values()))) if part)
    en = " · ".join(part for part in (span_en, named.get("en") or next(iter(named.values()))) if part)
    if say.language is Language.BOTH:
        names = say.name(shown.city.names, shown.city.code)
        return (zh, f"{names[-1]}: {TITLES[shown.kind][1][0].lower()}{TITLES[shown.kind][1][1:]} · {en}")
    return (say.one(zh, en),)


def _zh(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _figures(shown: Briefing, say: _Saying) -> tuple[tuple[str, str, str], ...]:
    days = max(len(shown.days), 1)
    found = [(f"{shown.total:,}", say.both("件", "incidents"), "")]
    if shown.before_total is None:
        found.append(("–", say.both("比上期", "against before"), say.both("此前无记录", "nothing kept before")))
    else:
        more = shown.total - shown.before_total
        share = f"{100 * more / shown.before_total:+.1f} %" if shown.before_total else ""
        was = say.both(f"上期 {shown.before_total:,} 件", f"before: {shown.before_total:,}")
        found.append((_signed(more), say.both("比上期", "against before"), f"{share}  {was}".strip()))
    found.append((f"{shown.total / days:,.1f}", say.both("每天", "a day"), ""))
    _, en = LEVEL_WORDS[shown.level]
    if shown.hot is not None:
        note = say.both(f"共比较 {shown.hot.compared:,} 个", f"of {shown.hot.compared:,} {en}")
        found.append((f"{shown.hot.hot} / {shown.hot.cold}", say.both("热点 / 冷点", "hot / cold"), note))
    else:
        rising = sum(one.kept for one, _ in shown.rises)
        found.append((f"{rising}", say.both("项上升", "rising"), say.both("超出平常", "against the usual")))
    return tuple(found)


def _signed(value: int) -> str:
    return f"{value:+,}" if value else "±0"


def _rings(shown: Briefing, say: _Saying) -> tuple[str, ...]:
    if shown.clusters:
        return say.lines("时空聚集（编号见下）", "cluster, numbered as below")
    if shown.kind is Kind.TREND and shown.rising_ids:
        return say.lines("有超出平常的上升", "something rises against the usual")
    return ()


def _days_title(shown: Briefing, say: _Saying) -> str:
    line = say.both("，虚线为上期日均", "; dashed: before") if shown.before_total is not None else ""
    if say.language is Language.BOTH:
        return "每天件数  Incidents a day" + ("（虚线：上期  dashed: before）" if line else "")
    return say.one("每天件数", "Incidents a day") + line


def _listed(shown: Briefing, say: _Saying) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """What is rising, where anything is; else the areas with most."""
    if shown.rises and shown.kind is not Kind.DENSITY:
        rows = []
        for one, said in shown.rises:
            name = say.one(said["zh"].split("最近")[0], said["en"].split(", ")[0])
            rows.append((name, f"{one.count:,}", "" if one.ratio is None else f"×{one.ratio:.1f}"))
        return say.both("上升最明显", "Rising most"), tuple(rows)
    order = sorted(range(len(shown.areas)), key=lambda i: (-int(shown.counts[i]), shown.areas[i].code))[:7]
    zh, en = LEVEL_WORDS[shown.level]
    rows = []
    for i in order:
        if shown.counts[i]:
            change = "" if shown.before is None else _signed(int(shown.counts[i] - shown.before[i]))
            rows.append((say.short(shown.areas[i].names, shown.areas[i].code), f"{int(shown.counts[i]):,}", change))
    return say.both(f"最多的{zh}", f"{en.capitalize()} with most"), tuple(rows)


def _told(shown: Briefing, say: _Saying) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """Of numbered findings one language is enough where both are wanted: there are several."""
    numbers = {id(one.said): str(number) for number, one in enumerate(shown.clusters, start=1)}
    found = []
    for one in shown.findings:
        mark = numbers.get(id(one.said), "")
        if say.language in {Language.ZH, Language.BOTH}:
            found.append((mark, one.said["zh"], one.area_ids))
        if say.language is Language.EN or (say.language is Language.BOTH and not mark):
            found.append((mark, one.said["en"], one.area_ids))
    return tuple(found)


def _tip(shown: Briefing, place: int, say: _Saying) -> tuple[str, ...]:
    area = shown.areas[place]
    count = f"{int(shown.counts[place]):,} {say.both('件', 'incidents')}"
    more = []
    if shown.before is not None:
        more.append(f"{_signed(int(shown.counts[place] - shown.before[place]))} {say.both('比上期', 'against before')}")
    if shown.hot is not None and (p := shown.hot.items[place].p) is not None:
        more.append(f"Gi* {shown.hot.items[place].score:.2f}, p {p:.4f}")
    return (*say.name(area.names, area.code), count, *more)


def _heads(shown: Briefing, say: _Saying) -> tuple[str, ...]:
    change = () if shown.before is None else (say.one("比上期", "Change"),)
    return (say.one("名称", "Name"), say.one("件数", "Incidents"), *change)


def _foot(shown: Briefing, say: _Saying) -> tuple[str, ...]:
    made = f"{shown.made_at.astimezone(shown.city.zone):%Y-%m-%d %H:%M}"
    zh = (
        f"数据：本平台受理的事件（不含作废与重复），按现行网格；生成于 {made}（{shown.city.timezone}）。"
        "底图：本市已载入的道路；不含审图号，仅供内部使用。"
    )
    en = (
        f"Data: incidents taken by this platform, void and duplicate ones left out, by the areas in force; "
        f"made {made} ({shown.city.timezone}). Base: the city's own streets."
    )
    return (zh, en) if say.language is Language.BOTH else (say.one(zh, en),)
