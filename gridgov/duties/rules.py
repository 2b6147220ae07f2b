"""Duties in words and values: management classes, bodies, items. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
class Item:
    """One line of a duty list. `category`: a code, a prefix ending in `*`, or `*`; `area_id` None: the whole city."""

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
