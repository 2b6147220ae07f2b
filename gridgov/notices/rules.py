"""Who is told of which event, in which channel; what a delivery is. Pure.

Owns the table of topics, bodies, subscriptions, and when a delivery is tried again. Does not own the texts (`texts`)
nor any sending. News goes to bodies, not to persons: to an agency, or to the posts of one role in an area.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from gridgov.auth.rules import Role
from gridgov.platform.errors import BadInput, Conflict, NotFound

NAMESPACE = UUID("6f0b8f0e-5a34-5d0e-9a55-0d6c1c1f7a10")  # of the ids of deliveries
MAX_ATTEMPTS = 12
PING = "webhook.ping"
REPORTER, REPORTER_TOPIC = "reporter", "reporter."


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


class To(StrEnum):
    """Whom a topic is for. `bodies`: those that the facts name."""

    BODIES = "bodies"
    REPORTER = "reporter"
    NOBODY = "nobody"  # webhooks alone


# topic | to | 中文 | English. A part in brackets is left out where a fact of it is not there. What is not in the table
# goes to the bodies that its facts name, under the last line.
TABLE = """
case.reported | bodies | 新上报事项[{number}] | A matter was reported[: {number}]
case.accepted | bodies | 案件已立案[：{number}] | A case was opened[: {number}]
case.dispatched | bodies | 案件派遣至本单位[：{number}][，请于{due_at}前办结] | A case was dispatched to you[: {number}][, due {due_at}]
case.escalated | bodies | 下级上报案件[：{number}] | A case was escalated to you[: {number}]
case.returned | bodies | 案件申请回退[：{number}] | A case is asked to be returned[: {number}]
case.disputed | bodies | 案件责任争议待裁定[：{number}] | A case waits for a ruling[: {number}]
case.ruled | bodies | 责任争议已裁定[：{number}] | A dispute was ruled on[: {number}]
case.extension-asked | bodies | 案件申请延期[：{number}] | An extension is asked for[: {number}]
case.extension-granted | bodies | 延期已同意[：{number}][，新时限{due_at}] | An extension was granted[: {number}][, now due {due_at}]
case.answered | bodies | 案件已处理反馈[：{number}] | A case was answered[: {number}]
case.reworked | bodies | 案件返工[：{number}] | A case came back to be done again[: {number}]
case.closed | bodies | 案件已结案[：{number}] | A case was closed[: {number}]
case.reopened | bodies | 案件重启[：{number}] | A case was re-opened[: {number}]
case.whistled | bodies | 街道吹哨，请到场报到[：{number}][，签收时限{due_at}] | A whistle calls you[: {number}][, sign in by {due_at}]
case.summoned | bodies | 街道吹哨，请到场报到[：{number}][，签收时限{due_at}] | A whistle calls you[: {number}][, sign in by {due_at}]
case.clock.yellow | bodies | 案件时限将至[：{number}][，{due_at}到期] | A case is close to its limit[: {number}][, due {due_at}]
case.clock.red | bodies | 案件已超时[：{number}][，应于{due_at}办结] | A case is late[: {number}][, was due {due_at}]
reporter.received | reporter | 您反映的事项[{number}]已受理，可凭回执查询进度。 | Your report[ {number}] was taken up; your receipt shows its progress.
reporter.answered | reporter | 您反映的事项[{number}]已处理，结果可凭回执查询。 | Your report[ {number}] was answered; your receipt shows the result.
reporter.closed | reporter | 您反映的事项[{number}]已办结，结果可凭回执查询。 | Your report[ {number}] was closed; your receipt shows the result.
webhook.ping | nobody | 测试通知 | A test
* | bodies | 有新的事项[：{number}] | Something happened[: {number}]
""".strip()  # noqa: E501  # one topic a line is what makes it a table


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    topic: str
    to: To
    zh: str
    en: str


def _read(table: str) -> dict[str, Rule]:
    found = {}
    for line in table.splitlines():
        topic, to, zh, en = (part.strip() for part in line.split("|"))
        if topic in found:
            raise ValueError(f"{topic} stands in the table twice")
        found[topic] = Rule(topic, To(to), zh, en)
    return found


RULES: Mapping[str, Rule] = _read(TABLE)


def rule_of(topic: str) -> Rule:
    """The line of a topic; the last one for what is not in the table."""
    return RULES.get(topic, RULES["*"])


# --- bodies ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Body:
    """Whom news is addressed to. `kind`: agency, area (then with a role) or account. An agency's role may be left out:
    every post of the agency then."""

    kind: str
    id: int
    role: Role | None = None

    @property
    def name(self) -> str:
        """What it is stored as: "agency:7", "area:3:centre_operator"; area 0 is the whole city (`Actor.bodies`)."""
        return f"{self.kind}:{self.id}" + (f":{self.role.value}" if self.role else "")


def bodies(facts: Mapping[str, Any]) -> tuple[Body, ...]:
    """The bodies that an event's facts name, each once, in the order of their names.

    `agency_id`, `agency_ids`: agencies, all posts or those of `role`. `area_id` with `role`: the posts of that role in
    the area; an area without a role only says where. `account_id`: one account. `to`: bodies by their names, for
    events that tell several with different roles.
    """
    role = Role(facts["role"]) if facts.get("role") in set(Role) else None
    agencies = [facts.get("agency_id"), *(facts.get("agency_ids") or ())]
    found = {Body("agency", int(one), role if _of_agency(role) else None) for one in agencies if one is not None}
    if facts.get("area_id") is not None and role is not None and not _of_agency(role):
        found.add(Body("area", int(facts["area_id"]), role))
    if facts.get("account_id") is not None:
        found.add(Body("account", int(facts["account_id"])))
    found |= {parse_body(one) for one in facts.get("to") or ()}
    return tuple(sorted(found, key=lambda one: one.name))


def _of_agency(role: Role | None) -> bool:
    return role in (Role.AGENCY_HEAD, Role.AGENCY_OFFICER)


def parse_body(name: str) -> Body:
    """A body by its name. Raises `BadBody`."""
    kind, _, rest = name.partition(":")
    number, _, role = rest.partition(":")
    known = role == "" or role in set(Role)
    if kind not in ("agency", "area", "account") or not re.fullmatch("[0-9]{1,18}", number) or not known:
        raise BadBody(f"“{name}” is no body.", field="body", remedy="Write agency:7 or area:3:centre_operator.")
    if (kind == "area") != (role != "") and kind != "agency":
        raise BadBody(f"“{name}” is no body.", field="body", remedy="An area needs a role, an account has none.")
    return Body(kind, int(number), Role(role) if role else None)


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
    it; None: everything (webhooks)."""

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
    found = []
    for one in subscriptions:
        if event.topic == PING:
            wanted = event.key == str(one.id)
        else:
            wanted = matches(one.topics, event.topic) and (one.body is None or one.body in names)
        if wanted and not (event.topic.startswith(REPORTER_TOPIC) and one.channel is not Channel.WEBHOOK):
            found.append(made(one.channel, subscribed(one.id)))
    if rule_of(event.topic).to is To.REPORTER and event.incident_id is not None:
        found.append(made(Channel.SMS, REPORTER, event.incident_id))
    return found


def told_of(event: Event) -> tuple[Body, ...]:
    """Who finds the event among their messages."""
    return bodies(event.facts) if rule_of(event.topic).to is To.BODIES else ()


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
