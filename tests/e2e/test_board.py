"""The board: its numbers are the API's and SQL's, the slider, the address and Back agree, every number opens what it
counts, all of it by keyboard and in both languages."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.e2e.conftest import Appoint, OpenPage, settled
from tests.e2e.pixels import MAP, colours, difference

pytestmark = pytest.mark.browser

CHANNELS = ["worker", "hotline", "mini-program", "window", "visit", "sensor"]
STATES = {"incidents": ["open", "closed", "void"], "cases": ["reported", "handling", "closed", "refused", "whistled"]}
SEEDS = range(10)

# Written anew for these tests, from the tables alone: what lies in a community, or in a grid of it.
DIRECT = """
    with recursive under as (
        select id from duties_agency where id = any(cast(:agency as bigint[]))
        union select a.id from duties_agency a join under on a.parent_id = under.id
    )
    select case a.level when 'grid' then p.code when 'community' then a.code end as code, count(*) as n
    from {table} r
    join incidents i on i.id = r.id
    join duties_category c on c.id = r.category_id
    join areas_version a on a.area_id = coalesce(r.grid_id, r.area_id) and a.valid @> now()
    left join areas_version p on p.area_id = a.parent_id and p.valid @> now()
    where (cast(:since as date) is null
           or i.happened_at >= cast(cast(:since as date) as timestamp) at time zone 'Asia/Shanghai')
      and (cast(:until as date) is null
           or i.happened_at < cast(cast(:until as date) as timestamp) at time zone 'Asia/Shanghai')
      and (cardinality(cast(:groups as text[])) = 0 or left(c.code, 2) = any(cast(:groups as text[])))
      and (cardinality(cast(:channels as text[])) = 0 or r.channel = any(cast(:channels as text[])))
      and (cardinality(cast(:states as text[])) = 0 or r.{state} = any(cast(:states as text[])))
      and (cardinality(cast(:agency as bigint[])) = 0 or r.agency_id in (select id from under))
      and i.outside_m = 0
    group by 1
"""


@dataclass(frozen=True)
class Chosen:
    """A filter, as the address of the board, as the API and as SQL take it."""

    of: str
    groups: list[str]
    channels: list[str]
    states: list[str]
    agencies: list[int]
    since: date | None
    until: date | None  # the last day, included

    @classmethod
    def by(cls, seed: int, *, groups: list[str], agencies: list[int], first: date, last: date) -> Chosen:
        chance = random.Random(seed)
        of = chance.choice(["incidents", "cases"])
        days = sorted(first + timedelta(days=chance.randrange((last - first).days + 1)) for _ in range(2))

        def some(of: list[Any], most: int) -> list[Any]:
            """None, which means all, or a few: filters that are all narrow at once find nothing."""
            return [] if chance.random() < 0.5 else sorted(chance.sample(of, chance.randint(1, most)))

        return cls(
            of,
            some(groups, 4),
            some(CHANNELS, 4),
            some(STATES[of], 3),
            some(agencies, 3) if chance.random() < 0.5 else [],
            *(day if chance.random() < 0.7 else None for day in days),
        )

    @property
    def address(self) -> str:
        parts = {
            "level": "community", "of": self.of, "cat": ",".join(self.groups), "channel": ",".join(self.channels),
            "state": ",".join(self.states), "agency": ",".join(map(str, self.agencies)), "from": self.since,
            "to": self.until, "table": "1",
        }  # fmt: skip
        return f"/board?{urlencode({key: value for key, value in parts.items() if value})}"

    @property
    def params(self) -> dict[str, Any]:
        parts = {
            "by": "community", "of": self.of, "category": self.groups, "channel": self.channels,
            "status": self.states, "agency": self.agencies, "from": self.since,
            "to": None if self.until is None else self.until + timedelta(days=1),
        }  # fmt: skip
        return {key: value for key, value in parts.items() if value}

    def counted(self, house: House) -> dict[str, int]:
        table, state = ("cases", "state") if self.of == "cases" else ("incidents", "status")
        values = {
            "since": self.since, "until": None if self.until is None else self.until + timedelta(days=1),
            "groups": self.groups, "channels": self.channels, "states": self.states, "agency": self.agencies,
        }  # fmt: skip
        with house.db.transaction() as session:
            sql = DIRECT.format(table=table, state=state)
            return {row.code: row.n for row in session.execute(text(sql), values) if row.code is not None}


def query(page: Page) -> dict[str, str]:
    """The board's state as its address tells it."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def figure(of: Locator) -> int:
    """The number in a text, whatever separates its thousands."""
    return int(re.sub(r"\D", "", of.inner_text()))


def shown(page: Page) -> dict[str, int]:
    """Code -> count, as the table twin says them, without the empty ones."""
    rows: list[list[str]] = page.locator(".table-twin tbody tr").evaluate_all(
        "rows => rows.map(row => [row.dataset.code, row.querySelector('td.figure').innerText])"
    )
    return {code: n for code, written in rows if (n := int(re.sub(r"\D", "", written)))}


