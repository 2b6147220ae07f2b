"""People and machines for tests: accounts with posts, signed in, as a request shows them.

Written straight into the tables, so that a test of permissions does not depend on how people sign in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gridgov.api.deps import COOKIE, CSRF_HEADER, csrf_token
from gridgov.auth.credentials import Credential
from gridgov.auth.rules import Role
from gridgov.bootstrap import House

FROM = datetime(2000, 1, 1, tzinfo=UTC)
AGENCY_ROLES = frozenset({Role.AGENCY_OFFICER, Role.AGENCY_HEAD})


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, or a machine with a token."""

    account_id: int
    post_id: int
    role: Role
    secret: str
    kind: str = "session"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def credential(self) -> Credential:
        return Credential("token" if self.kind == "token" else "session", self.secret)


def appoint(
    house: House,
    role: Role | str,
    *,
    area: str | None = None,
    agency: str | None = None,
    until: datetime | None = None,
    permissions: tuple[str, ...] | None = None,
) -> Person:
    """An account with one post, in the area or agency of that code (default: the whole city), and signed in.

    With `permissions` it is a machine with a token of these. `until`: when the post ends.
    """
    role, now, secret = Role(role), datetime.now(UTC), secrets.token_urlsafe(32)
    if area is None and agency is None and role in AGENCY_ROLES:
        raise ValueError("an agency's people need the agency")
    with house.db.transaction() as session:

        def one(sql: str, **values: object) -> int:
            return int(session.execute(text(sql), values).scalar_one())

        area_id = agency_id = None
        if agency is not None:
            agency_id = one("select id from duties_agency where code = :code", code=agency)
        elif area is not None:
            area_id = one("select area_id from areas_version where code = :code and upper_inf(valid)", code=area)
        account = one(
            "insert into auth_account (name, created_at) values (:name, :now) returning id",
            name=f"{role.value.replace('_', '-')}-{secrets.token_hex(4)}",
            now=now,
        )
        post = one(
            "insert into auth_post (account_id, role, area_id, agency_id, valid, created_at) values "
            "(:account, :role, :area, :agency, tstzrange(:since, :until), :now) returning id",
            account=account, role=role.value, area=area_id, agency=agency_id, since=FROM, until=until, now=now,
        )  # fmt: skip
        values = {
            "digest": hashlib.sha256(secret.encode()).digest(),
            "account": account,
            "post": post,
            "now": now,
            "ends": now + timedelta(days=1),
        }
        if permissions is not None:
            one(
                "insert into auth_token (token_sha256, account_id, post_id, label, permissions, created_at, expires_at)"
                " values (:digest, :account, :post, 'test', :permissions, :now, :ends) returning id",
                permissions=list(permissions), **values,
            )  # fmt: skip
            return Person(account, post, role, secret, "token", {"Authorization": f"Bearer {secret}"})
        one(
            "insert into auth_session (token_sha256, account_id, post_id, how, created_at, seen_at, expires_at)"
            " values (:digest, :account, :post, 'password', :now, :now, :ends) returning id",
            **values,
        )
    return Person(account, post, role, secret, headers=session_headers(secret))


def session_headers(secret: str) -> dict[str, str]:
    """A session as our own page would show it; a client library keeps a Secure cookie from plain HTTP."""
    return {"Cookie": f"{COOKIE}={secret}", CSRF_HEADER: csrf_token(secret)}
