"""Who is told of which event, in which channel; what a delivery is. Pure.

Owns bodies, subscriptions, and what follows from an event. Does not own the table (`topics`), the texts (`texts`) nor
any sending. News goes to bodies, not to persons: to an agency, or to the posts of one role in an area.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from gridgov.auth.rules import OFFICE, Role
from gridgov.notices.topics import PING, REPORTER_TOPIC, To, rule_of
from gridgov.platform.errors import BadInput, Conflict, NotFound

NAMESPACE = UUID("6f0b8f0e-5a34-5d0e-9a55-0d6c1c1f7a10")  # of the ids of deliveries
MAX_ATTEMPTS = 12
ROLES = tuple(one.value for one in Role)
REPORTER = "reporter"
SOURCE = "source:"


class Channel(StrEnum):
    """How somebody outside the platform is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    SMS = "sms"


class State(StrEnum):
    """Where a delivery stands. All but the first are ends; a dead one can be begun anew."""

    WAITING = "waiting"
    SENT = "sent"
    NO_CONTACT = "no-contact"  # nobody to tell: no contact was left, or it is frozen or erased
    DEAD = "dead"  # tried too often, or it can never succeed
    GIVEN_UP = "given-up"  # by somebody, with a reason


# --- bodies ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Body:
    """Whom news is addressed to. `kind`: agency, area (then with a role, or `OFFICE`) or account. An agency's role may
    be left out: every post of the agency then."""

    kind: str
    id: int
    role: str | None = None

    @property
    def name(self) -> str:
        """What it is stored as: "agency:7", "area:3:office"; area 0 is the whole city (`Actor.bodies`)."""
        return f"{self.kind}:{self.id}" + (f":{self.role}" if self.role else "")


def bodies(facts: Mapping[str, Any]) -> tuple[Body, ...]:
    """Every body that an event's facts name, each once, in the order of their names.

    `agency_id`, `agency_ids`: agencies, all posts or those of `role`. `area_id` with `role`: the posts of that role in
    the area; an area without a role only says where. `account_id`: one account. `to`: bodies by their names, for
    events that tell several with different roles.
    """
    role = facts["role"] if facts.get("role") in ROLES else None
    agencies = [facts.get("agency_id"), *(facts.get("agency_ids") or ())]
    found = {Body("agency", int(one), role if _of_agency(role) else None) for one in agencies if one is not None}
    if facts.get("area_id") is not None and role is not None and not _of_agency(role):
        found.add(Body("area", int(facts["area_id"]), role))
    if facts.get("account_id") is not None:
        found.add(Body("account", int(facts["account_id"])))
    return _sorted(found | {parse_body(one) for one in facts.get("to") or ()})


def told_of(event: Event) -> tuple[Body, ...]:
    """Who finds the event among their messages, as its line says; each once, in the order of their names."""
    found: set[Body] = set()
    for to in rule_of(event.topic).to:
        found |= _whom(to, event.facts)
    return _sorted(found)


# kind of body, the fact that holds its id (the first that is there), its role
WHOM: Mapping[To, tuple[str, tuple[str, ...], str | None]] = {
    To.CENTRE: ("area", ("unit_id", "area_id"), Role.CENTRE_OPERATOR.value),
    To.UNIT: ("area", ("unit_id", "area_id"), OFFICE),
    To.SUPERVISOR: ("area", ("unit_id", "area_id"), Role.DISTRICT_SUPERVISOR.value),
    To.WORKER: ("area", ("grid_id", "area_id"), Role.GRID_WORKER.value),
    To.SUMMONED: ("agency", ("summoned_id",), None),
}
LISTED: Mapping[To, str] = {To.CALLED: "called_ids", To.AGENCIES: "agency_ids"}


def _whom(to: To, facts: Mapping[str, Any]) -> set[Body]:
    if to is To.NAMED:
        return set(bodies(facts))
    if to is To.HOLDER:
        return _one("agency", facts.get("agency_id")) or _one("area", facts.get("office_id"), OFFICE)
    if to is To.FIRST:
        return _one("agency", facts.get("first_id")) or _one("area", facts.get("first_office_id"), OFFICE)
    if to in LISTED:
        return {Body("agency", int(one)) for one in facts.get(LISTED[to]) or ()}
    if to not in WHOM:
        return set()  # reporters have no messages
    kind, names, role = WHOM[to]
    return _one(kind, next((facts[name] for name in names if facts.get(name) is not None), None), role)