@pytest.fixture(scope="module")
def filters(demo_house: House, server: httpx.Client) -> list[Chosen]:
    city = server.get("/city").raise_for_status().json()
    first, last = (date.fromisoformat(city[key][:10]) for key in ("incidents_from", "incidents_to"))
    with demo_house.db.transaction() as session:
        groups = list(
            session.execute(
                text(
                    "select distinct left(c.code, 2) from incidents i join duties_category c on c.id = i.category_id"
                    " order by 1"
                )
            ).scalars()
        )
        agencies = list(session.execute(text("select distinct agency_id from cases where agency_id > 0")).scalars())
    return [Chosen.by(seed, groups=groups, agencies=sorted(agencies), first=first, last=last) for seed in SEEDS]


def test_the_numbers_are_those_of_the_api_and_of_sql_for_ten_random_filters(
    open_page: OpenPage, server: httpx.Client, demo_house: House, filters: list[Chosen]
) -> None:
    page = open_page(filters[0].address)
    seen = 0
    for chosen in filters:
        page.goto(urlsplit(page.url)._replace(path="", query="").geturl().rstrip("/") + chosen.address)
        settled(page)
        answer = server.get("/counts", params=chosen.params).raise_for_status().json()
        told = {code: n for code, n in zip(answer["codes"], answer["counts"], strict=True) if n}
        direct = chosen.counted(demo_house)
        assert shown(page) == told == direct, chosen
        assert figure(page.get_by_test_id("headline")) == answer["total"]
        assert figure(page.get_by_test_id("table-sum")) == sum(direct.values())
        seen += bool(direct)
    assert seen >= 5  # filters that find nothing prove little


