"""The one table: role x permission x scope x fields; which route needs which permission.

Route checks, database grants, row policies and the tests' oracle are generated from here and from nowhere else; what
each permission opens in the database stands beside it (`privileges`). `python -m gridgov auth table` prints it;
docs/security.md shows it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from gridgov.auth.rules import Grant, Role, ScopeKind

# A line: permission, then for each role that has it "role:scope" or "role:scope:fields". Fields left out: all.
#
#   fields    all          every column that the permission reads
#             no-text      not the free text and the address, which may tell who somebody is
#             counts       columns that counting needs, no single incident
#             suppressed   counts, small ones hidden, whole months only
#             masked       138****5678
#             <channel>+…  the channels by which the role may report
TABLE = """
city.read           *:city
locate.read         *:city
route.read          *:city
session.open        *:own
session.own         *:own
map.read            -:city
incidents.report    grid_worker:city:worker community_officer:city:worker+window+visit centre_operator:city:hotline+window+visit+mini-program+sensor+worker+deputy subdistrict_leader:city:window+visit+worker agency_officer:city:worker+window deputy:city:deputy machine:city:hotline+mini-program+sensor+worker+window+visit+deputy resident:city:mini-program
incidents.read      grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency agency_head:agency district_supervisor:area deputy:area:no-text machine:area:no-text
cases.read          grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency agency_head:agency district_supervisor:area deputy:area:no-text machine:area:no-text
cases.act           grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency agency_head:agency district_supervisor:area
cases.follow        *:receipt
exchange.read       centre_operator:area district_supervisor:area machine:area
receptions.hold     deputy:area
receptions.read     community_officer:area centre_operator:area subdistrict_leader:area district_supervisor:area deputy:area
receipt.read        *:receipt
density.read        grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency agency_head:agency district_supervisor:area planner:area:counts deputy:area machine:area
density.public      *:city:suppressed
alerts.read         community_officer:area centre_operator:area subdistrict_leader:area district_supervisor:area planner:area
alerts.edit         subdistrict_leader:area district_supervisor:area
contacts.read       community_officer:area:masked centre_operator:area:masked subdistrict_leader:stationed:masked agency_officer:agency:masked
contacts.reveal     centre_operator:area agency_officer:agency community_officer:area
attachments.add     grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency resident:receipt
attachments.read    grid_worker:area community_officer:area centre_operator:area subdistrict_leader:stationed agency_officer:agency agency_head:agency district_supervisor:area resident:receipt
attachments.gps     centre_operator:area
accounts.manage     administrator:city
calendar.manage     administrator:city
posts.count         -:city
posts.read          administrator:city subdistrict_leader:stationed agency_head:agency
tokens.manage       administrator:city
approvals.read      planner:city centre_operator:city subdistrict_leader:city administrator:city district_supervisor:city
approvals.request   planner:city centre_operator:city subdistrict_leader:city administrator:city
approvals.decide    district_supervisor:city administrator:city
audit.read          auditor:city
duties.read         -:city
duties.edit         centre_operator:city administrator:city district_supervisor:city
duties.rehearse     centre_operator:city administrator:city district_supervisor:city
duties.publish      administrator:city district_supervisor:city
admissions.read     community_officer:area centre_operator:area subdistrict_leader:area agency_officer:agency agency_head:agency district_supervisor:area auditor:city
admissions.request  agency_officer:agency agency_head:agency
admissions.answer   community_officer:area subdistrict_leader:area
admissions.decide   district_supervisor:area
privacy.file        *:own
privacy.handle      centre_operator:area
privacy.notice      *:city
metrics.read        machine:city administrator:city auditor:city
notices.read        -:own
webhooks.manage     administrator:city
deliveries.read     administrator:city auditor:city district_supervisor:city
deliveries.manage   administrator:city
plans.read          -:city
plans.edit          planner:area
plans.preview       planner:area district_supervisor:area administrator:city
plans.publish       district_supervisor:area administrator:city
""".strip()  # noqa: E501  # one permission a line is what makes it a table


@dataclass(frozen=True, slots=True)
class Row:
    """One cell that is not empty."""

    role: Role
    permission: str
    scope: ScopeKind
    fields: str


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Every cell of the table; `*` is every role, `-` every role but the resident."""
    found: list[Row] = []
    for line in TABLE.splitlines():
        permission, *cells = line.split()
        for cell in cells:
            name, scope, fields = (*cell.split(":", 2), "all")[:3]
            roles = [r for r in Role if name == "*" or (name == "-" and r is not Role.RESIDENT) or r == name]
            if not roles:
                raise ValueError(f"{permission}: there is no role {name}")
            found += [Row(role, permission, ScopeKind(scope), fields) for role in roles]
    return tuple(found)


