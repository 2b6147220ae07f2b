"""Where the examples of the API's document are played: the sample city, people for each permission, what they name.

Owns who asks for what. An example that cannot succeed each time, because it names what no document can bring along or
what an earlier one changed, is listed here with its reason; what it is answered still has to have the promised form.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from gridgov.api import door
from gridgov.auth import accounts
from gridgov.auth.accounts import OWNER
from gridgov.auth.matrix import grants_of, route_permission
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.planning import service as plans
from gridgov.platform.db import Base
from gridgov.privacy import register
from gridgov.privacy.noticefile import parse
from gridgov.privacy.notices import publish
from tests import sample
from tests.integration.planning import drawing
from tests.people import AGENCY_ROLES, Person, appoint, session_headers

NOTICE = Path(__file__).resolve().parents[2] / "geodata" / "notices" / "report.toml"
NAME, PASSWORD = "li.an", "four words or a line"
ROLES = (Role.CENTRE_OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.DISTRICT_SUPERVISOR, Role.PLANNER)
# What succeeds once and is refused the second time, as it should be.
ONCE = frozenset(
    {
        "post /api/v1/accounts",
        "post /api/v1/cases/{case_id}/actions",
        "post /api/v1/accounts/{account_id}/posts",
        "put /api/v1/session/password",
        "post /api/v1/admissions/appraisals",
        "post /api/v1/admissions/{admission_id}/withdrawal",
        "delete /api/v1/webhooks/{subscription_id}",
        "delete /api/v1/offices/{subscription_id}",
        "post /api/v1/deliveries/{delivery_id}/retry",
        "post /api/v1/deliveries/{delivery_id}/give-up",
        "post /api/v1/plans/{plan_id}/parts",
        "post /api/v1/plans/{plan_id}/parts/{part_id}/operations",
        "post /api/v1/plans/{plan_id}/parts/{part_id}/undo",
        "post /api/v1/plans/{plan_id}/parts/{part_id}/redo",
        "post /api/v1/plans/{plan_id}/parts/{part_id}/rebase",
    }
)
# What a form is sent where it takes no photo.
SHEET = b"code,category,lead,limit\n1,06010,HW,4 work_hour\n"
ATOMS = b"atom,grid\nW1-0,1\nW1-1,1\n"
POLYGON = (
    b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "A05"}, '
    b'"geometry": {"type": "Polygon", "coordinates": '
    b"[[[116.88, 33.115], [116.885, 33.115], [116.885, 33.12], [116.88, 33.115]]]}}]}"
)
FORMS = {
    "/api/v1/duty-lists/previews": SHEET,
    "/api/v1/duty-lists/drafts": SHEET,
    "/api/v1/plans/checks": POLYGON,
    "/api/v1/plans/{plan_id}/parts/{part_id}/file/preview": ATOMS,
    "/api/v1/plans/{plan_id}/parts/{part_id}/file": ATOMS,
}
_SECRET = "its secret follows from a key that is drawn for each installation"
_NOTHING = "nothing of this id is there"
_MOVED_ON = "the request has moved on"
_IN_FORCE = "the example is a version in force, and no draft"
_DRAFT = "the example is a draft, which only its agency sees"
_NO_HOST = "its host must be on the list of the installation"
_AS_IT_IS = "the example changes nothing of what is in force"
_NEVER = "the example was never submitted, nor in force"
CANNOT: Mapping[str, str] = {
    "patch /api/v1/plans/{plan_id}": "other examples have changed the plan since the revision that it names",
    "post /api/v1/cases/{case_id}/summons/{call}/correction": "nobody has whistled in the example's case",
    "post /api/v1/plans/{plan_id}/parts/{part_id}/file": "the example's part stands at another revision",
    "post /api/v1/webhooks": _NO_HOST,
    "get /api/v1/basemap/{z}/{x}/{y}": "no provider of a base map is set up",
    "get /api/v1/cases": "what is behind a count goes with counted=true, and each example is asked by itself",
    "post /api/v1/receipts": _SECRET,
    "post /api/v1/receipts/reopening": _SECRET,
    "get /api/v1/incidents/{incident_id}/contact": "the example of a report leaves no contact",
    "post /api/v1/incidents/{incident_id}/contact/reveal": "the example of a report leaves no contact",
    "get /api/v1/cases/{case_id}/contact": "the example of a report leaves no contact",
    "post /api/v1/cases/{case_id}/contact/reveal": "the example of a report leaves no contact",
    "get /api/v1/cases/{case_id}/reply": "nobody has answered the example in writing",
    "post /api/v1/privacy/requests": _SECRET,
    "post /api/v1/privacy/requests/mine": _SECRET,
    "post /api/v1/privacy/requests/{request_id}/drop": _SECRET,
    "post /api/v1/privacy/requests/{request_id}/take": _MOVED_ON,
    "post /api/v1/privacy/requests/{request_id}/extend": _MOVED_ON,
    "post /api/v1/privacy/requests/{request_id}/refuse": _MOVED_ON,
    "post /api/v1/privacy/requests/{request_id}/fulfil": _MOVED_ON,
    "post /api/v1/duty-lists/{list_id}/request": _IN_FORCE,
    "post /api/v1/approvals/{approval_id}/decision": _NOTHING,
    "post /api/v1/approvals/{approval_id}/withdrawal": _NOTHING,
    "get /api/v1/approvals/{approval_id}": _NOTHING,
    "get /api/v1/admissions/{admission_id}": _DRAFT,
    "get /api/v1/admissions/{admission_id}/ledger": _DRAFT,
    "post /api/v1/admissions/{admission_id}/opinions": _DRAFT,
    "post /api/v1/admissions/{admission_id}/decision": _DRAFT,
    "post /api/v1/admissions/{admission_id}/revocation": _DRAFT,
    "post /api/v1/admissions/{admission_id}/transfers": _NOTHING,
    "post /api/v1/admissions/transfers/{transfer_id}/confirmation": _NOTHING,
    "post /api/v1/plans/{plan_id}/submission": _AS_IT_IS,
    "post /api/v1/plans/{plan_id}/withdrawal": _NEVER,
    "post /api/v1/plans/{plan_id}/roll-back": _NEVER,
    "post /api/v1/plans/{plan_id}/resumption": "the example's plan was not dropped",
    "post /api/v1/plans/{plan_id}/proposals/{job_id}/cancellation": "the example is over",
}


# Webhooks 1 and 2, the office 3, and two deliveries that nobody could be told: the ids that examples name.
NEWS = """
    insert into notices_subscription (id, channel, label, topics, body, url, destination, created_at)
    select n, case when n < 3 then 'webhook' else 'mail' end, 'example', '{case.*}',
           case when n = 3 then 'agency:1' end, case when n < 3 then 'https://hooks.example.org/' end,
           case when n = 3 then '\\x00'::bytea end, now()
    from generate_series(1, 3) n;
    select setval('notices_subscription_number', 100);
    insert into notices_secret (subscription_id, version, secret, made_at) values (1, 1, '\\x00', now());
    insert into notices_delivery (id, outbox_id, channel, target, subscription_id, topic, key, facts, at, made_at,
                                  state, next_at, ended_at)
    select ('0190a1b2-0000-5000-8000-00000000000' || n)::uuid, n, 'webhook', 'subscription:1', 1, 'case.closed', 'x',
           '{}', now(), now(), 'dead', now(), now()
    from generate_series(1, 2) n;
