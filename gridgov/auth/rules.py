"""Who somebody is, and what that opens: roles, permissions, reach, actor. Pure.

A request acts under one post (岗位): one role in one place. Somebody with several posts chooses; what was done is
recorded with the post it was done in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gridgov.platform.errors import Refused, Unauthenticated


class Role(StrEnum):
    """What a post is for. `resident` is also whoever has not signed in."""

    GRID_WORKER = "grid_worker"
    COMMUNITY_OFFICER = "community_officer"
    CENTRE_OPERATOR = "centre_operator"
    SUBDISTRICT_LEADER = "subdistrict_leader"
    AGENCY_OFFICER = "agency_officer"
    AGENCY_HEAD = "agency_head"
    DISTRICT_SUPERVISOR = "district_supervisor"
    PLANNER = "planner"
    DEPUTY = "deputy"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    MACHINE = "machine"
    RESIDENT = "resident"


ROLE_NAMES: Mapping[Role, Mapping[str, str]] = {
    Role.GRID_WORKER: {"zh": "网格员", "en": "grid worker"},
    Role.COMMUNITY_OFFICER: {"zh": "社区工作者", "en": "community officer"},
    Role.CENTRE_OPERATOR: {"zh": "网格化服务管理中心坐席", "en": "centre operator"},
    Role.SUBDISTRICT_LEADER: {"zh": "街道负责人", "en": "sub-district leader"},
    Role.AGENCY_OFFICER: {"zh": "部门经办人", "en": "agency officer"},
    Role.AGENCY_HEAD: {"zh": "部门负责人", "en": "agency head"},
    Role.DISTRICT_SUPERVISOR: {"zh": "区级督查", "en": "district supervisor"},
    Role.PLANNER: {"zh": "网格规划员", "en": "planner"},
    Role.DEPUTY: {"zh": "人大代表", "en": "deputy"},
    Role.AUDITOR: {"zh": "审计员", "en": "auditor"},
    Role.ADMINISTRATOR: {"zh": "系统管理员", "en": "administrator"},
    Role.MACHINE: {"zh": "系统接口", "en": "machine"},
    Role.RESIDENT: {"zh": "居民", "en": "resident"},
}


# Who makes up the office of an area: those who receive what is addressed to the area itself.
OFFICE = "office"
OFFICE_ROLES = frozenset(
    {
        Role.GRID_WORKER,
        Role.COMMUNITY_OFFICER,
        Role.SUBDISTRICT_LEADER,
        Role.CENTRE_OPERATOR,
        Role.DISTRICT_SUPERVISOR,
    }
)


class ScopeKind(StrEnum):
    """How far a permission of a role goes.

    city: everywhere. area: the post's area and what lies below. stationed: the same, and the matters of units
    stationed there (条块结合). agency: the matters of the post's agency and of those under it. receipt: the one
    incident whose number and secret were shown. own: what belongs to the account itself.
    """

    CITY = "city"
    AREA = "area"
    STATIONED = "stationed"
    AGENCY = "agency"
    RECEIPT = "receipt"
    OWN = "own"


class NotYours(Refused):
    """The role has no such permission."""

    code = "not-permitted"


class NotSignedIn(Unauthenticated):
    """What was asked needs an account."""

    code = "not-signed-in"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which part of the city a post reaches, as ids of areas and agencies in force now.

    `units`: whole units (`unit_id`); `places`: grids, and communities below a sub-district (`grid_id`, or `area_id`
    where no grid is); `agencies`: bodies whose matters it may see. Nothing at all: the post reaches nothing.
    """

    city: bool = False
    units: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    agencies: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.city or self.units or self.places or self.agencies)


NOWHERE = Reach()
EVERYWHERE = Reach(city=True)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do with one permission: how far, and with which fields."""

    scope: ScopeKind
    fields: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a transaction, in which post, with what.

    `lost`: the post's area or agency is no longer in force, so that the post reaches nothing until it is appointed
    anew. `narrowed`: permissions a token is limited to; None for people.
    """

    role: Role
    account_id: int | None = None
    account: str = ""
    post_id: int | None = None
    session_id: int | None = None
    token_id: int | None = None
    area_id: int | None = None
    agency_id: int | None = None
    reach: Reach = NOWHERE
    lost: bool = False
    narrowed: frozenset[str] | None = None
    grants: Mapping[str, Grant] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def bodies(self) -> tuple[str, ...]:
        """The names under which news reaches this post: its account, its agency, its role in its area (0: the whole
        city)."""
        found = [] if self.account_id is None else [f"account:{self.account_id}"]
        if self.agency_id is not None:
            found += [f"agency:{self.agency_id}", f"agency:{self.agency_id}:{self.role}"]
        elif self.post_id is not None:
            found.append(f"area:{self.area_id or 0}:{self.role}")
            if self.role in OFFICE_ROLES:
                found.append(f"area:{self.area_id or 0}:{OFFICE}")
        return tuple(found)

    def may(self, permission: str) -> bool:
        """Whether the role, and the token if there is one, has the permission."""
        return permission in self.grants and (self.narrowed is None or permission in self.narrowed)

    def require(self, permission: str) -> Grant:
        """The grant. Raises `NotSignedIn` or `NotYours`."""
        if self.may(permission):
            return self.grants[permission]
        if not self.signed_in:
            raise NotSignedIn("This needs an account.", remedy="Sign in, then try again.")
        raise NotYours(
            f"A {ROLE_NAMES[self.role]['en']} ({ROLE_NAMES[self.role]['zh']}) may not do this ({permission}).",
            remedy="Change to another post if you hold one, or ask an administrator.",
            permission=permission,
        )

    def reach_of(self, permission: str) -> Reach:
        """How far this permission goes for this actor; nowhere without it."""
        if not self.may(permission):
            return NOWHERE
        return scoped(self.reach, self.grants[permission].scope)


def scoped(reach: Reach, scope: ScopeKind) -> Reach:
    """The part of a post's reach that a scope leaves."""
    if scope is ScopeKind.CITY:
        return EVERYWHERE
    if scope is ScopeKind.AREA:
        return Reach(city=reach.city, units=reach.units, places=reach.places)
    if scope is ScopeKind.STATIONED:
        return reach
    if scope is ScopeKind.AGENCY:
        return Reach(agencies=reach.agencies)
    return NOWHERE
