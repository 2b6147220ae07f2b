"""Verbs of posts (岗位): appoint, end, see who is posted where.

Owns posts. Does not own what a post opens (`matrix`), nor where its area lies (`areas`, above). Appointing ends nothing
else: somebody may hold several posts at once and chooses one to act in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth import accounts
from gridgov.auth.queries import accounts as account_queries
from gridgov.auth.queries import posts as queries
from gridgov.auth.rules import Actor, Role
from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused

OF_AGENCIES = frozenset({Role.AGENCY_OFFICER, Role.AGENCY_HEAD})


class PostUnknown(NotFound):
    code = "post-unknown"


class PostHeld(Conflict):
    """The account has the same role in the same place at that time."""

    code = "post-held"


class OwnAppointment(Refused):
    """Somebody would give a post to themselves."""

    code = "own-appointment"


@dataclass(frozen=True, slots=True)
class NewPost:
    """One role in one place from `since` until `until` (None: open), in an area, an agency or the whole city."""

    role: Role
    since: datetime
    until: datetime | None = None
    area_id: int | None = None
    agency_id: int | None = None


def appoint(session: Session, actor: Actor, account_id: int, new: NewPost, *, now: datetime) -> int:
    """The id of the new post. Raises `BadInput`, `AccountUnknown`, `PostHeld`, `OwnAppointment`."""
    actor.require(accounts.PERMISSION)
    if actor.account_id == account_id:
        raise OwnAppointment("Nobody appoints themselves.", remedy="Ask another administrator.")
    _check(new)
    if account_queries.named(session, account_id) is None:
        raise accounts.unknown(account_id)
    somewhere = new.area_id is not None or new.agency_id is not None
    if somewhere and not queries.place_exists(session, area_id=new.area_id, agency_id=new.agency_id):
        field = "agency" if new.area_id is None else "area"
        raise BadInput("There is no such place.", field=field, remedy="Take an id of an area or agency of this city.")
    if queries.held(session, account_id, new.role, new.area_id, new.agency_id, new.since, new.until):
        raise PostHeld("The account holds this very post at that time.", remedy="End that one, or choose other dates.")
    return queries.add(
        session,
        account_id=account_id,
        role=new.role,
        area_id=new.area_id,
        agency_id=new.agency_id,
        since=new.since,
        until=new.until,
        by=actor.account_id,
        now=now,
    )


def end(session: Session, actor: Actor, post_id: int, *, account_id: int | None = None, now: datetime) -> None:
    """Over at once, in every session and for every token. `account_id`: whose it must be.

    Raises `PostUnknown`, `LastAdministrator`. Ending what has ended changes nothing.
    """
    actor.require(accounts.PERMISSION)
    row = queries.one(session, post_id, now)
    if row is None or account_id not in (None, row.account_id):
        raise PostUnknown(f"The account has no post {post_id}.", remedy="Look at the account's posts.")
    if row.role == Role.ADMINISTRATOR and row.in_force:
        accounts.keep_an_administrator(session, actor, row.account_id, now)
    queries.end(session, post_id, now)


def seen(
    session: Session,
    actor: Actor,
    *,
    areas: Iterable[int],
    ended: bool = False,
    after: int = 0,
    limit: int,
    now: datetime,
) -> list[Row[Any]]:
    """Posts in reach, by id: of the areas given and of the agencies within reach; of a stationed unit both."""
    actor.require("posts.read")
    reach = actor.reach_of("posts.read")
    return queries.within(
        session,
        city=reach.city,
        areas=areas,
        agencies=reach.agencies,
        ended=ended,
        after=after,
        limit=limit,
        now=now,
    )


def held_in(session: Session, area_ids: Iterable[int], at: datetime) -> list[Row[Any]]:
    """(id, account_id, role, area_id) of the posts in these areas that are in force at the instant or later."""
    return queries.in_areas(session, area_ids, at)


def counted(session: Session, role: Role, now: datetime) -> dict[int, int]:
    """How many posts of a role are in force in each area."""
    return {row.area_id: row.n for row in queries.counted(session, role, now)}


def roles_at(session: Session, area_ids: Iterable[int], at: datetime) -> dict[int, dict[Role, int]]:
    """How many posts of each role are in force in each of these areas at the instant; nothing of who holds them."""
    found: dict[int, dict[Role, int]] = {}
    for row in queries.roles_at(session, area_ids, at):
        found.setdefault(row.area_id, {})[Role(row.role)] = int(row.n)
    return found


def move(session: Session, post_id: int, area_id: int, at: datetime) -> None:
    """A post goes to the area that follows its own with a boundary plan; the platform does that, nobody else."""
    queries.move(session, post_id, area_id, at)


def area_of(session: Session, code: str, now: datetime) -> int:
    """The area in force with this code, or `level:code` where levels share one. Raises `BadInput`."""
    level, _, rest = code.rpartition(":")
    found = [row for row in queries.areas_by_code(session, rest, now) if level in ("", row.level)]
    if not found:
        raise BadInput(f"No area in force has the code “{code}”.", field="area", remedy="Take a code from the map.")
    if len(found) > 1:
        levels = ", ".join(f"{row.level}:{rest}" for row in found)
        raise BadInput(f"Several areas have the code “{code}”.", field="area", remedy=f"Write one of: {levels}.")
    return int(found[0].id)


def agency_of(session: Session, code: str) -> int:
    """The agency with this code. Raises `BadInput`."""
    found = queries.agency_by_code(session, code)
    if found is None:
        raise BadInput(f"There is no agency “{code}”.", field="agency", remedy="Take a code of the agencies file.")
    return found


def _check(new: NewPost) -> None:
    if new.role is Role.RESIDENT:
        raise BadInput("A resident needs no post.", field="role", remedy="Choose another role.")
    if new.area_id is not None and new.agency_id is not None:
        raise BadInput("A post is in an area or in an agency.", field="area", remedy="Give one of the two.")
    if (new.agency_id is not None) != (new.role in OF_AGENCIES):
        field = "area" if new.role in OF_AGENCIES else "agency"
        raise BadInput(
            "An agency's officers and heads are posted in an agency, all others in an area.",
            field=field,
            remedy="Give the other one.",
        )
    if new.until is not None and new.until <= new.since:
        raise BadInput("The post would end before it begins.", field="until", remedy="Give a later end.")
