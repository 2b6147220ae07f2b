"""What each permission of the one table opens in the database: tables, columns, rows. Pure.

Owns privileges and which tables have row policies. Does not own who has which permission (`matrix`), nor the SQL of
grants and policies (`grants`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gridgov.auth.matrix import ACTS_AS, grants_of
from gridgov.auth.rules import Role

COUNTS = (
    "number", "category_id", "status", "happened_at", "area_id", "grid_id", "unit_id", "agency_id", "outside_m", "hex9",
    "quad25",
)  # fmt: skip
NO_TEXT = (
    *COUNTS, "id", "channel", "received_at", "reported_lon", "reported_lat", "datum", "accuracy_m", "candidate_ids",
    "lead_area_id", "site_id", "item_id", "place", "geom",
)  # fmt: skip

LOCATED = ("area_id", "grid_id", "unit_id", "agency_id")
PHOTO = ("id", "incident_id", "number", "sha256", "size_bytes", "width", "height", "kind", "created_at", *LOCATED)


@dataclass(frozen=True, slots=True)
class Privilege:
    """What a permission opens in the database: "select", "insert" … on a table, on some columns or all."""

    verbs: str
    table: str
    columns: tuple[str, ...] = ()


APPROVALS_READ = (
    Privilege("select", "audit_approval"),
    Privilege("select", "audit_approval_step"),
    Privilege("select", "auth_account", ("id", "name")),
)
APPROVALS_CHANGE = (
    *APPROVALS_READ,
    Privilege("update", "audit_approval", ("state", "decided_by", "decided_post", "decided_at", "taken_by",
                                           "taken_at")),
    Privilege("insert", "audit_approval_step"),
)  # fmt: skip

# Whoever writes what others are told of; the number of the new row is all that comes back.
ANNOUNCING = (
    Privilege("insert", "platform_outbox", ("topic", "key", "facts", "at")),
    Privilege("select", "platform_outbox", ("id",)),
)

# The database itself keeps published versions as they are (migrations, 0009).
DUTIES_EDIT = (
    Privilege("insert, update, delete", "duties_list"),
    Privilege("insert, delete", "duties_item"),
    Privilege("insert, delete", "duties_support"),
)

ADMISSIONS_READ = tuple(
    Privilege("select", f"duties_{name}")
    for name in (
        "admission", "admission_target", "admission_opinion", "admission_step", "admission_promise",
        "admission_transfer", "admission_confirmation", "admission_attempt", "appraisal",
    )
)  # fmt: skip

# Who works on a case sees it under their own policies first; then one role, bound to that one case, reads and writes.
CASEWORK = (
    Privilege("select, insert, update", "cases"),
    Privilege("select, insert", "cases_event"),
    Privilege("select, insert, update", "cases_clock"),
    Privilege("select, insert, update", "cases_summons"),
    Privilege("select, insert", "cases_rating"),
    *ANNOUNCING,
)

PLANS_READ = (
    *(Privilege("select", f"planning_{name}") for name in (
        "basis", "atom", "edge", "count", "load", "load_mark", "plan", "part", "operation", "snapshot", "change",
        "matter", "activation", "follow", "job", "job_part",
    )),
)  # fmt: skip
# A basis, a count and the log of operations only grow: nobody is granted to change or delete them.
PLANS_DRAW = (
    *(Privilege("insert", f"planning_{name}") for name in ("basis", "atom", "edge", "count", "operation", "snapshot")),
    Privilege("insert, update", "planning_plan"),
    Privilege("insert, update", "planning_part"),
    Privilege("insert, update", "planning_job"),
)

# (permission, fields or "*") -> what the role's database role is granted.
PRIVILEGES: Mapping[tuple[str, str], tuple[Privilege, ...]] = {
    ("incidents.read", "all"): (
        Privilege("select", "incidents"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
    ),
    ("incidents.read", "no-text"): (
        Privilege("select", "incidents", NO_TEXT),
        Privilege("select", "incidents_key", ("id", "happened_at")),
    ),
    ("cases.read", "*"): (
        Privilege("select", "cases"),
        Privilege("select", "cases_summons"),
        Privilege("select", "cases_rating"),
        Privilege("select", "cases_feedback"),
    ),
    ("cases.act", "*"): (Privilege("select", "cases"),),
    ("exchange.read", "*"): (Privilege("select", "cases_change"),),
    ("receptions.read", "*"): (
        Privilege("select", "cases_reception"),
        Privilege("select", "cases_opinion"),
    ),
    ("receptions.hold", "*"): (
        Privilege("select, insert", "cases_reception"),
        Privilege("select", "cases_opinion"),
    ),
    ("density.read", "*"): (Privilege("select", "incidents", (*COUNTS, "channel")),),
    ("alerts.read", "*"): (Privilege("select", "analytics_alert_rule"), Privilege("select", "analytics_alert")),
    ("alerts.edit", "*"): (Privilege("insert, update", "analytics_alert_rule"),),  # taken back, never deleted
    ("attachments.add", "*"): (
        Privilege("select", "incidents", ("id", "happened_at", *LOCATED)),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select", "incidents_attachment", PHOTO),
        Privilege("insert", "incidents_attachment"),
    ),
    ("attachments.read", "*"): (
        Privilege("select", "incidents", ("id", "happened_at", *LOCATED)),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select", "incidents_attachment", PHOTO),
    ),
    ("attachments.gps", "*"): (
        Privilege("select", "incidents_attachment", ("id", "incident_id", "gps_sealed", *LOCATED)),
    ),
    ("contacts.read", "*"): (
        Privilege("select", "incidents_contact"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
    ),
    ("contacts.reveal", "*"): (
        Privilege("select", "incidents_contact"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
    ),
    ("privacy.handle", "*"): (
        Privilege("select, insert, update", "privacy_request"),
        Privilege("usage", "privacy_request_number"),
        Privilege("select, insert, update", "privacy_consent"),
        Privilege("select", "privacy_hold"),
        Privilege("select, update, delete", "incidents_contact"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select", "incidents", ("id", "happened_at", "status", *LOCATED)),
        Privilege("select", "incidents_attachment", (*PHOTO, "gps_sealed")),
        Privilege("update", "incidents_attachment", ("gps_sealed",)),
    ),
    ("audit.read", "*"): (
        Privilege("select", "audit_entry"),
        Privilege("select", "audit_seal"),
        Privilege("select", "auth_account", ("id", "name")),
    ),
    ("approvals.read", "*"): APPROVALS_READ,
    ("approvals.decide", "*"): APPROVALS_CHANGE,
    ("approvals.request", "*"): (*APPROVALS_CHANGE, Privilege("insert", "audit_approval")),
    ("duties.edit", "*"): DUTIES_EDIT,
    ("admissions.read", "*"): ADMISSIONS_READ,
    ("duties.publish", "*"): (
        *DUTIES_EDIT,
        *APPROVALS_CHANGE,
        Privilege("insert", "audit_approval"),
        Privilege("insert, update", "platform_revision"),
    ),
    ("accounts.manage", "*"): (
        Privilege("select, insert, update", "auth_account"),
        Privilege("insert, update, delete", "auth_password"),
        Privilege("select", "auth_password", ("account_id", "changed_at", "must_change")),
        Privilege("select, insert, delete", "auth_identity"),
        Privilege("select, insert, update", "auth_post"),
        Privilege("select", "auth_session", ("id", "account_id", "post_id", "created_at", "seen_at", "expires_at",
                                             "ended_at")),
        Privilege("update", "auth_session", ("ended_at",)),
    ),
    ("calendar.manage", "*"): (
        Privilege("insert, update, delete", "platform_day"),
        Privilege("insert, update, delete", "platform_hours"),
        Privilege("insert, update", "platform_revision"),
    ),
    ("tokens.manage", "*"): (
        Privilege("select", "auth_token", ("id", "account_id", "post_id", "label", "permissions", "created_at",
                                           "expires_at", "revoked_at", "used_on")),
        Privilege("insert", "auth_token"),
        Privilege("update", "auth_token", ("revoked_at",)),
    ),
    ("notices.read", "*"): (
        Privilege("select", "notices_message"),
        Privilege("select, insert, delete", "notices_read"),
        Privilege("select, insert, update", "notices_seen"),
    ),
    ("webhooks.manage", "*"): (
        *ANNOUNCING,
        Privilege("usage", "notices_subscription_number"),
        Privilege("select, insert", "notices_subscription"),
        Privilege("update", "notices_subscription", ("label", "topics", "ended_at")),
        Privilege("insert", "notices_secret"),
        Privilege("select", "notices_secret", ("subscription_id", "version", "made_at", "ends_at")),
        Privilege("update", "notices_secret", ("ends_at",)),
        Privilege("select", "notices_delivery", ("id", "state", "subscription_id")),
        Privilege("update", "notices_delivery", ("state", "ended_at", "reason", "claimed_until")),
    ),
    ("deliveries.read", "*"): (Privilege("select", "notices_delivery"),),
    ("deliveries.manage", "*"): (
        Privilege("select", "notices_delivery"),
        Privilege("update", "notices_delivery", ("state", "attempts", "next_at", "ended_at", "claimed_until",
                                                 "reason")),
    ),
    ("plans.read", "*"): PLANS_READ,
    ("plans.edit", "*"): (
        *PLANS_DRAW,
        Privilege("insert, update, delete", "planning_change"),
        Privilege("insert, update, delete", "planning_matter"),
        Privilege("select", "auth_account", ("id", "name")),
    ),
    ("plans.publish", "*"): (
        Privilege("update", "planning_plan"),
        Privilege("select", "auth_account", ("id", "name")),
    ),
    ("posts.read", "*"): (
        Privilege("select", "auth_post"),
        Privilege("select", "auth_account", ("id", "name", "title", "disabled_at")),
    ),
}  # fmt: skip
# What those who act for a permission are granted.
INTERNAL_PRIVILEGES: Mapping[str, tuple[Privilege, ...]] = {
    "app": (  # the log-in role, before anybody is known
        Privilege("select", "auth_session", ("id", "token_sha256", "account_id", "post_id", "created_at", "seen_at",
                                             "expires_at", "ended_at")),
        Privilege("update", "auth_session", ("seen_at",)),
        Privilege("select", "auth_token", ("id", "token_sha256", "account_id", "post_id", "permissions", "expires_at",
                                           "revoked_at", "used_on")),
        Privilege("update", "auth_token", ("used_on",)),
        Privilege("select", "auth_account", ("id", "name", "disabled_at")),
        Privilege("select", "auth_post"),
        Privilege("select", "alembic_version"),
    ),
    "door": (
        Privilege("select", "auth_account"),
        Privilege("select", "auth_identity"),
        Privilege("select", "auth_post"),
        Privilege("select, update", "auth_password"),
        Privilege("select, insert", "auth_session"),
        Privilege("update", "auth_session", ("post_id", "ended_at", "seen_at")),
        Privilege("select, insert, delete", "auth_handshake"),
        Privilege("select, insert, update", "platform_bucket"),
        Privilege("select", "incidents", ("id", "number", "happened_at")),
    ),
    "intake": (
        Privilege("select, insert", "incidents_key"),
        Privilege("select, insert", "incidents"),
        Privilege("usage", "incidents_number"),
        Privilege("insert", "incidents_contact"),
        Privilege("select, insert", "cases"),
        Privilege("insert", "cases_event"),
        Privilege("insert", "cases_clock"),
        Privilege("select, insert", "cases_source"),
        Privilege("select, insert", "cases_feed"),
        Privilege("select, insert", "cases_opinion"),
        *ANNOUNCING,
    ),
    "batch": (  # the same for several reports at once, each in the name of its own account; no orders of others
        Privilege("insert", "incidents_key"),
        Privilege("select", "incidents_key", ("id",)),
        Privilege("insert", "incidents"),
        Privilege("select", "incidents", ("id", "number")),
        Privilege("usage", "incidents_number"),
        Privilege("insert", "incidents_contact"),
        Privilege("insert", "cases"),
        Privilege("insert", "cases_event"),
        Privilege("insert", "cases_clock"),
        *ANNOUNCING,
    ),
    "casework": (
        *CASEWORK,
        Privilege("select", "incidents"),
        Privilege("update", "incidents", ("status",)),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select", "incidents_attachment", PHOTO),
        Privilege("insert", "incidents_attachment"),
        Privilege("select", "incidents_contact"),
        Privilege("select, insert", "cases_photo"),
        Privilege("select", "cases_source"),
        Privilege("select, update", "cases_feed"),
        Privilege("select, insert", "cases_change"),  # the number that it got comes back
        Privilege("insert", "cases_feedback"),
        Privilege("select, insert, update", "cases_paper_year"),
        Privilege("select, insert", "cases_paper"),
        *APPROVALS_CHANGE,  # of the correction of a rating
        Privilege("insert", "audit_approval"),
        Privilege("select", "auth_post", ("id", "area_id")),
        Privilege("select", "cases_opinion"),
        Privilege("update", "cases_opinion", ("replied_at",)),
    ),
    "public": (Privilege("select", "incidents", COUNTS), Privilege("select, insert", "analytics_release")),
    "rehearsal": (Privilege("select", "incidents", COUNTS),),
    "admitter": (  # what was asked for and decided does not change: the database keeps it so (migrations, 0010)
        *ANNOUNCING,
        *ADMISSIONS_READ,
        Privilege("insert, update", "duties_admission"),
        Privilege("insert", "duties_admission_target"),
        Privilege("insert", "duties_admission_opinion"),
        Privilege("insert", "duties_admission_step"),
        Privilege("insert, delete", "duties_admission_promise"),
        Privilege("insert", "duties_admission_transfer"),
        Privilege("insert", "duties_admission_confirmation"),
        Privilege("insert", "duties_admission_attempt"),
        Privilege("insert", "duties_appraisal"),
        Privilege("update", "duties_appraisal", ("valid", "ended_by")),
        Privilege("select", "auth_post", ("account_id", "agency_id", "valid")),
        Privilege("select", "audit_approval", ("id", "noun", "ref", "state")),  # the guard of lists asks for it
        Privilege("insert, update", "duties_list"),
        Privilege("insert", "duties_item"),
        Privilege("insert", "duties_support"),
        Privilege("insert, update", "duties_category"),
        Privilege("insert, update", "platform_revision"),
    ),
    "resident": (
        Privilege("select", "incidents"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select, insert, update", "privacy_request"),
        Privilege("usage", "privacy_request_number"),
    ),
    "proposer": (  # draws what a job was asked for
        *PLANS_READ,
        *PLANS_DRAW,
        Privilege("insert", "planning_job_part"),
        Privilege("insert, update, delete", "planning_load"),
        Privilege("insert, update, delete", "planning_load_mark"),
        Privilege("select", "auth_account", ("id", "name")),
    ),
    "previewer": (  # counts what a plan would move: where things lie, no text and no person
        *PLANS_READ,
        Privilege("select", "incidents", (*COUNTS, "id", "geom")),
        Privilege("select", "cases", ("id", "number", "happened_at", "channel", "ended_at", "office_id", "area_id",
                                      "grid_id", "unit_id", "geom")),
        Privilege("select", "auth_post", ("id", "account_id", "role", "area_id", "valid")),
    ),
    "counter": (  # keeps what counts are answered from: no text, no person, no number
        Privilege("select", "incidents", (*COUNTS, "channel", "geom")),
        Privilege("select", "cases", (
            "happened_at", "category_id", "channel", "state", "area_id", "grid_id", "unit_id", "agency_id", "level",
            "opened_at", "accepted_at", "ended_at", "late_from",
        )),
        Privilege("select", "auth_post", ("role", "area_id", "valid")),  # how many, not whose
        Privilege("select, delete", "analytics_incident_change"),
        Privilege("select, delete", "analytics_case_change"),
        Privilege("select, update", "analytics_origin"),
        Privilege("select, insert, update, delete", "analytics_home"),
        Privilege("select", "analytics_alert_rule"),
        Privilege("select, insert, update", "analytics_alert"),
        *ANNOUNCING,
    ),
    "registrar": (Privilege("select", "auth_post", ("role", "area_id", "valid")),),  # how many in an area, not whose
    "sealer": (Privilege("select", "audit_entry"), Privilege("select, insert", "audit_seal")),
    "keeper": (
        Privilege("select, update, delete", "platform_bucket"),
        Privilege("select, update, delete", "incidents_contact"),
        Privilege("select", "incidents", ("id", "happened_at", "status")),
        Privilege("select", "incidents_key", ("id", "happened_at")),
        Privilege("select", "privacy_hold"),
        Privilege("select, update, delete", "privacy_consent"),
        Privilege("select, update, delete", "privacy_request"),
        Privilege("select, delete", "incidents_attachment"),
        Privilege("update", "incidents_attachment", ("gps_sealed",)),
        Privilege("select, update, delete", "platform_outbox"),
        Privilege("insert", "platform_outbox", ("topic", "key", "facts", "at")),
        Privilege("select", "cases"),
        Privilege("select", "cases_clock"),
        Privilege("update", "cases_clock", ("told",)),
        Privilege("select, update, delete", "notices_message"),
        Privilege("select, update, delete", "notices_delivery"),
    ),
    "notifier": (  # tells of what happened; opens one contact at a time, that of the incident named in the context
        Privilege("select", "platform_outbox"),
        Privilege("update", "platform_outbox", ("taken_at", "problem")),
        Privilege("select, insert", "notices_message"),
        Privilege("select, insert, update", "notices_delivery"),
        Privilege("select", "notices_subscription"),
        Privilege("select", "notices_secret"),
        Privilege("select", "auth_post"),
        Privilege("select", "incidents_contact"),
        Privilege("select", "incidents_key", ("id", "happened_at")),
    ),
}  # fmt: skip

# Functions that every role may call: they write with their owner's rights and give nothing out.
FUNCTIONS = (
    "audit_note(text, text, text, text, jsonb, bigint)",
    "audit_own(text, text)",
    "audit_proof(bigint, bytea)",
)

# What any request may meet before anybody is known, and what tells nothing about anybody.
REFERENCE = (
    "platform_revision", "areas", "areas_plan", "areas_version", "areas_street", "areas_building", "areas_block",
    "areas_facility", "areas_name", "duties_category", "duties_agency", "duties_site", "duties_list", "duties_item",
    "duties_support", "privacy_limit", "privacy_notice", "platform_day", "platform_hours", "cases_setting",
    "areas_lineage", "analytics_change_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Protected:
    """A table whose rows lie somewhere. `key`: the column that holds the incident's id.

    Each row carries unit_id, grid_id, area_id and agency_id; the policies use these and nothing else, because a
    geometry or a sub-select in a policy costs the index (docs/adr/0014).
    """

    table: str
    key: str
    many: bool = False  # agency_ids instead of agency_id: every agency that takes part


PROTECTED: tuple[Protected, ...] = (
    Protected("incidents", "id"),
    Protected("incidents_attachment", "incident_id"),
    Protected("incidents_contact", "incident_id"),
    Protected("privacy_request", "incident_id"),
    Protected("cases", "id", many=True),
    Protected("cases_summons", "case_id"),
    Protected("cases_rating", "case_id"),
    Protected("cases_feedback", "case_id"),
    Protected("cases_change", "case_id"),
    Protected("cases_reception", "id"),
    Protected("cases_opinion", "case_id"),
)
# Tables whose rows belong to an incident that is named in the context: they open for that one alone.
BY_KEY: Mapping[str, str] = {
    "incidents_key": "id", "cases_event": "case_id", "cases_clock": "case_id", "cases_photo": "case_id",
    "cases_paper": "case_id",
}  # fmt: skip


def privileges_of(role: Role) -> tuple[Privilege, ...]:
    """What the table opens for a role in the database."""
    found: list[Privilege] = []
    for permission, grant in grants_of(role).items():
        if permission in ACTS_AS:
            continue
        found += PRIVILEGES.get((permission, grant.fields), PRIVILEGES.get((permission, "*"), ()))
    return tuple(dict.fromkeys(found))