"""


# A job of plan 1 that is over: the id that examples name.
JOB = """
    insert into planning_job (id, plan_id, kind, settings, state, done, total, asked_at, ended_at)
    values ('0190a1b2-0000-7000-8000-0000000000a1', 1, 'load', '{"anew": false}', 'done', 1, 1, now(), now())
"""


class Stage:
    """The sample city of a house with everybody that the document needs."""

    def __init__(self, house: House) -> None:
        self._house = house
        with house.db.transaction() as session:
            sample.set_up(session)
            w1, *_ = (drawing.lay(session, code) for code in ("W1", "W2", "E1"))
            plans.create(session, None, name="example", communities=[w1], now=datetime.now(UTC))  # plan 1, part 1
            session.execute(text(JOB))
            notice = parse(NOTICE.read_text(encoding="utf-8"))
            publish(session, notice, classes=register.classes(Base.metadata), now=datetime.now(UTC))
            opened = accounts.open_account(session, OWNER, name=NAME, password=PASSWORD, now=datetime.now(UTC))
            for post, role in ((1, "machine"), (7, "auditor")):  # the ids that examples name
                session.execute(
                    text(
                        "insert into auth_post (id, account_id, role, valid, created_at) overriding system value "
                        "values (:id, :account, :role, tstzrange(now(), null), now())"
                    ),
                    {"id": post, "account": opened.account_id, "role": role},
                )
            session.execute(text("alter table auth_post alter column id restart with 100"))
            session.execute(text(NEWS))
        self._people: dict[Role, Person] = {}

    def await_seal(self) -> None:
        """Until the running server has sealed something, which it does each second."""
        sealed = False
        while not sealed:
            time.sleep(0.1)
            with self._house.db.transaction() as session:
                sealed = session.execute(text("select exists (select from audit_seal)")).scalar_one()

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Who asks: somebody whose role has the permission of the route; nobody, where a session begins."""
        permission = route_permission(method.upper(), path)
        if permission is None or permission == "session.open":
            return {}
        if permission == "session.own":
            return session_headers(door.sign_in(self._house, NAME, PASSWORD, address="203.0.113.1").secret)
        role = next(role for role in (*ROLES, *Role) if permission in grants_of(role))
        if role not in self._people:
            self._people[role] = appoint(self._house, role, agency="CG" if role in AGENCY_ROLES else None)
        return self._people[role].headers
