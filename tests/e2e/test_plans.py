"""A plan from its first name to boundaries in force, and back: two persons, a proposal ended, a roll-back, a file, a
comparison. Each story has a demo city of its own, and the database is read after it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build
from gridgov.platform.cluster import Cluster
from tests.conftest import CITY, cloned, live
from tests.e2e.conftest import Appoint, OpenPage
from tests.e2e.drawing import client_of
from tests.e2e.plans import COMMUNITY, GRID_COLUMNS
from tests.people import Person, appoint

pytestmark = pytest.mark.browser
READY = '.map-canvas[aria-busy="false"]'


@pytest.fixture
def town(cluster: Cluster, demo_template: str, tmp_path: Path) -> Iterator[House]:
    """A demo city of this story's own: boundaries change."""
    with cloned(cluster, demo_template) as url:
        made = build(url, CITY, tmp_path)
        yield made
        made.close()


@pytest.fixture
def base(town: House) -> Iterator[str]:
    with live(town) as address:
        yield address


@pytest.fixture
def people(town: House) -> Appoint:
    """Somebody in this city, once for each role."""
    known: dict[Role, Person] = {}

    def found(role: Role, **where: str | None) -> Person:
        if where:
            return appoint(town, role, **where)  # type: ignore[arg-type]  # names of places
        return known.setdefault(role, appoint(town, role)) if role not in known else known[role]

    return found


@dataclass(frozen=True)
class Desk:
    """The API and the database of the city, beside its pages."""

    house: House
    api: httpx.Client

    def rows(self, sql: str, **values: object) -> list[Any]:
        with self.house.db.transaction() as session:
            return list(session.execute(text(sql), values).all())

    def one(self, sql: str, **values: object) -> Any:
        ((found,),) = self.rows(sql, **values)
        return found

    def community(self, code: str = COMMUNITY) -> int:
        return int(self.api.get("/areas", params={"level": "community", "code": code}).json()["items"][0]["id"])

    def grids(self, at: datetime | None = None) -> dict[int, str]:
        """Id and code of the community's grids, now or at an instant, as the API says them."""
        asked: dict[str, Any] = {"parent": self.community(), "level": "grid"}
        if at is not None:
            asked["at"] = at.isoformat()
        return {one["id"]: one["code"] for one in self.api.get("/areas", params=asked).json()["items"]}

    def plan(self, *codes: str, name: str = "网格调整") -> int:
        """A draft with these communities, their ground made first."""
        ids = [self.community(one) for one in codes]
        for one in ids:
            self.api.post("/plans/bases", json={"community_id": one}).raise_for_status()
        made = self.api.post("/plans", json={"name": name, "communities": ids}).raise_for_status()
        return int(made.json()["id"])

    def parts(self, plan: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"/plans/{plan}/parts").json()["items"]
        return found

    def merged(self, name: str = "合并两个网格") -> int:
        """A draft in which two neighbours of the community have become one grid."""
        plan = self.plan(COMMUNITY, name=name)
        (part,) = self.parts(plan)
        board = self.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()
        edges = self.api.get(f"/plans/bases/{part['basis_id']}/edges").json()
        assigned = board["assignment"]
        pairs = zip(edges["a"], edges["b"], strict=True)
        one, other = next((assigned[a], assigned[b]) for a, b in pairs if assigned[a] != assigned[b])
        asked = {"revision": 0, "operations": [{"kind": "merge", "payload": {"grids": [one, other]}}]}
        self.api.post(f"/plans/{plan}/parts/{part['id']}/operations", json=asked).raise_for_status()
        return plan

    def state(self, plan: int) -> str:
        return str(self.one("select state from planning_plan where id = :id", id=plan))


@pytest.fixture
def planner(people: Appoint) -> Person:
    return people(Role.PLANNER)


@pytest.fixture
def desk(town: House, base: str, planner: Person) -> Iterator[Desk]:
    with client_of(base, planner) as client:
        yield Desk(town, client)


