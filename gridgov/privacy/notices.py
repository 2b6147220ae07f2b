"""Notices (告知): what people are told before their data is taken, in versions that are never edited.

Owns publishing and finding them. Does not own that one was shown: a contact, a consent say which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.platform.errors import BadInput, Conflict, NotFound
from gridgov.platform.personal import Basis, Retention
from gridgov.privacy import queries, service
from gridgov.privacy.retention import limit_of

LANGUAGES = ("zh", "en")
RIGHTS = ("access", "copy", "correct", "erase", "explain", "withdraw")
MAX_TEXT = 8_000


class NoticeUnknown(NotFound):
    """No notice of this code is in force, or none has this id."""

    code = "notice-unknown"


class BadNotice(BadInput):
    """The notice lacks what must be told, or promises what the platform does not do."""

    code = "bad-notice"


class NoticeMovedOn(Conflict):
    """A later version is in force already."""

    code = "notice-moved-on"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is taken for. `sensitive`: of the kinds of article 28, so that consent to it is given apart."""

    code: str
    names: Mapping[str, str]
    basis: Basis
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice as it is published. In `texts`, {name-of-a-class} stands for its days in force."""

    code: str
    handler: Mapping[str, str]
    texts: Mapping[str, str]
    purposes: Sequence[Purpose]
    kinds: Sequence[Mapping[str, str]]
    kept: Sequence[str]
    rights: Sequence[str] = RIGHTS


@dataclass(frozen=True, slots=True)
class Notice:
    """A version of a notice, as it was or is shown."""

    id: int
    code: str
    version: int
    handler: Mapping[str, str]
    texts: Mapping[str, str]
    purposes: tuple[Purpose, ...]
    kinds: tuple[Mapping[str, str], ...]
    retention: tuple[Mapping[str, Any], ...]
    rights: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None
    digest: bytes = field(repr=False)


def publish(
    session: Session,
    new: NewNotice,
    *,
    classes: Mapping[str, Retention],
    now: datetime,
    by: int | None = None,
) -> Notice:
    """Puts a notice in force from now on; the version before ends. The same again changes nothing.

    `classes` are the classes of retention by name; their days are those in force. Raises `BadNotice`, `NoticeMovedOn`.
    """
    found = {row.name: row for row in service.limits(session).values()}
    kept = [_class(classes, name) for name in new.kept]
    retention = [{"name": one.name, "days": limit_of(one, found).days, "since": one.event} for one in kept]
    texts = {language: _filled(new.texts.get(language, ""), retention) for language in LANGUAGES}
    _check(new, texts)
    told = {
        "handler": dict(new.handler),
        "texts": texts,
        "purposes": [asdict(one) for one in new.purposes],
        "kinds": [dict(one) for one in new.kinds],
        "retention": retention,
    }
    digest = hashlib.sha256(json.dumps([told, list(new.rights)], sort_keys=True).encode()).digest()
    last = queries.newest_notice(session, new.code)
    if last is not None and bytes(last.digest) == digest and last.valid_to is None:
        return _notice(last)
    if last is not None:
        if last.valid_from >= now:
            raise NoticeMovedOn("A version of this notice begins later than now.", field="code")
        queries.end_notice(session, last.id, now)
    written = {name: json.dumps(value, ensure_ascii=False) for name, value in told.items()}
    version = 1 if last is None else last.version + 1
    head = {"code": new.code, "version": version, "rights": list(new.rights), "digest": digest}
    notice_id = queries.add_notice(session, {**written, **head, "valid_from": now, "now": now, "by": by})
    return get(session, notice_id)


def in_force(session: Session, code: str, now: datetime) -> Notice:
    """The version that is shown at the instant. Raises `NoticeUnknown`."""
    row = queries.notice_in_force(session, code, now)
    if row is None:
        raise NoticeUnknown(f"No notice “{code}” is in force.", field="code")
    return _notice(row)


def get(session: Session, notice_id: int) -> Notice:
    """Any version, old ones too. Raises `NoticeUnknown`."""
    row = queries.notice(session, notice_id)
    if row is None:
        raise NoticeUnknown("No notice has this id.", field="notice", remedy="Send the id of the notice you showed.")
    return _notice(row)


def exists(session: Session, notice_id: int) -> bool:
    """Whether there is or was a notice of this id."""
    return queries.notice(session, notice_id) is not None


def _class(classes: Mapping[str, Retention], name: str) -> Retention:
    if name not in classes:
        raise BadNotice(
            f"No class of retention is called “{name}”.", field="kept", remedy=f"Use one of: {', '.join(classes)}."
        )
    return classes[name]


def _filled(text: str, retention: Sequence[Mapping[str, Any]]) -> str:
    for one in retention:
        text = text.replace(f"{{{one['name']}}}", str(one["days"]))
    return text.strip()


def _check(new: NewNotice, texts: Mapping[str, str]) -> None:
    """What article 17 has told: who, for what, which kinds, how long, which rights."""
    for name, given in (("purposes", new.purposes), ("kinds", new.kinds), ("kept", new.kept)):
        if not given:
            raise BadNotice("It must not be empty.", field=name)
    if len({one.code for one in new.purposes}) != len(new.purposes):
        raise BadNotice("Two purposes have one code.", field="purposes")
    if set(new.rights) != set(RIGHTS):
        raise BadNotice("It must name every right and no other.", field="rights", remedy=f"Use {', '.join(RIGHTS)}.")
    for part in (*LANGUAGES, "contact"):
        if not new.handler.get(part, "").strip():
            raise BadNotice("It must say who handles the data and how to reach them.", field=f"handler.{part}")
    for language in LANGUAGES:
        if not 20 <= len(texts[language]) <= MAX_TEXT:
            raise BadNotice(f"A text has 20 to {MAX_TEXT} characters.", field=f"texts.{language}")
        if "{" in texts[language]:
            raise BadNotice(
                "A blank of the text was not filled.", field=f"texts.{language}", remedy="Name its class under kept."
            )
        if any(not one.names.get(language) for one in new.purposes) or any(not k.get(language) for k in new.kinds):
            raise BadNotice("Purposes and kinds are named in both languages.", field=f"purposes.{language}")


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        code=row.code,
        version=row.version,
        handler=row.handler,
        texts=row.texts,
        purposes=tuple(
            Purpose(one["code"], one["names"], Basis(one["basis"]), one["sensitive"]) for one in row.purposes
        ),
        kinds=tuple(row.kinds),
        retention=tuple(row.retention),
        rights=tuple(row.rights),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        digest=bytes(row.digest),
    )
