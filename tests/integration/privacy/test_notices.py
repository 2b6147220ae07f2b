"""Notices in versions, and consents that rest on them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import tests.mapped  # noqa: F401  # every mapped table
from gridgov.bootstrap import HOLDINGS, House
from gridgov.platform.db import Base
from gridgov.platform.errors import GridgovError
from gridgov.platform.personal import Basis, Retention
from gridgov.privacy import consents, jobs, notices, register, service
from gridgov.privacy.consents import Channel, NewConsent, NoConsentNeeded, OtherConsent, SeparateConsentNeeded
from gridgov.privacy.deadlines import Limit
from gridgov.privacy.holdings import Ended
from gridgov.privacy.noticefile import parse
from gridgov.privacy.notices import BadNotice, NewNotice, Notice, NoticeUnknown, Purpose
from gridgov.privacy.records import CONSENTS, Consents
from gridgov.privacy.retention import REPORTER_CONTACT
from gridgov.privacy.service import by_phone
from tests.integration.privacy.conftest import NOW, Reporting, contact_row, trail

SHIPPED = Path(__file__).resolve().parents[3] / "geodata" / "notices" / "report.toml"
CLASSES: Mapping[str, Retention] = register.classes(Base.metadata)
DAY = timedelta(days=1)


@pytest.fixture
def shipped() -> NewNotice:
    return parse(SHIPPED.read_text(encoding="utf-8"))


@pytest.fixture
def notice(city: House, shipped: NewNotice) -> Notice:
    """The shipped notice with one more purpose, of the sensitive kind."""
    track = Purpose("track", {"zh": "行踪", "en": "where you go"}, Basis.CONSENT, sensitive=True)
    with city.db.transaction() as session:
        return notices.publish(session, replace(shipped, purposes=[*shipped.purposes, track]), classes=CLASSES, now=NOW)


def publish(house: House, new: NewNotice, *, days: int = 0) -> Notice:
    with house.db.transaction() as session:
        return notices.publish(session, new, classes=CLASSES, now=NOW + days * DAY)


def test_the_shipped_notice_says_what_is_done(city: House, shipped: NewNotice) -> None:
    """Its days are those of the class in force, and in both languages."""
    found = publish(city, shipped)
    assert (found.version, found.retention[0]["days"]) == (1, REPORTER_CONTACT.days)
    for written in found.texts.values():
        assert f" {REPORTER_CONTACT.days} " in written
        assert "{" not in written
    assert set(found.rights) == set(notices.RIGHTS)


def test_with_the_citys_own_limit_it_says_that(city: House, shipped: NewNotice) -> None:
    with city.db.transaction() as session:
        limit = Limit(REPORTER_CONTACT.name, 90, "rules of the city, section 4")
        service.set_limit(session, limit, known=CLASSES, now=NOW)
    assert " 90 " in publish(city, shipped).texts["zh"]


def test_a_version_ends_the_one_before_and_stays_readable(city: House, shipped: NewNotice) -> None:
    first = publish(city, shipped)
    changed = replace(shipped, texts={**shipped.texts, "en": "Another text that says the same in other words."})
    second = publish(city, changed, days=1)
    assert (second.version, second.valid_from) == (2, NOW + DAY)
    with city.db.transaction() as session:
        assert notices.in_force(session, "report", NOW).id == first.id
        assert notices.in_force(session, "report", NOW + DAY).id == second.id
        old = notices.get(session, first.id)
        assert (old.texts, old.valid_to) == (first.texts, NOW + DAY)
        with pytest.raises(NoticeUnknown):
            notices.in_force(session, "report", NOW - DAY)


def test_the_same_again_is_no_new_version(city: House, shipped: NewNotice) -> None:
    assert publish(city, shipped).id == publish(city, shipped, days=1).id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"texts": {"zh": "太短", "en": "too short"}}, "texts.zh"),
        ({"texts": {"zh": "只有中文的告知书，没有别的语言，所以不行。"}}, "texts.en"),
        ({"texts": {"zh": "保存 {no-such-class} 日" * 5, "en": "Kept for {no-such-class} days."}}, "texts.zh"),
        ({"handler": {"zh": "某中心", "en": "Some centre"}}, "handler.contact"),
        ({"handler": {"zh": "", "en": "Some centre", "contact": "x"}}, "handler.zh"),
        ({"purposes": []}, "purposes"),
        ({"kinds": []}, "kinds"),
        ({"kept": []}, "kept"),
        ({"kept": ["no-such-class"]}, "kept"),
        ({"rights": ["access"]}, "rights"),
    ],
)
def test_a_notice_that_lacks_what_must_be_told_is_refused(
    city: House, shipped: NewNotice, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadNotice) as problem:
        publish(city, replace(shipped, **change))
    assert problem.value.field == field
    with city.db.transaction() as session:
        assert session.execute(text("select count(*) from privacy_notice")).scalar_one() == 0


@pytest.mark.parametrize("broken", ["code = ", "code = 'x'", "strange = 1", "code = 'x'\npurposes = 'y'"])
def test_a_file_that_is_no_notice_says_so(broken: str) -> None:
    with pytest.raises(BadNotice):
        parse(broken)


def test_two_versions_cannot_be_in_force_at_once(city: House, notice: Notice) -> None:
    """The database sees to it, whatever a program does."""
    with pytest.raises(IntegrityError, match="privacy_notice_code_valid_excl"), city.db.transaction() as session:
        session.execute(
            text(
                "insert into privacy_notice (code, version, handler, texts, purposes, kinds, retention, rights, "
                "digest, valid, published_at) select code, version + 1, handler, texts, purposes, kinds, retention, "
                "rights, digest, tstzrange(now(), null), now() from privacy_notice"
            )
        )


def test_which_notice_was_shown_stands_with_the_contact(city: House, report: Reporting, notice: Notice) -> None:
    row = contact_row(city, report(notice_id=notice.id))
    assert row is not None
    assert row["notice_id"] == notice.id


# --- consents ---------------------------------------------------------------------------------------------------------


def consent(notice: Notice, *purposes: str, **other: Any) -> NewConsent:
    new = NewConsent(uuid.uuid4(), "13812345678", notice.id, purposes, Channel.WINDOW)
    return replace(new, **other)


def give(house: House, new: NewConsent) -> None:
    with house.db.transaction() as session:
        consents.give(session, new, sealer=house.sealer, now=NOW)


def stands(house: House, purpose: str, phone: str = "13812345678", **other: bool) -> bool:
    with house.db.transaction() as session:
        return consents.stands(session, by_phone(house.sealer, phone), purpose, **other)


def withdraw(house: House, *, days: int = 1) -> Mapping[str, Ended]:
    with house.db.transaction() as session:
        who = by_phone(house.sealer, "13812345678")
        return consents.withdraw(session, who, HOLDINGS, channel=Channel.HOTLINE, now=NOW + days * DAY)


def test_a_consent_stands_for_its_purpose_and_its_person_until_it_is_withdrawn(city: House, notice: Notice) -> None:
    assert not stands(city, "survey")
    give(city, consent(notice, "survey"))
    assert stands(city, "survey", "+86 138 1234 5678")
    assert not stands(city, "survey", "13900000000")
    assert not stands(city, "track")
    withdraw(city)
    assert not stands(city, "survey")
    (entry,) = trail(city, "withdraw")
    assert entry["facts"]["consents"] == 1


def test_the_same_again_changes_nothing_and_another_under_its_id_is_refused(city: House, notice: Notice) -> None:
    new = consent(notice, "survey")
    give(city, new)
    give(city, new)
    with pytest.raises(OtherConsent):
        give(city, replace(new, phone="13900000000"))
    with pytest.raises(OtherConsent):
        give(city, replace(new, purposes=("track",), separate=True))


def test_none_is_asked_where_the_law_lays_a_duty(city: House, notice: Notice) -> None:
    with pytest.raises(NoConsentNeeded):
        give(city, consent(notice, "reply"))


def test_sensitive_data_needs_one_of_its_own(city: House, notice: Notice) -> None:
    for new in (consent(notice, "track"), consent(notice, "survey", "track", separate=True)):
        with pytest.raises(SeparateConsentNeeded):
            give(city, new)
    give(city, consent(notice, "track", separate=True))
    assert stands(city, "track", separate=True)


@pytest.mark.parametrize(
    "change", [{"purposes": ("nothing",)}, {"purposes": ()}, {"notice_id": 10**6}, {"phone": "no number"}]
)
def test_a_consent_to_nothing_is_none(city: House, notice: Notice, change: dict[str, Any]) -> None:
    with pytest.raises(GridgovError):
        give(city, replace(consent(notice, "survey"), **change))


def test_withdrawing_ends_the_use_of_the_contact(city: House, report: Reporting, notice: Notice) -> None:
    """Erased where the matter is closed, frozen where it is still to be answered; another person's stays."""
    closed, still_open, other = report(), report(status="open"), report("13900000000")
    give(city, consent(notice, "survey"))
    done = withdraw(city)
    assert done["incidents.contacts"] == Ended(erased=1, frozen=1)
    assert contact_row(city, closed) is None
    frozen, untouched = contact_row(city, still_open), contact_row(city, other)
    assert frozen is not None
    assert frozen["frozen_because"] == "withdrawal"
    assert untouched is not None
    assert untouched["frozen_at"] is None


def test_a_consent_that_stands_is_kept_and_one_withdrawn_for_three_years(city: House, notice: Notice) -> None:
    give(city, consent(notice, "survey"))
    end = NOW + DAY + timedelta(days=1095)

    def run(now: datetime) -> Ended:
        return jobs.retain(city.db.transaction, [Consents()], now=now)[CONSENTS]

    assert run(end + 3650 * DAY) == Ended(), "it stands"
    withdraw(city)
    assert run(end - timedelta(seconds=1)) == Ended()
    assert run(end) == Ended(erased=1)
