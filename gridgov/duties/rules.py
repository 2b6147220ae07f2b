"""Duties in words and values: kinds of list, management classes, bodies, items. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gridgov.platform.calendars import Limit
from gridgov.platform.errors import BadInput


class ListKind(StrEnum):
    """What a duty list is a list of (domain A50-A52): 权力, 公共服务, 职责任务, 属地管理; and what rulings (A43) and
    admissions (A53) have added."""

    POWERS = "powers"
    PUBLIC_SERVICES = "public_services"
    TASKS = "tasks"
    TERRITORIAL = "territorial"
    PRECEDENTS = "precedents"
    ADMITTED = "admitted"


KIND_WORDS: Mapping[ListKind, Mapping[str, str]] = {
    ListKind.POWERS: {"zh": "权力事项", "en": "powers"},
    ListKind.PUBLIC_SERVICES: {"zh": "公共服务事项", "en": "public services"},
    ListKind.TASKS: {"zh": "职责任务", "en": "tasks"},
    ListKind.TERRITORIAL: {"zh": "属地管理", "en": "territorial duties"},
    ListKind.PRECEDENTS: {"zh": "裁定先例", "en": "precedents"},
    ListKind.ADMITTED: {"zh": "准入事项", "en": "admitted duties"},
}
# Lists that grow by a ruling or a decision, item by item, and are never drafted.
GROWN = frozenset({ListKind.PRECEDENTS, ListKind.ADMITTED})
# The tiers at which a matter can be solved, lowest first (小事不出格、大事不出村).
LEVELS = ("grid", "community", "subdistrict", "district")
# Offices that an item can name instead of an agency; `unit`: the sub-district, or the community where there is none.
OFFICES = frozenset({"unit", *LEVELS})


class ManagementClass(StrEnum):
    """Who carries the first responsibility (domain A56): 综合 the sub-district, 专业 the department, 协助 both."""

    COMPREHENSIVE = "comprehensive"
    PROFESSIONAL = "professional"
    ASSISTING = "assisting"


CLASS_WORDS: Mapping[ManagementClass, Mapping[str, str]] = {
    ManagementClass.COMPREHENSIVE: {"zh": "综合管理", "en": "comprehensive management"},
    ManagementClass.PROFESSIONAL: {"zh": "专业管理", "en": "professional management"},
    ManagementClass.ASSISTING: {"zh": "协助管理", "en": "assisting management"},
}


class Nearest(StrEnum):
    """How the nearest site is measured."""

    ROAD = "road"
    STRAIGHT = "straight"


@dataclass(frozen=True, slots=True)
class Agency:
    """A body that answers for matters: bureau, branch, station, utility."""

    id: int
    code: str
    names: Mapping[str, str]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A responsible body of an item: an agency, or the office of the area of a level where the point lies."""

    agency: Agency | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Where power can be abused (廉政风险点): what it is, and whether acting on it needs one more approval.

    Its text fits into a list of them in one cell: no line break, no semicolon, no "!" in front. Raises `BadInput`.
    """

    text: str
    approval: bool = True

    def __post_init__(self) -> None:
        if (
            not self.text
            or self.text != self.text.strip()
            or self.text.startswith("!")
            or set(self.text) & set(";；\n\r")
        ):
            raise BadInput(
                f"“{self.text}” cannot stand in a list of risk points.",
                field="risk_points",
                remedy="Write it without line breaks and semicolons, and without “!” in front.",
            )


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a duty list. `category`: a code, a prefix ending in `*`, or `*`; `area_id` None: the whole city.

    `level`: the tier at which the matter is to be solved; `limit` None: none, or `time_limit` is no limit that a clock
    can run on; `payer`: who pays for it, the department where the management class is 协助; `expires_at`: until when it
    holds, whatever the list does.
    """

    id: int
    code: str
    category: str
    area_id: int | None
    management_class: ManagementClass
    lead: Body
    supporting: tuple[Body, ...]
    served_from_sites: bool
    nearest: Nearest | None
    basis: str | None
    list_name: str
    list_version: int
    list_kind: ListKind = ListKind.TERRITORIAL
    level: str | None = None
    time_limit: str | None = None
    limit: Limit | None = None
    payer: Agency | None = None
    opening: str | None = None
    closing: str | None = None
    risk_points: tuple[RiskPoint, ...] = ()
    admission_id: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewItem:
    """One line of a duty list, before it has an id. `lead` and `supporting` are agency codes or "@unit", "@community",
    …; a lead "" is one that a draft does not name yet. `payer`: the code of an agency. `area_id` None: the whole city.
    """

    code: str
    category: str
    lead: str
    management_class: ManagementClass
    supporting: tuple[str, ...] = ()
    area_id: int | None = None
    served_from_sites: bool = False
    nearest: Nearest | None = None
    basis: str | None = None
    time_limit: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    level: str | None = None
    payer: str | None = None
    opening: str | None = None
    closing: str | None = None
    risk_points: tuple[RiskPoint, ...] = ()
    admission_id: int | None = None
    expires_at: datetime | None = None


def limit_of(text: str | None) -> Limit | None:
    """The limit that a text is; None for none and for words that no clock can run on."""
    try:
        return Limit.parse(text) if text else None
    except BadInput:
        return None


@dataclass(frozen=True, slots=True)
class Category:
    """A matter of the city's catalogue."""

    id: int
    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """Where an agency works from."""

    id: int
    agency_id: int
    names: Mapping[str, str]
    address: str | None
    lon: float
    lat: float