OpenPlan = Callable[..., Page]


@pytest.fixture
def open_plan(open_page: OpenPage, planner: Person) -> OpenPlan:
    """A page of plans, its maps drawn."""

    def opened(query: str = "", *, person: Person | None = None, **context: Any) -> Page:
        page = open_page(f"/plan{query}", ready=False, person=person or planner, **context)
        page.wait_for_selector(READY)
        return page

    return opened


def plan_of(page: Page) -> int:
    page.wait_for_url(re.compile(r"[?&]plan=\d+"))
    found = re.search(r"[?&]plan=(\d+)", page.url)
    assert found is not None
    return int(found[1])


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def submit(page: Page) -> None:
    tab(page, "送审")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator('.plan-head [data-state="review"]')).to_be_visible()


def approve(page: Page) -> None:
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.locator('.plan-head [data-state="effective"]')).to_be_visible()


def test_a_community_is_redrawn_and_published_by_two_persons(
    desk: Desk, open_plan: OpenPlan, people: Appoint, planner: Person
) -> None:
    before = desk.grids()
    began = datetime.now(UTC)
    workers = [appoint(desk.house, Role.GRID_WORKER, area=code) for code in before.values()]

    page = open_plan()
    page.get_by_role("button", name="新建方案").click()
    page.get_by_label("方案名称").fill("春晖社区合并小网格")
    page.get_by_label("每个网格的目标户数").fill("600")
    page.get_by_label("春晖社区").check()
    page.get_by_role("button", name="新建", exact=True).click()
    plan = plan_of(page)
    assert desk.one("select created_by from planning_plan where id = :id", id=plan) == planner.account_id

    tab(page, "建议")
    page.get_by_role("button", name="开始划分").click()
    expect(page.locator('.job[data-state="done"]')).to_have_count(1)
    (part,) = desk.parts(plan)
    assert part["revision"] == 1, "a proposal is one step"

    tab(page, "影响")
    moved = int(page.get_by_test_id("moved-cases").inner_text().split()[0].replace(",", ""))
    assert moved == next(
        one["moved"] for one in desk.api.get(f"/plans/{plan}/preview").json()["moves"] if one["noun"] == "cases"
    )
    assert moved > 0

    submit(page)
    assert desk.state(plan) == "review"
    expect(page.get_by_text("须由另一位有权限的人决定")).to_be_visible()
    expect(page.get_by_role("button", name="批准", exact=True)).to_have_count(0)

    second = open_plan(f"?plan={plan}&show=publish", person=people(Role.DISTRICT_SUPERVISOR))
    second.get_by_role("button", name="退回").click()
    expect(second.get_by_text("请说明退回的原因")).to_be_visible()
    assert desk.state(plan) == "review", "a no without a reason is none"
    second.get_by_label("意见").fill("同意，按方案执行")
    approve(second)
    expect(page.locator('.plan-head [data-state="effective"]')).to_be_visible()  # whoever waits hears of it

    after = desk.grids()
    ended = set(before) - set(after)
    assert ended, "grids of 300 households became grids of 600"
    assert desk.state(plan) == "effective"
    rehomed = "select count(distinct case_id) from cases_event where action = 'rehome'"
    assert desk.one(rehomed) == moved
    astray = desk.rows(
        "select i.id from cases c join incidents i on i.id = c.id where c.ended_at is null and c.grid_id = any(:ended)",
        ended=sorted(ended),
    )
    assert astray == [], "no open case is left in a grid that has ended"
    elsewhere = desk.rows(
        "select i.id from cases c join incidents i on i.id = c.id "
        "join areas_version v on v.area_id = c.grid_id and upper_inf(v.valid) "
        "where c.ended_at is null and c.grid_id = any(:now) and not st_dwithin(v.geom, i.geom, 1e-6)",
        now=sorted(after),
    )
    assert elsewhere == [], "each lies in the grid that has it"
    for worker, grid in zip(workers, before, strict=True):
        held = desk.rows(
            "select area_id from auth_post where account_id = :who and upper_inf(valid)", who=worker.account_id
        )
        assert len(held) == 1
        assert held[0].area_id in after
        assert (held[0].area_id == grid) == (grid not in ended), "whose grid ended went to the one that follows"

    assert desk.grids(began) == before, "what was in force then is answered as it was"
    assert desk.grids() != before
    page.get_by_role("button", name="全部方案").click()
    line = page.get_by_role("region", name="边界沿革")
    expect(line.locator('[data-standing="now"]')).to_contain_text("春晖社区合并小网格")