def test_control_a_changed_number_is_found(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/board?level=community&table=1")
    answer = server.get("/counts", params={"by": "community"}).raise_for_status().json()
    told = {code: n for code, n in zip(answer["codes"], answer["counts"], strict=True) if n}
    assert shown(page) == told
    page.locator(".table-twin tbody tr td.figure button").first.evaluate("cell => { cell.textContent = '1' }")
    assert shown(page) != told


def test_slider_address_and_back_agree(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/board?level=community")
    whole = figure(page.get_by_test_id("total"))
    page.get_by_role("button", name="近 7 天").click()
    settled(page)
    week = query(page)
    days = server.get("/counts", params={"by": "day"}).raise_for_status().json()
    last = date.fromisoformat(days["codes"][-1])
    assert date.fromisoformat(week["from"]) == last - timedelta(days=6)
    in_week = figure(page.get_by_test_id("total"))
    assert in_week == server.get("/counts", params={"by": "status", "from": week["from"]}).json()["total"] < whole
    assert figure(page.get_by_test_id("headline")) == in_week

    page.get_by_role("slider", name="起始日").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    moved = query(page)["from"]
    assert moved == str(last - timedelta(days=5))
    assert page.get_by_role("slider", name="起始日").get_attribute("aria-valuenow") == str((last - date.fromisoformat(
        days["codes"][0])).days - 5)  # fmt: skip

    # Moving what is open is no step of its own; the window as a whole is.
    page.go_back()
    settled(page)
    assert "from" not in query(page)
    assert figure(page.get_by_test_id("total")) == whole
    page.go_forward()
    settled(page)
    assert query(page)["from"] == moved
    page.reload()
    settled(page)
    assert query(page)["from"] == moved
    assert figure(page.get_by_test_id("total")) < in_week


def test_everything_up_to_a_day(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/board?level=community")
    page.get_by_role("button", name="累计").click()
    expect(page.get_by_role("slider", name="起始日")).to_have_count(0)
    page.get_by_role("slider", name="截止日").focus()
    page.keyboard.press("PageDown")
    settled(page)
    now = query(page)
    assert now["mode"] == "cumulative"
    assert "from" not in now
    until = date.fromisoformat(now["to"]) + timedelta(days=1)
    assert figure(page.get_by_test_id("total")) == server.get(
        "/counts", params={"by": "status", "to": str(until)}
    ).json()["total"]  # fmt: skip
    before = figure(page.get_by_test_id("total"))
    page.get_by_role("button", name="前进一步").click()  # motion is reduced: stepping, not playing
    settled(page)
    assert date.fromisoformat(query(page)["to"]) == until
    assert figure(page.get_by_test_id("total")) >= before


@pytest.mark.parametrize("address", ["/board?level=community", "/board?level=community&of=cases&rank=agency"])
def test_a_number_opens_exactly_what_it_counts(open_page: OpenPage, server: httpx.Client, address: str) -> None:
    page = open_page(address)
    page.get_by_role("button", name="近 7 天").click()
    settled(page)
    rows = page.locator(".ranking ol > li")
    numbers = [int(re.sub(r"\D", "", one)) for one in rows.locator(".rank-value").all_inner_texts()]
    at, wanted = next((index, n) for index, n in enumerate(numbers) if 0 < n <= 120)
    rows.nth(at).locator("button.rank-value").click()
    title = page.get_by_test_id("behind-title")
    expect(title).to_contain_text(str(wanted))
    entries = page.locator(".lines > li")
    expect(entries.first).to_be_visible()
    while (more := page.get_by_role("button", name=re.compile("再取"))).count():
        before = entries.count()
        more.click()
        expect(entries).not_to_have_count(before)
    expect(entries).to_have_count(wanted)
    ids = page.locator(".lines button").evaluate_all("all => all.map(one => one.dataset.id)")
    assert len(set(ids)) == wanted
    assert query(page)["behind"].split("-")[0] in {"area", "agency"}

    page.locator(".lines button").first.click()
    expect(page.get_by_role("region", name="事件")).to_contain_text(
        server.get(f"/incidents/{ids[0]}").raise_for_status().json()["number"]
    )
    page.go_back()
    expect(page.locator(".lines > li").first).to_be_visible()
    page.go_back()
    expect(page.locator(".ranking")).to_be_visible()


def test_who_may_only_count_is_offered_no_list(open_page: OpenPage, people: Appoint) -> None:
    page = open_page("/board?level=community&behind=all", person=people(Role.PLANNER))
    assert figure(page.get_by_test_id("headline")) > 0
    expect(page.locator(".behind")).to_have_count(0)
    expect(page.locator("button.rank-value")).to_have_count(0)
    expect(page.locator("button.number")).to_have_count(0)
    expect(page.get_by_label("统计")).to_have_count(0)  # cases are not theirs to count


def test_every_way_of_drawing_draws_something_else(open_page: OpenPage, browser: Browser) -> None:
    page = open_page("/board?level=community&panel=none")
    pictures = [colours(browser, page.locator(MAP))]
    for paint in ("heat", "hexagons", "surface"):
        page.get_by_label("画法").select_option(paint)
        settled(page)
        assert query(page)["paint"] == paint
        pictures.append(colours(browser, page.locator(MAP)))
    assert all(difference(one, other) > 0.01 for at, one in enumerate(pictures) for other in pictures[at + 1 :])


def test_a_class_of_the_legend_is_switched_off(open_page: OpenPage, browser: Browser) -> None:
    page = open_page("/board?level=community&panel=none&breaks=natural")
    before = colours(browser, page.locator(MAP))
    page.locator(".legend li button").last.click()
    settled(page)
    assert "hide" in query(page)
    assert difference(before, colours(browser, page.locator(MAP))) > 0.005
    page.get_by_role("button", name="全部显示").click()
    settled(page)
    assert difference(before, colours(browser, page.locator(MAP))) < 0.005


def test_by_keyboard_alone(open_page: OpenPage, server: httpx.Client) -> None:
    page = open_page("/board?level=district")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the map, past everything
    page.keyboard.press("Enter")  # the area under the crosshair
    chosen = page.locator(".chosen")
    expect(chosen).to_be_visible()
    area = query(page)["selected"]
    only = chosen.get_by_role("button", name=re.compile("只看"))
    only.focus()
    page.keyboard.press("Enter")
    settled(page)
    assert query(page)["area"] == area
    expected = server.get("/counts", params={"by": "status", "area": area}).raise_for_status().json()["total"]
    assert figure(page.get_by_test_id("headline")) == expected

    page.get_by_role("button", name=re.compile("^渠道")).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    settled(page)
    first = query(page)["channel"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^渠道"))).to_be_focused()
    expected = server.get("/counts", params={"by": "status", "area": area, "channel": first}).json()["total"]
    assert figure(page.get_by_test_id("headline")) == expected

    page.get_by_test_id("headline").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("behind-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".behind")).to_have_count(0)


def test_nothing_found_offers_to_widen(open_page: OpenPage, server: httpx.Client) -> None:
    matters = server.get("/categories", params={"kind": "matter"}).json()["items"]
    never = next(item["code"] for item in matters if item["incidents"] == 0)
    page = open_page(f"/board?level=community&cat={never}&from=2026-01-01&to=2026-01-01")
    expect(page.get_by_text("这些筛选下没有结果")).to_be_visible()
    page.get_by_role("button", name="看全部时间").click()
    settled(page)
    assert query(page) == {"cat": never}
    page.locator(".notices").get_by_role("button", name="清除筛选").click()
    settled(page)
    assert figure(page.get_by_test_id("headline")) > 0


@pytest.mark.parametrize(
    ("locale", "scheme", "width", "sentence", "ranking"),
    [
        ("zh-CN", "dark", 1920, "件事件", "排名"),
        ("en-US", "light", 1280, "incidents", "Ranking"),
        ("en-US", "dark", 1920, "incidents", "Ranking"),
        ("zh-CN", "light", 390, "件事件", "排名"),
    ],
)
def test_both_languages_both_themes_every_width(
    open_page: OpenPage, locale: str, scheme: str, width: int, sentence: str, ranking: str
) -> None:
    page = open_page("/board", locale=locale, color_scheme=scheme, width=width, height=1080 if width > 400 else 844)
    expect(page.get_by_test_id("sentence")).to_contain_text(sentence)
    if width > 400:
        expect(page.get_by_role("complementary", name=ranking)).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
