"""The people of the demo city in their posts, made after it is loaded and completed wherever something is missing.

Owns where they are posted. Does not own who they are (`auth.demo`). A demo of an earlier release gets them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.auth import accounts, posts, tokens
from gridgov.auth.accounts import OWNER, AccountUnknown
from gridgov.auth.demo import ACCOUNTS, MACHINE_PERMISSIONS, PASSWORD, DemoAccount, Where
from gridgov.auth.posts import NewPost, PostHeld
from gridgov.auth.rules import Role
from gridgov.duties import service as duties
from gridgov.interop.democity import stationed
from gridgov.platform.db import Database
from gridgov.platform.errors import Conflict

MOST = 1_000  # accounts of a demo
TOKEN_FILE = "demo-token"  # noqa: S105  # the name of a file
Places = Mapping[Where, tuple[int | None, int | None]]  # area, agency; neither is the whole city


class House(Protocol):
    """What this needs of the house of the city."""

    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...


class NoDemo(Conflict):
    """Accounts that everybody can sign in to belong into a demo and nowhere else."""

    code = "no-demo"


def settle(house: House, *, now: datetime) -> int:
    """Makes the accounts and posts that are not there; how many accounts are new. Raises `NoDemo`."""
    with house.db.transaction() as session:
        if not areas.city(session).demo:
            raise NoDemo("This city is no demo.", remedy="Open accounts with: gridgov users add NAME")
        places = _places(session, house.locator.index(session, now))
        return sum(_settled(session, one, places, now) for one in ACCOUNTS)


def colleagues(house: House, *, now: datetime) -> int:
    """Makes an officer and a head of every agency, a leader of every unit and a supervisor of every district, where
    nobody is posted; how many. They act in the case files of the demo, and sign in nowhere: they have no password."""
    with house.db.transaction() as session:
        index = house.locator.index(session, now)
        wanted: list[tuple[str, str, Role, int | None, int | None]] = []
        for code, body_id in sorted(duties.agency_ids(session).items()):
            wanted.append((f"officer-{code}", "经办人", Role.AGENCY_OFFICER, None, body_id))
            wanted.append((f"head-{code}", "负责人", Role.AGENCY_HEAD, None, body_id))
        for area in sorted(index.areas, key=lambda one: one.code):
            unit = unit_of(index.path_of(area.id))
            if area.level is Level.DISTRICT:
                wanted.append((f"supervisor-{area.code}", "区级督查", Role.DISTRICT_SUPERVISOR, area.id, None))
            elif unit is not None and unit.id == area.id:
                role = Role.SUBDISTRICT_LEADER if area.level is Level.SUBDISTRICT else Role.COMMUNITY_OFFICER
                wanted.append((f"leader-{area.code}", "街道或社区负责人", role, area.id, None))
        taken = _seats(session, now)
        made = [one for one in wanted if one[2:] not in taken]
        for name, title, role, area_id, agency_id in made:
            opened = accounts.open_account(session, OWNER, name=name, title=title, with_password=False, now=now)
            new_post = NewPost(role=role, since=now, area_id=area_id, agency_id=agency_id)
            posts.appoint(session, OWNER, opened.account_id, new_post, now=now)
        return len(made)


def seats(house: House, *, now: datetime) -> dict[tuple[Role, int | None, int | None], tuple[int, int]]:
    """(role, area, agency) -> (account, post) of who is posted there now, by the first name."""
    with house.db.transaction() as session:
        return _seats(session, now)


def _seats(session: Session, now: datetime) -> dict[tuple[Role, int | None, int | None], tuple[int, int]]:
    found: dict[tuple[Role, int | None, int | None], tuple[int, int]] = {}
    for account in accounts.page(session, OWNER, limit=MOST, now=now):
        for post in account.posts:
            if post.in_force:
                found.setdefault((Role(post.role), post.area_id, post.agency_id), (account.row.id, post.id))
    return found


def machine_token(house: House, home: Path, *, now: datetime) -> Path:
    """The file with the token of the demo's machine (mode 0600), made anew where it is not there."""
    path = home / TOKEN_FILE
    if path.exists():
        return path
    name = next(one.name for one in ACCOUNTS if one.machine)
    with house.db.transaction() as session:
        account = accounts.one(session, OWNER, accounts.id_of(session, name), now=now)
        made = tokens.make(
            session,
            OWNER,
            next(post.id for post in account.posts if post.role == Role.MACHINE and post.in_force),
            label="demo",
            permissions=MACHINE_PERMISSIONS,
            expires_at=now + timedelta(days=365),
            now=now,
        )
    path.touch(mode=0o600)
    path.write_text(f"{made.secret}\n", encoding="ascii")
    return path


def _settled(session: Session, one: DemoAccount, places: Places, now: datetime) -> bool:
    """Opens the account unless it is there, and appoints it unless it is posted; whether it is new."""
    try:
        account_id, new = accounts.id_of(session, one.name), False
    except AccountUnknown:
        given = None if one.machine else PASSWORD
        opened = accounts.open_account(
            session,
            OWNER,
            name=one.name,
            title=one.title,
            password=given,
            with_password=not one.machine,
            demo=not one.machine,
            now=now,
        )
        account_id, new = opened.account_id, True
    for role, where in one.posts:
        try:
            area_id, agency_id = places[where]
            new_post = NewPost(role=role, since=now, area_id=area_id, agency_id=agency_id)
            posts.appoint(session, OWNER, account_id, new_post, now=now)
        except PostHeld:
            continue
    return new


def _places(session: Session, index: AreaIndex) -> Places:
    """Where each post is; what an earlier release did not make is made."""
    squadron = duties.agency_ids(session).get(stationed.CODE)
    home = _first(index, Level.SUBDISTRICT, None)
    community = _first(index, Level.COMMUNITY, home.id)
    if squadron is None:  # a demo of an earlier release
        called = stationed.names(home.names["zh"], home.names["en"])
        made = duties.NewAgency(stationed.CODE, called, stationed.KIND, stationed.PARENT, stationed_id=home.id)
        duties.put_agencies(session, [made])
    agencies = duties.agency_ids(session)
    assert home.parent_id is not None
    return {
        Where.CITY: (None, None),
        Where.DISTRICT: (home.parent_id, None),
        Where.SUBDISTRICT: (home.id, None),
        Where.COMMUNITY: (community.id, None),
        Where.GRID: (_first(index, Level.GRID, community.id).id, None),
        Where.BUREAU: (None, agencies[stationed.PARENT]),
        Where.SQUADRON: (None, agencies[stationed.CODE]),
    }


def _first(index: AreaIndex, level: Level, parent_id: int | None) -> AreaFacts:
    """The area of a level with the lowest code, below a parent if one is given."""
    found = [one for one in index.areas if one.level is level and parent_id in (None, one.parent_id)]
    return min(found, key=lambda one: one.code)
