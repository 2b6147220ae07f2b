"""The sample city with accounts that sign in by password, on a live server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gridgov.auth import accounts, posts
from gridgov.auth.accounts import OWNER
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.conftest import live
from tests.integration.auth.browser import Browser

PASSWORD = "seven quiet lanterns"  # of nobody
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def city(sampled: House) -> House:
    """The sample city."""
    return sampled


@pytest.fixture
def base(city: House) -> Iterator[str]:
    with live(city) as address:
        yield address


@pytest.fixture
def browser(base: str) -> Iterator[Browser]:
    with Browser(base) as made:
        yield made


@dataclass(frozen=True)
class Office:
    """Opens accounts as the owner of the database would."""

    house: House

    def account(self, name: str, **more: object) -> int:
        """An account whose password is `PASSWORD`."""
        given = {"password": PASSWORD} | more
        with self.house.db.transaction() as session:
            return accounts.open_account(
                session,
                OWNER,
                name=name,
                now=datetime.now(UTC),
                **given,  # type: ignore[arg-type]  # of the verb
            ).account_id

    def post(
        self,
        account_id: int,
        role: Role,
        *,
        area: str | None = None,
        agency: str | None = None,
        since: datetime = LONG_AGO,
        until: datetime | None = None,
    ) -> int:
        """A post of an account."""
        now = datetime.now(UTC)
        with self.house.db.transaction() as session:
            new = posts.NewPost(
                role=role,
                since=since,
                until=until,
                area_id=posts.area_of(session, area, now) if area else None,
                agency_id=posts.agency_of(session, agency) if agency else None,
            )
            return posts.appoint(session, OWNER, account_id, new, now=now)

    def end(self, post_id: int, *, after: timedelta = timedelta(0)) -> None:
        with self.house.db.transaction() as session:
            posts.end(session, OWNER, post_id, now=datetime.now(UTC) + after)


@pytest.fixture
def office(city: House) -> Office:
    return Office(city)


@pytest.fixture
def signed(base: str, office: Office) -> Iterator[Callable[..., Browser]]:
    """Signs somebody with one post in: `signed("anna", Role.GRID_WORKER, area="A01")`."""
    made: list[Browser] = []

    def sign(name: str, role: Role, **where: str) -> Browser:
        office.post(office.account(name), role, **where)  # type: ignore[arg-type]  # area or agency
        made.append(Browser(base))
        answer = made[-1].sign_in(name, PASSWORD)
        assert answer.status_code == 200, answer.text
        return made[-1]

    yield sign
    for one in made:
        one.client.close()
