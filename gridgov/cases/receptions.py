"""Deputies' receptions (人大代表联系群众): announced for a community, held, their opinions become cases.

Owns receptions, and that the opinions of one are taken all or none. Does not own reports (`incidents`) nor what becomes
of a case. Nobody who came is named here: an opinion is what was said, and whoever wants an answer in person leaves a
contact, which is sealed as with any report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.auth.rules import Actor, Reach
from gridgov.cases import service
from gridgov.cases.queries import receptions as queries
from gridgov.cases.service import Setting
from gridgov.geo.crs import Datum
from gridgov.incidents import service as incidents
from gridgov.incidents.rules import Channel, Report, Reporter
from gridgov.incidents.service import Indexes, Receipt
from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused

MOST_OPINIONS = 50
INTAKE = "intake"


class ReceptionUnknown(NotFound):
    code = "reception-unknown"


class OtherReception(Conflict):
    """The id was used before, for another reception or another opinion."""

    code = "id-used-for-another-reception"


class NotYourCommunity(Refused):
    """A deputy holds receptions in the communities of their post."""

    code = "not-your-community"


class NotYourReception(Refused):
    """Somebody else holds it."""

    code = "not-your-reception"


class BadReception(BadInput):
    code = "bad-reception"


@dataclass(frozen=True, slots=True)
class NewReception:
    """When and where one is, was, or will be held. `id` is made by the client; `area_id`: a community."""

    id: UUID
    area_id: int
    held_at: datetime
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said, without who said it. `lon`, `lat` in WGS-84; None: it is about the community as a whole."""

    id: UUID
    category: str
    text: str
    lon: float | None = None
    lat: float | None = None
    address: str | None = None
    reporter: Reporter | None = None


def announce(session: Session, new: NewReception, actor: Actor, path: Sequence[AreaFacts], *, now: datetime) -> bool:
    """Keeps a reception of the actor's; whether it is new. `path`: of its area, city first.

    Raises `BadReception`, `NotYourCommunity`, `OtherReception`.
    """
    if not path or path[-1].level is not Level.COMMUNITY:
        raise BadReception("A reception is held in a community.", field="area", remedy="Give the id of one in force.")
    unit = unit_of(path)
    if not _reaches(actor.reach, path[-1].id, unit.id if unit else None):
        raise NotYourCommunity("This community is not of your post.", field="area", remedy="Choose one of yours.")
    values = {
        "id": new.id, "held_at": new.held_at, "notice": new.notice.strip(), "account_id": actor.account_id,
        "post_id": actor.post_id, "area_id": new.area_id, "unit_id": unit.id if unit else None, "made_at": now,
    }  # fmt: skip
    if queries.add(session, values):
        return True
    row = queries.one(session, new.id, actor.reach)
    same = row is not None and (row.area_id, row.held_at, row.notice, row.account_id) == (
        new.area_id, new.held_at, values["notice"], actor.account_id
    )  # fmt: skip
    if not same:
        raise OtherReception("This id was used before.", field="id", remedy="Make a new id for a new reception.")
    return False


def _reaches(reach: Reach, area_id: int, unit_id: int | None) -> bool:
    return reach.city or area_id in reach.places or unit_id in reach.units


def get(session: Session, reception_id: UUID, reach: Reach) -> Any:
    """One with its counts. Raises `ReceptionUnknown`, also beyond the reach."""
    row = queries.one(session, reception_id, reach)
    if row is None:
        raise ReceptionUnknown("No reception has this id.", field="id", remedy="Look at the list of receptions.")
    return row


def opinions(session: Session, reception_id: UUID) -> list[Any]:
    """What became of the opinions of one that was let through by `get`."""
    return queries.opinions(session, reception_id)


def find(
    session: Session,
    reach: Reach,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> list[Any]:
    """Receptions, newest first, each with how many opinions it brought and how many are answered in writing."""
    return queries.page(session, reach, since=since, until=until, before=before, limit=limit)


def record(
    session: Session,
    reception_id: UUID,
    said: Sequence[Opinion],
    actor: Actor,
    *,
    indexes: Indexes,
    setting: Setting,
    become: Callable[[str], None],
    name: Callable[[UUID], None],
) -> list[Receipt]:
    """Opinions become cases of the channel “deputy”, all of them or none; one that was taken before keeps its receipt.

    `become`, `name`: the transaction goes on as the role that takes reports, each bound to its own incident. Raises
    `ReceptionUnknown`, `NotYourReception`, `BadReception`, `OtherReception`, and whatever a report raises.
    """
    held = get(session, reception_id, actor.reach)
    if held.account_id != actor.account_id:
        raise NotYourReception("Another deputy holds this reception.", remedy="Announce one of your own.")
    if setting.now < held.held_at:
        raise BadReception("It has not been held yet.", field="id", remedy="Record opinions when people have come.")
    queries.lock(session, reception_id)
    there = {one.case_id: one.ordinal for one in queries.opinions(session, reception_id)}
    ids = {one.id for one in said}
    if len(ids) < len(said) or len(there.keys() | ids) > MOST_OPINIONS:
        raise BadReception(
            f"Each opinion once, and at most {MOST_OPINIONS} of a reception.", field="opinions",
            remedy="Announce a second reception for the rest.",
        )  # fmt: skip
    middle = queries.middle_of(session, held.area_id)
    unit = unit_of(setting.locator.index(session, setting.now, revision=setting.marks.get("areas", 0)).path_of(
        held.area_id))  # fmt: skip
    become(INTAKE)
    by, ordinal, receipts = service.standing(actor).by, len(there), []
    for one in said:
        name(one.id)
        receipt = incidents.report(session, _report(one, held.held_at, middle), indexes=indexes, now=setting.now)
        receipts.append(receipt)
        if receipt.repeated:
            if one.id not in there:
                raise OtherReception("An opinion's id was used before.", field="opinions", remedy="Make a new one.")
            continue
        ordinal += 1
        service.open_case(session, receipt.seen.row, by, setting=setting)
        queries.add_opinion(session, {"case_id": one.id, "reception_id": reception_id, "ordinal": ordinal,
                                      "area_id": held.area_id, "unit_id": unit.id if unit else None})  # fmt: skip
    return receipts


def _report(one: Opinion, at: datetime, middle: tuple[float, float]) -> Report:
    lon, lat = middle if one.lon is None or one.lat is None else (one.lon, one.lat)
    return Report(
        id=one.id, category=one.category, lon=lon, lat=lat, happened_at=at, channel=Channel.DEPUTY,
        datum=Datum.WGS84, text=one.text, address=one.address, reporter=one.reporter,
    )  # fmt: skip
