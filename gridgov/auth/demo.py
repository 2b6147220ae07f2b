"""The accounts of the demo city: one for each role, one with two posts, one in a stationed unit, one for a machine.

Owns who they are and the password that all of them share. Does not own where they are posted: that needs the city
(`interop.demopeople`). They exist in a city that says it is a demo and open nothing in any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gridgov.auth.rules import Role

PASSWORD = "gridgov-demo-2026"  # noqa: S105  # shown on the sign-in page of the demo, to everybody


class Where(StrEnum):
    """Places of the demo city, below one another: a district, a sub-district in it, a community, a grid; and the
    management bureau with the squadron that it stations in the sub-district."""

    CITY = "city"
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    GRID = "grid"
    BUREAU = "bureau"
    SQUADRON = "squadron"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account with its posts. One for a machine signs in nowhere."""

    name: str
    title: str
    posts: tuple[tuple[Role, Where], ...]

    @property
    def machine(self) -> bool:
        return any(role is Role.MACHINE for role, _ in self.posts)


def _one(name: str, title: str, role: Role, where: Where) -> DemoAccount:
    return DemoAccount(name, title, ((role, where),))


ACCOUNTS: tuple[DemoAccount, ...] = (
    _one("grid-worker", "网格员", Role.GRID_WORKER, Where.GRID),
    _one("community-officer", "社区工作者", Role.COMMUNITY_OFFICER, Where.COMMUNITY),
    _one("centre-operator", "网格中心坐席", Role.CENTRE_OPERATOR, Where.CITY),
    _one("subdistrict-leader", "街道负责人", Role.SUBDISTRICT_LEADER, Where.SUBDISTRICT),
    _one("agency-officer", "城管局经办人", Role.AGENCY_OFFICER, Where.BUREAU),
    _one("stationed-officer", "派驻中队队员", Role.AGENCY_OFFICER, Where.SQUADRON),
    _one("agency-head", "城管局负责人", Role.AGENCY_HEAD, Where.BUREAU),
    _one("district-supervisor", "区级督查", Role.DISTRICT_SUPERVISOR, Where.DISTRICT),
    _one("planner", "网格规划员", Role.PLANNER, Where.CITY),
    _one("deputy", "人大代表", Role.DEPUTY, Where.SUBDISTRICT),
    _one("auditor", "审计员", Role.AUDITOR, Where.CITY),
    _one("administrator", "系统管理员", Role.ADMINISTRATOR, Where.CITY),
    DemoAccount(
        "two-posts",
        "社区工作者兼网格员",
        ((Role.COMMUNITY_OFFICER, Where.COMMUNITY), (Role.GRID_WORKER, Where.GRID)),
    ),
    _one("hotline-machine", "热线接口", Role.MACHINE, Where.CITY),
)
MACHINE_PERMISSIONS = ("incidents.report", "incidents.read", "cases.read", "density.read")