def test_a_no_says_why_and_the_plan_is_a_draft_again(desk: Desk, open_plan: OpenPlan, people: Appoint) -> None:
    plan = desk.merged()
    page = open_plan(f"?plan={plan}&show=publish")
    page.get_by_label("到指定时间生效").check()
    page.get_by_label("生效时间").fill("2020-01-01T08:00")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.get_by_text("请选择将来的时间")).to_be_visible()
    assert desk.state(plan) == "draft"
    page.get_by_label("生效时间").fill("2199-01-01T08:00")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator('.plan-head [data-state="review"]')).to_be_visible()
    wanted = desk.one("select wanted_from from planning_plan where id = :id", id=plan)
    assert wanted == datetime(2199, 1, 1, tzinfo=UTC), "08:00 by the city's clock"

    second = open_plan(f"?plan={plan}&show=publish", person=people(Role.DISTRICT_SUPERVISOR))
    second.get_by_label("意见").fill("第3网格过大，请重新划分")
    second.get_by_role("button", name="退回").click()
    expect(second.locator('.plan-head [data-state="draft"]')).to_be_visible()
    expect(page.get_by_text("第3网格过大，请重新划分")).to_be_visible()
    assert desk.state(plan) == "draft"
    assert desk.one("select count(*) from planning_activation") == 0


def test_what_was_dropped_is_taken_up_again(desk: Desk, open_plan: OpenPlan) -> None:
    plan = desk.merged()
    (part,) = desk.parts(plan)
    page = open_plan(f"?plan={plan}")
    page.get_by_role("button", name="作废").click()
    expect(page.locator('.plan-head [data-state="dropped"]')).to_be_visible()
    assert desk.state(plan) == "dropped"
    page.get_by_role("button", name="恢复为草案").click()
    expect(page.locator('.plan-head [data-state="draft"]')).to_be_visible()
    assert desk.state(plan) == "draft"
    assert desk.parts(plan) == [part], "as it was drawn"
    expect(page.get_by_role("button", name="恢复为草案")).to_have_count(0)


def test_a_proposal_is_ended_in_the_middle(desk: Desk, open_plan: OpenPlan) -> None:
    found = desk.api.get("/areas", params={"level": "community", "limit": 100}).json()["items"]
    plan = desk.plan(*(one["code"] for one in found))  # the whole city: five are done between two looks
    before = {part["id"]: part["digest"] for part in desk.parts(plan)}
    page = open_plan(f"?plan={plan}&show=propose")
    page.get_by_text("更多设置").click()
    page.get_by_text("充分").click()
    page.get_by_role("button", name="开始划分").click()
    job = page.locator(".job")
    expect(job).to_have_attribute("data-state", "running")
    job.get_by_role("button", name="取消任务").click()
    expect(job).to_have_attribute("data-state", "cancelled")
    drawn = {row.community_id for row in desk.rows("select community_id from planning_job_part where state = 'drawn'")}
    parts = desk.parts(plan)
    assert len(drawn) < len(parts), "it was ended before all were done"
    for part in parts:
        changed = part["digest"] != before[part["id"]]
        assert changed == (part["community_id"] in drawn), "the one at work is as it was"
    assert desk.one("select state from planning_job where plan_id = :id", id=plan) == "cancelled"