@lru_cache(maxsize=1)
def permissions() -> tuple[str, ...]:
    """Every permission, in the order of the table."""
    return tuple(dict.fromkeys(row.permission for row in rows()))


@lru_cache(maxsize=len(Role))
def grants_of(role: Role) -> Mapping[str, Grant]:
    """What a role may do: permission -> how far, with which fields."""
    return {row.permission: Grant(row.scope, row.fields) for row in rows() if row.role is role}


# Method and path of every route -> permission. A route that is missing here stops the application from being made.
ROUTES: Mapping[str, str] = {
    "GET /api/v1/city": "city.read",
    "GET /api/v1/categories": "city.read",
    "GET /api/v1/calendar": "city.read",
    "GET /api/v1/calendar/due": "city.read",
    "PUT /api/v1/calendar/hours": "calendar.manage",
    "PUT /api/v1/calendar/{year}": "calendar.manage",
    "GET /api/v1/search": "map.read",
    "GET /api/v1/areas": "map.read",
    "GET /api/v1/areas/changes": "map.read",
    "GET /api/v1/areas/outlines": "map.read",
    "GET /api/v1/areas/{area_id}": "map.read",
    "GET /api/v1/areas/{area_id}/lineage": "map.read",
    "GET /api/v1/areas/{area_id}/neighbours": "map.read",
    "GET /api/v1/areas/{area_id}/responsible": "posts.count",
    "GET /api/v1/agencies": "map.read",
    "GET /api/v1/agencies/{agency_id}/sites": "map.read",
    "GET /api/v1/sites/service-areas": "map.read",
    "GET /api/v1/locate": "locate.read",
    "GET /api/v1/route": "route.read",
    "GET /api/v1/route/ways": "map.read",
    "GET /api/v1/basemap": "city.read",
    "GET /api/v1/basemap/{z}/{x}/{y}": "map.read",
    "POST /api/v1/incidents": "incidents.report",
    "GET /api/v1/incidents": "incidents.read",
    "GET /api/v1/incidents/{incident_id}": "incidents.read",
    "POST /api/v1/incidents/{incident_id}/attachments": "attachments.add",
    "GET /api/v1/incidents/{incident_id}/attachments": "attachments.read",
    "GET /api/v1/incidents/{incident_id}/attachments/{attachment_id}": "attachments.read",
    "GET /api/v1/incidents/{incident_id}/attachments/{attachment_id}/preview": "attachments.read",
    "POST /api/v1/incidents/{incident_id}/attachments/{attachment_id}/origin": "attachments.gps",
    "GET /api/v1/cases": "cases.read",
    "GET /api/v1/cases/counts": "cases.read",
    "GET /api/v1/cases/table": "city.read",
    "GET /api/v1/cases/{case_id}": "cases.read",
    "GET /api/v1/cases/{case_id}/history": "cases.read",
    "GET /api/v1/cases/{case_id}/near": "cases.read",
    "POST /api/v1/cases/{case_id}/actions": "cases.act",
    "GET /api/v1/cases/{case_id}/incident": "cases.read",
    "GET /api/v1/cases/{case_id}/photos": "cases.read",
    "POST /api/v1/cases/{case_id}/photos": "cases.act",
    "GET /api/v1/cases/{case_id}/photos/{attachment_id}": "cases.read",
    "GET /api/v1/cases/{case_id}/photos/{attachment_id}/preview": "cases.read",
    "GET /api/v1/cases/{case_id}/contact": "contacts.read",
    "POST /api/v1/cases/{case_id}/contact/reveal": "contacts.reveal",
    "GET /api/v1/cases/{case_id}/receipt": "cases.act",
    "GET /api/v1/cases/{case_id}/reply": "cases.read",
    "GET /api/v1/receptions": "receptions.read",
    "POST /api/v1/receptions": "receptions.hold",
    "GET /api/v1/receptions/{reception_id}": "receptions.read",
    "POST /api/v1/receptions/{reception_id}/opinions": "receptions.hold",
    "GET /api/v1/exchange/changes": "exchange.read",
    "GET /api/v1/exchange/feedback": "cases.read",
    "POST /api/v1/cases/{case_id}/summons/{call}/correction": "cases.act",
    "GET /api/v1/whistles": "cases.read",
    "GET /api/v1/whistles/figures": "cases.read",
    "GET /api/v1/summons": "cases.read",
    "GET /api/v1/counts": "density.read",
    "GET /api/v1/counts/boundaries": "density.read",
    "GET /api/v1/density": "density.read",
    "GET /api/v1/density/days": "density.read",
    "GET /api/v1/density/hotspots": "density.read",
    "GET /api/v1/density/surface": "density.read",
    "GET /api/v1/density/clusters": "density.read",
    "GET /api/v1/density/repeats": "density.read",
    "GET /api/v1/density/rising": "density.read",
    "GET /api/v1/reports/density.html": "density.read",
    "GET /api/v1/public/density": "density.public",
    "GET /api/v1/alerts": "alerts.read",
    "GET /api/v1/alerts/past": "alerts.read",
    "GET /api/v1/alerts/rules": "alerts.read",
    "POST /api/v1/alerts/rules": "alerts.edit",
    "PATCH /api/v1/alerts/rules/{rule_id}": "alerts.edit",
    "DELETE /api/v1/alerts/rules/{rule_id}": "alerts.edit",
    "GET /api/v1/tiles/incidents/{z}/{x}/{y}.mvt": "density.read",
    "GET /api/v1/tiles/boundaries/{z}/{x}/{y}.mvt": "map.read",
    "GET /api/v1/tiles/{layer}/{z}/{x}/{y}.mvt": "map.read",
    "POST /api/v1/receipts": "receipt.read",
    "POST /api/v1/receipts/reopening": "cases.follow",
    "GET /api/v1/incidents/{incident_id}/contact": "contacts.read",
    "POST /api/v1/incidents/{incident_id}/contact/reveal": "contacts.reveal",
    "GET /api/v1/privacy/notices/{code}": "privacy.notice",
    "GET /api/v1/privacy/register": "privacy.notice",
    "POST /api/v1/privacy/requests": "privacy.file",
    "POST /api/v1/privacy/requests/mine": "privacy.file",
    "POST /api/v1/privacy/requests/{request_id}/drop": "privacy.file",
    "GET /api/v1/privacy/requests": "privacy.handle",
    "POST /api/v1/privacy/requests/papers": "privacy.handle",
    "POST /api/v1/privacy/requests/{request_id}/take": "privacy.handle",
    "POST /api/v1/privacy/requests/{request_id}/extend": "privacy.handle",
    "POST /api/v1/privacy/requests/{request_id}/refuse": "privacy.handle",
    "POST /api/v1/privacy/requests/{request_id}/fulfil": "privacy.handle",
    "POST /api/v1/privacy/consents": "privacy.handle",
    "POST /api/v1/privacy/consents/withdrawal": "privacy.handle",
    "GET /api/v1/session": "session.open",
    "POST /api/v1/session": "session.open",
    "GET /api/v1/session/oidc": "session.open",
    "GET /api/v1/session/oidc/callback": "session.open",
    "DELETE /api/v1/session": "session.own",
    "PUT /api/v1/session/post": "session.own",
    "PUT /api/v1/session/password": "session.own",
    "GET /api/v1/accounts": "accounts.manage",
    "POST /api/v1/accounts": "accounts.manage",
    "GET /api/v1/accounts/{account_id}": "accounts.manage",
    "PATCH /api/v1/accounts/{account_id}": "accounts.manage",
    "POST /api/v1/accounts/{account_id}/posts": "accounts.manage",
    "DELETE /api/v1/accounts/{account_id}/posts/{post_id}": "accounts.manage",
    "DELETE /api/v1/accounts/{account_id}/sessions": "accounts.manage",
    "GET /api/v1/audit/entries": "audit.read",
    "GET /api/v1/audit/entries/{entry_id}": "audit.read",
    "GET /api/v1/audit/waiting": "audit.read",
    "GET /api/v1/audit/seals/{number}": "audit.read",
    "GET /api/v1/audit/key": "city.read",
    "GET /api/v1/approvals": "approvals.read",
    "GET /api/v1/approvals/{approval_id}": "approvals.read",
    "POST /api/v1/approvals/{approval_id}/decision": "approvals.decide",
    "POST /api/v1/approvals/{approval_id}/withdrawal": "approvals.request",
    "GET /api/v1/admissions": "admissions.read",
    "POST /api/v1/admissions": "admissions.request",
    "GET /api/v1/admissions/{admission_id}": "admissions.read",
    "PUT /api/v1/admissions/{admission_id}": "admissions.request",
    "POST /api/v1/admissions/{admission_id}/submission": "admissions.request",
    "POST /api/v1/admissions/{admission_id}/opinions": "admissions.answer",
    "POST /api/v1/admissions/{admission_id}/decision": "admissions.decide",
    "POST /api/v1/admissions/{admission_id}/withdrawal": "admissions.request",
    "POST /api/v1/admissions/{admission_id}/revocation": "admissions.decide",
    "GET /api/v1/admissions/{admission_id}/ledger": "admissions.read",
    "POST /api/v1/admissions/{admission_id}/transfers": "admissions.request",
    "POST /api/v1/admissions/transfers/{transfer_id}/confirmation": "admissions.answer",
    "GET /api/v1/admissions/ledger": "admissions.read",
    "GET /api/v1/admissions/alerts": "admissions.read",
    "GET /api/v1/admissions/burden": "admissions.read",
    "GET /api/v1/admissions/appraisals": "admissions.read",
    "POST /api/v1/admissions/appraisals": "admissions.decide",
    "POST /api/v1/admissions/appraisals/{appraisal_id}/end": "admissions.decide",
    "GET /api/v1/duty-lists": "duties.read",
    "GET /api/v1/duty-lists/comparison": "duties.read",
    "GET /api/v1/duty-lists/{list_id}": "duties.read",
    "GET /api/v1/duty-lists/{list_id}/items": "duties.read",
    "GET /api/v1/duty-lists/{list_id}/sheet": "duties.read",
    "GET /api/v1/duty-lists/{list_id}/findings": "duties.read",
    "GET /api/v1/duty-lists/{list_id}/losses": "duties.edit",
    "GET /api/v1/duty-lists/{list_id}/dry-run": "duties.rehearse",
    "POST /api/v1/duty-lists/previews": "duties.edit",
    "POST /api/v1/duty-lists/drafts": "duties.edit",
    "DELETE /api/v1/duty-lists/{list_id}": "duties.edit",
    "POST /api/v1/duty-lists/{list_id}/request": "duties.publish",
    "POST /api/v1/duty-lists/{list_id}/publication": "duties.publish",
    "GET /api/v1/posts": "posts.read",
    "GET /api/v1/tokens": "tokens.manage",
    "POST /api/v1/tokens": "tokens.manage",
    "DELETE /api/v1/tokens/{token_id}": "tokens.manage",
    "GET /metrics": "metrics.read",
    "GET /api/v1/notices": "notices.read",
    "GET /api/v1/notices/unread": "notices.read",
    "POST /api/v1/notices/read": "notices.read",
    "GET /api/v1/webhooks": "webhooks.manage",
    "POST /api/v1/webhooks": "webhooks.manage",
    "GET /api/v1/webhooks/{subscription_id}": "webhooks.manage",
    "PATCH /api/v1/webhooks/{subscription_id}": "webhooks.manage",
    "DELETE /api/v1/webhooks/{subscription_id}": "webhooks.manage",
    "POST /api/v1/webhooks/{subscription_id}/secret": "webhooks.manage",
    "POST /api/v1/webhooks/{subscription_id}/ping": "webhooks.manage",
    "GET /api/v1/offices": "webhooks.manage",
    "POST /api/v1/offices": "webhooks.manage",
    "DELETE /api/v1/offices/{subscription_id}": "webhooks.manage",
    "GET /api/v1/deliveries": "deliveries.read",
    "GET /api/v1/deliveries/{delivery_id}": "deliveries.read",
    "POST /api/v1/deliveries/{delivery_id}/retry": "deliveries.manage",
    "POST /api/v1/deliveries/{delivery_id}/give-up": "deliveries.manage",
    "GET /api/v1/plans": "plans.read",
    "POST /api/v1/plans": "plans.edit",
    "GET /api/v1/plans/metrics": "plans.read",
    "GET /api/v1/plans/bases": "plans.read",
    "POST /api/v1/plans/bases": "plans.edit",
    "GET /api/v1/plans/bases/{basis_id}": "plans.read",
    "GET /api/v1/plans/bases/{basis_id}/atoms": "plans.read",
    "GET /api/v1/plans/bases/{basis_id}/edges": "plans.read",
    "GET /api/v1/plans/bases/{basis_id}/counts": "plans.read",
    "POST /api/v1/plans/bases/{basis_id}/counts": "plans.edit",
    "GET /api/v1/plans/activations": "plans.read",
    "GET /api/v1/plans/in-force/file": "plans.read",
    "POST /api/v1/plans/checks": "plans.edit",
    "GET /api/v1/plans/{plan_id}/file": "plans.read",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/file/preview": "plans.edit",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/file": "plans.edit",
    "GET /api/v1/plans/{plan_id}/compare/{other}": "plans.preview",
    "GET /api/v1/plans/{plan_id}/compare/{other}/page": "plans.preview",
    "GET /api/v1/plans/{plan_id}/compare/{other}/file": "plans.preview",
    "GET /api/v1/plans/{plan_id}": "plans.read",
    "POST /api/v1/plans/{plan_id}/submission": "plans.edit",
    "POST /api/v1/plans/{plan_id}/withdrawal": "plans.edit",
    "POST /api/v1/plans/{plan_id}/roll-back": "plans.edit",
    "POST /api/v1/plans/{plan_id}/resumption": "plans.edit",
    "GET /api/v1/plans/{plan_id}/changes": "plans.read",
    "PUT /api/v1/plans/{plan_id}/changes": "plans.edit",
    "GET /api/v1/plans/{plan_id}/matters": "plans.read",
    "PUT /api/v1/plans/{plan_id}/matters": "plans.edit",
    "GET /api/v1/plans/{plan_id}/preview": "plans.preview",
    "GET /api/v1/plans/{plan_id}/preview/cases": "plans.preview",
    "GET /api/v1/plans/{plan_id}/locate": "plans.read",
    "GET /api/v1/plans/{plan_id}/counts": "plans.preview",
    "PATCH /api/v1/plans/{plan_id}": "plans.edit",
    "DELETE /api/v1/plans/{plan_id}": "plans.edit",
    "GET /api/v1/plans/{plan_id}/grids": "plans.read",
    "GET /api/v1/plans/{plan_id}/parts": "plans.read",
    "POST /api/v1/plans/{plan_id}/parts": "plans.edit",
    "GET /api/v1/plans/{plan_id}/parts/{part_id}": "plans.read",
    "GET /api/v1/plans/{plan_id}/parts/{part_id}/board": "plans.read",
    "GET /api/v1/plans/{plan_id}/parts/{part_id}/findings": "plans.read",
    "GET /api/v1/plans/{plan_id}/parts/{part_id}/operations": "plans.read",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/operations": "plans.edit",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/undo": "plans.edit",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/redo": "plans.edit",
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/rebase": "plans.edit",
    "POST /api/v1/plans/{plan_id}/proposals": "plans.edit",
    "GET /api/v1/plans/{plan_id}/proposals": "plans.read",
    "GET /api/v1/plans/{plan_id}/proposals/{job_id}": "plans.read",
    "POST /api/v1/plans/{plan_id}/proposals/{job_id}/cancellation": "plans.edit",
    "GET /api/v1/plans/{plan_id}/load": "plans.read",
    "POST /api/v1/plans/{plan_id}/load": "plans.edit",
}
OPEN_TO_ALL = frozenset({"/health/live", "/health/ready", "/api/openapi.json"})

# Who acts in the database for a permission, where it is not the role of the post itself.
ACTS_AS: Mapping[str, str] = {
    "session.open": "door",
    "session.own": "door",
    "incidents.report": "intake",
    "receipt.read": "resident",
    "cases.follow": "casework",
    "density.public": "public",
    "privacy.file": "resident",
    "duties.rehearse": "rehearsal",
    "admissions.request": "admitter",
    "admissions.answer": "admitter",
    "admissions.decide": "admitter",
    "plans.preview": "previewer",
    "posts.count": "registrar",
}
INTERNAL = (
    "door", "intake", "public", "sealer", "keeper", "casework", "notifier", "rehearsal", "admitter", "proposer",
    "previewer", "counter", "batch", "province", "registrar",
)  # fmt: skip


def route_permission(method: str, path: str) -> str | None:
    """The permission that a route needs; None where the table has no row for it."""
    return ROUTES.get(f"{method} {path}")