def _one(kind: str, ident: Any, role: str | None = None) -> set[Body]:
    return set() if ident is None else {Body(kind, int(ident), role)}


def _sorted(found: set[Body]) -> tuple[Body, ...]:
    return tuple(sorted(found, key=lambda one: one.name))


def _of_agency(role: str | None) -> bool:
    return role in (Role.AGENCY_HEAD, Role.AGENCY_OFFICER)


def parse_body(name: str) -> Body:
    """A body by its name. Raises `BadBody`."""
    kind, _, rest = name.partition(":")
    number, _, role = rest.partition(":")
    fits = {"agency": role in ("", *ROLES), "area": role in (OFFICE, *ROLES), "account": role == ""}
    if not fits.get(kind, False) or not re.fullmatch("[0-9]{1,18}", number):
        raise BadBody(
            f"“{name}” is no body.", field="body", remedy="Write agency:7, area:3:office or area:3:centre_operator."
        )
    return Body(kind, int(number), role or None)


# --- events, subscriptions, deliveries ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the outbox."""

    id: int
    topic: str
    key: str
    facts: Mapping[str, Any]
    at: datetime

    @property
    def incident_id(self) -> UUID | None:
        """The incident whose reporter is meant; a case has the id of its incident."""
        named = self.facts.get("incident_id") or self.facts.get("case_id") or self.key
        try:
            return UUID(str(named))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to be told by which channel. `topics`: exact ones, "case.*" or "*". `body`: only what is addressed to
    it, or comes of the orders of one other system ("source:hotline"); None: everything (webhooks)."""

    id: int
    channel: Channel
    topics: tuple[str, ...]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be delivered; no address in it."""

    id: UUID
    outbox_id: int
    channel: Channel
    target: str
    incident_id: UUID | None = None


def matches(topics: Iterable[str], topic: str) -> bool:
    """Whether one of the patterns covers the topic."""
    return any(one in (topic, "*") or (one.endswith(".*") and topic.startswith(one[:-1])) for one in topics)


def subscribed(target: int) -> str:
    """The target of deliveries to a subscription."""
    return f"subscription:{target}"


def deliveries(event: Event, told: Sequence[Body], subscriptions: Iterable[Subscription], city: str) -> list[Delivery]:
    """What goes out for an event, beside the messages to `told`. Each with an id that is the same whenever this is
    worked out again, and another for every other event, also after a restore gave its number again."""

    def made(channel: Channel, target: str, incident_id: UUID | None = None) -> Delivery:
        name = "|".join((city, str(event.id), event.at.isoformat(), event.topic, event.key, channel, target))
        return Delivery(uuid5(NAMESPACE, name), event.id, channel, target, incident_id)

    names = {one.name for one in told} | {f"{one.kind}:{one.id}" for one in told}
    names.add(f"{SOURCE}{event.facts.get('source')}")
    found = []
    for one in subscriptions:
        if event.topic == PING:
            wanted = event.key == str(one.id)
        else:
            wanted = matches(one.topics, event.topic) and (one.body is None or one.body in names)
        if wanted and not (event.topic.startswith(REPORTER_TOPIC) and one.channel is not Channel.WEBHOOK):
            found.append(made(one.channel, subscribed(one.id)))
    if To.REPORTER in rule_of(event.topic).to and event.incident_id is not None:
        found.append(made(Channel.SMS, REPORTER, event.incident_id))
    return found


# --- errors ---------------------------------------------------------------------------------------------------------


class BadBody(BadInput):
    code = "bad-body"


class BadTopics(BadInput):
    code = "bad-topics"


class BadDelivery(BadInput):
    code = "bad-delivery"


class DeliveryUnknown(NotFound):
    code = "delivery-unknown"


class SubscriptionUnknown(NotFound):
    code = "subscription-unknown"


class NotWaiting(Conflict):
    """The delivery has ended, or is being tried at this moment."""

    code = "delivery-has-moved-on"


class SubscriptionEnded(Conflict):
    code = "subscription-ended"