def test_a_proposal_for_chosen_grids_and_its_undo(desk: Desk, open_plan: OpenPlan) -> None:
    plan = desk.plan(COMMUNITY)
    (part,) = desk.parts(plan)
    held = desk.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()["assignment"]
    edges = desk.api.get(f"/plans/bases/{part['basis_id']}/edges").json()
    touching = {(held[a], held[b]) for a, b in zip(edges["a"], edges["b"], strict=True)}
    middle = held[0]
    chosen = {middle} | {b for a, b in touching if a == middle} | {a for a, b in touching if b == middle}
    assert len(chosen) < len(set(held)), "others are left to stay as they are"
    numbers = ".".join(map(str, sorted(chosen)))
    page = open_plan(f"?plan={plan}&show=propose&part={part['id']}&grids={numbers}")
    expect(page.get_by_text(f"{len(chosen)} 个网格，其余不变")).to_be_visible()
    page.get_by_text("更多设置").click()
    page.get_by_label("随机种子").fill("11")
    page.get_by_role("button", name="开始划分").click()
    expect(page.locator('.job[data-state="done"]')).to_be_visible()
    drawn = desk.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()["assignment"]
    assert all(was == now for was, now in zip(held, drawn, strict=True) if was not in chosen)
    assert drawn != held
    page.get_by_role("button", name=re.compile("^撤销 .* 的划分$")).click()
    expect(page.get_by_role("button", name=re.compile("^撤销 .* 的划分$"))).to_have_count(0)
    assert desk.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()["assignment"] == held
    tab(page, "记录")
    expect(page.locator(".log li")).to_have_count(2)
    expect(page.locator(".log li").first).to_contain_text("撤销第 1 步")


def test_a_plan_is_rolled_back(desk: Desk, open_plan: OpenPlan, people: Appoint) -> None:
    before = desk.grids()
    supervisor = people(Role.DISTRICT_SUPERVISOR)
    plan = desk.merged("先合并")
    submit(open_plan(f"?plan={plan}"))
    approve(open_plan(f"?plan={plan}&show=publish", person=supervisor))
    assert desk.grids() != before

    page = open_plan(f"?plan={plan}&show=publish")
    page.get_by_role("button", name="恢复以前的边界").click()
    expect(page.get_by_text("本方案恢复").first).to_be_visible()
    back = plan_of(page)
    assert back != plan
    tab(page, "比较")
    expect(page.get_by_text("自身没有绘制")).to_be_visible()
    expect(page.locator('.grid-table [data-fate="new"]')).to_have_count(1)
    page.get_by_role("button", name="与“先合并”比较").click()
    page.wait_for_url(re.compile(f"with={plan}"))
    page.wait_for_selector(READY)
    expect(page.locator('.grid-table [data-fate="new"]')).to_have_count(1)
    submit(page)
    approve(open_plan(f"?plan={back}&show=publish", person=supervisor))
    assert desk.grids() == before, "the same areas under their own ids and codes"
    assert desk.state(plan) == "retired"
    assert desk.one("select count(*) from planning_activation") == 2


def test_a_file_is_looked_at_and_then_taken(desk: Desk, open_plan: OpenPlan, tmp_path: Path) -> None:
    plan = desk.plan(COMMUNITY)
    (part,) = desk.parts(plan)
    exported = desk.api.get(f"/plans/{plan}/file", params={"format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(exported)))
    edges = desk.api.get(f"/plans/bases/{part['basis_id']}/edges").json()
    held = desk.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()
    assigned, households = held["assignment"], held["households"]
    pairs = zip(edges["a"], edges["b"], strict=True)
    atom, other = next((a, b) for a, b in pairs if assigned[a] != assigned[b] and households[a] > 0)
    ground = desk.api.get(f"/plans/bases/{part['basis_id']}/atoms").json()["features"]
    by_key = {row["atom"]: row for row in rows}
    line, goal = (by_key[ground[one]["properties"]["key"]] for one in (atom, other))
    line.update({name: goal[name] for name in goal if name in GRID_COLUMNS or name.startswith("name_")})
    sent = io.StringIO()
    writer = csv.DictWriter(sent, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = tmp_path / "redrawn.csv"
    file.write_text(sent.getvalue(), encoding="utf-8")

    page = open_plan(f"?plan={plan}&show=files")
    page.get_by_label("选择文件").set_input_files(file)
    page.get_by_role("button", name="查看会改变什么").click()
    effect = page.get_by_test_id("file-effect")
    expect(effect).to_contain_text(f"{households[atom]} 户更换网格，1 个地块")
    assert desk.parts(plan)[0]["revision"] == 0, "nothing is kept of a look"
    page.get_by_role("button", name="采用").click()
    expect(page.get_by_text("作为一步操作记入")).to_be_visible()
    after = desk.api.get(f"/plans/{plan}/parts/{part['id']}/board").json()["assignment"]
    assert [no for no, (was, now) in enumerate(zip(assigned, after, strict=True)) if was != now] == [atom]
    assert after[atom] == assigned[other]
    assert desk.parts(plan)[0]["revision"] == 1

    page.get_by_label("选择文件").set_input_files(file)
    page.get_by_role("button", name="查看会改变什么").click()
    expect(effect).to_contain_text("与现在的图幅完全相同")
    expect(page.get_by_role("button", name="采用")).to_be_disabled()


def test_two_plans_beside_each_other(desk: Desk, open_plan: OpenPlan) -> None:
    plan = desk.merged()
    told = desk.api.get(f"/plans/{plan}/compare/in-force", params={"turned": True}).json()
    assert told["households_moved"] > 0
    page = open_plan(f"?plan={plan}&show=compare")
    expect(page.get_by_test_id("compared-moved")).to_contain_text(f"{told['households_moved']:,} 户")
    expect(page.get_by_test_id("compared-cases")).to_have_text(f"{told['cases_moved']:,}")
    gone = page.locator('.grid-table [data-fate="ended"]')
    expect(gone).to_have_count(told["fates"]["ended"])

    page.get_by_text("两张图并排").click()
    expect(page.locator(READY)).to_have_count(2)
    assert "both=1" in page.url
    other = page.locator(".plan-two > .plan-map").first
    was = other.screenshot()
    page.locator(".plan-two > .plan-map").last.get_by_role("button", name="放大").click()
    expect(page.locator(READY)).to_have_count(2)
    page.wait_for_timeout(500)
    assert other.screenshot() != was, "both move together"
    page.go_back()
    expect(page.locator(".map-canvas")).to_have_count(1)

    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载为网页").click()
    assert waiting.value.suggested_filename == f"plan-{plan}-in-force.html"

    copy = desk.api.post("/plans", json={"name": "另一稿", "copy_of": plan}).json()["id"]
    page = open_plan(f"?plan={copy}&show=compare&with={plan}")
    expect(page.get_by_text("两者完全相同")).to_be_visible()


def test_who_may_not_draw_is_offered_nothing_to_draw_with(desk: Desk, open_plan: OpenPlan, people: Appoint) -> None:
    plan = desk.plan(COMMUNITY)
    reader = open_plan(f"?plan={plan}", person=people(Role.CENTRE_OPERATOR))
    expect(reader.locator("tr[data-part]")).to_have_count(1)
    for name in ("添加社区", "作废", "复制为新方案"):
        expect(reader.get_by_role("button", name=name)).to_have_count(0)
    expect(reader.get_by_role("tab", name="比较")).to_have_count(0)
    reader.get_by_role("tab", name="送审").click()
    expect(reader.get_by_role("button", name="送审", exact=True)).to_have_count(0)
    elsewhere = appoint(desk.house, Role.PLANNER, area="349903")
    other = open_plan("?new=1", person=elsewhere)
    expect(other.get_by_label("方案名称")).to_be_visible()
    expect(other.get_by_label("春晖社区")).to_have_count(0)
    expect(other.locator(".picker-list li").first).to_be_visible()
