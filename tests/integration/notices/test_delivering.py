"""Deliveries from claim to end: retried with pauses, dead at last, held by one at a time, and the reporter's own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gridgov.auth.rules import Actor, Role
from gridgov.incidents import service as incidents
from gridgov.incidents.rules import Channel as By
from gridgov.incidents.rules import Report, Reporter
from gridgov.incidents.service import Indexes
from gridgov.notices import jobs, sending, service, subscribing
from gridgov.notices.addresses import Allowed
from gridgov.notices.channels import Channels, Hook
from gridgov.notices.rules import MAX_ATTEMPTS, Channel
from gridgov.notices.signatures import verify
from gridgov.notices.sms import Spool
from gridgov.notices.webhooks import Post as Way
from gridgov.platform.errors import BadInput
from tests import sample
from tests.integration.notices.conftest import NOW, Post
from tests.integration.notices.receivers import Receiver, receiving

HERE = Allowed.of("127.0.0.1", "127.0.0.0/8")
ADMIN = Actor(Role.ADMINISTRATOR)


@pytest.fixture
def receiver(office: Post) -> Iterator[Receiver]:
    with receiving() as made:
        office.channels = Channels(webhook=Way(HERE), hosts=HERE)
        yield made


@pytest.fixture
def webhook(office: Post, receiver: Receiver) -> tuple[int, str]:
    """(id, secret) of a webhook to the receiver."""
    return add(office, receiver)


def add(office: Post, receiver: Receiver, path: str = "/") -> tuple[int, str]:
    with office.house.db.transaction() as session:
        made = subscribing.add_webhook(
            session, ADMIN, label="test", url=f"http://127.0.0.1:{receiver.port}{path}", topics=["*"], allowed=HERE,
            sealer=office.house.sealer, now=office.now,
        )  # fmt: skip
    assert made.secret is not None
    return made.id, made.secret


def test_an_event_reaches_the_receiver_once(office: Post, receiver: Receiver, webhook: tuple[int, str]) -> None:
    office.announce("case.closed", "k1", agency_id=7)
    office.fan_out()
    way = office.deliverer()
    assert way.step() == 1
    assert way.step() == 0
    ((headers, body),) = receiver.got
    (row,) = office.deliveries
    assert verify(headers, body, webhook[1], now=NOW) == str(row.id)
    assert (row.state, row.attempts, row.ended_at, row.problem) == ("sent", 1, NOW, None)
    assert body.decode() == (
        f'{{"id":"{row.id}","type":"case.closed","timestamp":"2026-11-23T04:00:00+00:00",'
        '"data":{"key":"k1","agency_id":7}}'
    )


def test_while_a_secret_is_changed_both_verify_and_then_one(
    office: Post, receiver: Receiver, webhook: tuple[int, str]
) -> None:
    ident, old = webhook
    with office.house.db.transaction() as session:
        new = subscribing.rotate(session, ident, sealer=office.house.sealer, now=office.now).secret
    assert new is not None
    for expected in ([True, True], [False, True]):
        office.announce("case.closed", agency_id=7)
        office.fan_out()
        office.deliverer().step()
        headers, body = receiver.got[-1]
        found = []
        for secret in (old, new):
            try:
                found.append(bool(verify(headers, body, secret, now=office.now)))
            except ValueError:
                found.append(False)
        assert found == expected
        office.later(days=1, seconds=1)


def test_what_fails_is_tried_again_later_and_later_until_it_is_dead(
    office: Post, receiver: Receiver, webhook: tuple[int, str]
) -> None:
    receiver.answer = lambda: (503, {}, b"")
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    way, tried = office.deliverer(), [office.now]
    while (row := office.deliveries[0]).state == "waiting":
        office.now = max(row.next_at, office.now)
        if way.step():
            tried.append(office.now)
        else:
            office.later(seconds=60)  # the target rests for longer than the delivery
    assert (row.state, row.attempts, row.problem) == ("dead", MAX_ATTEMPTS, "receiver-refused: 503")
    assert len(receiver.got) == MAX_ATTEMPTS
    assert len(set(receiver.ids)) == 1
    assert timedelta(days=1) < tried[-1] - tried[0] < timedelta(days=2)
    receiver.answer = lambda: (204, {}, b"")
    with office.house.db.transaction() as session:
        service.retry(session, row.id, reason="it answers again", now=office.now)
    office.later(hours=1)
    way.step()
    assert [one.state for one in office.deliveries] == ["sent"]


def test_what_can_never_succeed_is_dead_at_once(office: Post, receiver: Receiver, webhook: tuple[int, str]) -> None:
    receiver.answer = lambda: (410, {}, b"")
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    office.deliverer().step()
    (row,) = office.deliveries
    assert (row.state, row.attempts) == ("dead", 1)


def test_a_channel_that_is_not_set_up_keeps_what_is_to_go(
    office: Post, receiver: Receiver, webhook: tuple[int, str]
) -> None:
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    there, office.channels = office.channels, Channels()
    office.deliverer().step()
    (row,) = office.deliveries
    assert (row.state, row.problem) == ("waiting", "channel-not-set-up: webhook")
    office.channels = there
    office.later(minutes=1)
    office.deliverer().step()
    assert len(receiver.got) == 1


def test_one_receiver_that_is_down_does_not_hold_up_the_others(office: Post, receiver: Receiver) -> None:
    with receiving() as broken:
        broken.answer = lambda: (500, {}, b"")
        add(office, broken)
        for _ in range(60):
            office.announce("case.closed", agency_id=7)
        office.fan_out()
        office.later(seconds=1)
        add(office, receiver)
        office.announce("case.closed", agency_id=8)
        office.fan_out()
        way, rounds = office.deliverer(), 0
        while not receiver.got:
            assert way.step()
            rounds += 1
        assert rounds == 2  # after one round with the broken one, which rests from then on
        assert len(broken.got) == jobs.AT_ONCE


class TestClaims:
    def test_a_claim_keeps_others_away_until_it_is_over(
        self, office: Post, receiver: Receiver, webhook: tuple[int, str]
    ) -> None:
        from gridgov.notices.queries import deliveries

        office.announce("case.closed", agency_id=7)
        office.fan_out()
        with office.house.internally("notifier") as session:  # somebody who is killed after this
            (held,) = deliveries.claim(session, office.now, until=office.now + jobs.CLAIMED, most=5)
        assert office.deliverer().step() == 0
        office.later(seconds=jobs.CLAIMED.total_seconds())
        assert office.deliverer().step() == 1
        assert office.deliveries[0].state == "sent"
        with office.house.internally("notifier") as session:  # who was believed dead comes back
            assert not deliveries.end(
                session, held.id, held.claim, state="dead", now=office.now, problem="x", parts=None
            )
        assert office.deliveries[0].state == "sent"

    def test_several_workers_at_once_send_each_thing_once(
        self, office: Post, receiver: Receiver, webhook: tuple[int, str]
    ) -> None:
        """The control: whoever sends what waits without a claim sends it as often as there are workers."""
        for _ in range(30):
            office.announce("case.closed", agency_id=7)
        office.fan_out()

        def work() -> None:
            way = office.deliverer()
            while way.step():
                pass

        def naive() -> None:
            ways = office.deliverer().ways
            begin.wait()
            for row in waiting:
                sending.send(ways, row, office.now)

        begin, waiting = threading.Barrier(3), office.deliveries
        for workers, times in ((naive, 3), (work, 1)):
            receiver.got.clear()
            threads = [threading.Thread(target=workers) for _ in range(3)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            assert Counter(Counter(receiver.ids).values()) == {times: 30}
        assert {row.state for row in office.deliveries} == {"sent"}

    def test_control_without_the_number_of_the_claim_a_late_one_overwrites(
        self, office: Post, receiver: Receiver, webhook: tuple[int, str]
    ) -> None:
        office.announce("case.closed", agency_id=7)
        office.fan_out()
        office.deliverer().step()
        naive = "update notices_delivery set state = 'dead' where id = :id"  # what ends a claim by the row alone
        office.do(naive, id=office.deliveries[0].id)
        assert office.deliveries[0].state == "dead"

    def test_who_is_killed_at_each_attempt_does_not_go_on_for_ever(
        self, office: Post, receiver: Receiver, webhook: tuple[int, str]
    ) -> None:
        from gridgov.notices.queries import deliveries

        office.announce("case.closed", agency_id=7)
        office.fan_out()
        for _ in range(MAX_ATTEMPTS):
            with office.house.internally("notifier") as session:
                assert deliveries.claim(session, office.now, until=office.now + jobs.CLAIMED, most=5)
            office.later(seconds=jobs.CLAIMED.total_seconds())
        office.deliverer().step()
        assert [(row.state, row.problem) for row in office.deliveries] == [("dead", "tried-too-often")]
        assert receiver.got == []


class TestOffices:
    def test_an_office_is_written_to(self, office: Post) -> None:
        from gridgov.notices.mail import Server
        from tests.integration.notices.test_mail import mailing

        with office.house.db.transaction() as session:
            subscribing.add_office(
                session, ADMIN, channel=Channel.MAIL, label="desk", body="agency:7", destination="desk@city.example",
                topics=["case.*"], sealer=office.house.sealer, now=NOW,
            )  # fmt: skip
        office.announce("case.dispatch", agency_id=7, number=5)
        office.announce("case.dispatch", agency_id=8)
        office.fan_out()
        with mailing() as (box, port):
            office.channels = Channels(mail=Server("localhost", port, "smtp", "grid@city.example"))
            office.deliverer().step()
        ((_, to, letter, _),) = box.got
        (row,) = office.deliveries
        assert to == ["desk@city.example"]
        assert letter["Message-ID"] == f"<{row.id}@city.example>"
        assert "案件派遣至本单位，请接收：5" in letter.get_content()  # type: ignore[attr-defined]


class TestReporters:
    """Numbers are opened at the moment of sending, with a line in the trail, and stand nowhere else."""

    PHONE = "13812345678"

    @pytest.fixture
    def spool(self, office: Post, tmp_path: Path) -> Path:
        office.channels = Channels(sms=Spool(tmp_path / "sms"))
        return tmp_path / "sms"

    def report(self, office: Post, phone: str | None) -> UUID:
        from uuid import uuid4

        lon, lat = sample.centre("A02")
        reporter = Reporter("张三", phone, None) if phone else None
        new = Report(
            id=uuid4(), category="06010", lon=lon, lat=lat, happened_at=NOW - timedelta(hours=1), channel=By.HOTLINE,
            text="路口有暴露垃圾", reporter=reporter,
        )  # fmt: skip
        house = office.house
        indexes = Indexes(house.locator, house.places, house.router, house.sealer)
        with house.db.transaction() as session:
            incidents.report(session, new, indexes=indexes, now=NOW)
        return new.id

    def tell(self, office: Post, incident: UUID) -> None:
        with office.house.db.transaction() as session:
            service.to_reporter(session, incident, "closed", {"number": 7}, at=office.now)
        office.fan_out()
        office.deliverer().step()

    def test_the_reporter_is_told(self, office: Post, spool: Path) -> None:
        incident = self.report(office, self.PHONE)
        self.tell(office, incident)
        (row,) = office.deliveries
        (file,) = spool.iterdir()
        assert self.PHONE in file.read_text(encoding="utf-8")
        assert "您反映的事项7已办结" in file.read_text(encoding="utf-8")
        assert (row.state, row.parts, row.target) == ("sent", 1, "reporter")
        stored = office.rows("select d::text from notices_delivery d union all select o::text from platform_outbox o")
        assert not [one for (one,) in stored if self.PHONE in one]
        entry = office.rows("select * from audit_entry where action = 'reveal'")[-1]
        assert (entry.noun, entry.row_id, entry.role) == ("incidents_contact", str(incident), "notifier")
        assert str(row.id) in entry.reason

    @pytest.mark.parametrize(
        ("phone", "then", "problem"),
        [
            (None, None, "no-contact"),
            ("0571-88886666", None, "no-mobile"),
            (PHONE, "delete from incidents_contact", "no-contact"),
            (PHONE, "update incidents_contact set frozen_at = created_at, frozen_because = 'erase'", "contact-frozen"),
        ],
    )
    def test_nobody_to_tell_is_an_end_and_no_error(
        self, office: Post, spool: Path, phone: str | None, then: str | None, problem: str
    ) -> None:
        incident = self.report(office, phone)
        if then is not None:
            office.do(then)
        self.tell(office, incident)
        assert [(row.state, row.problem, row.attempts) for row in office.deliveries] == [("no-contact", problem, 1)]
        assert not spool.exists()

    def test_one_contact_is_open_at_a_time(self, office: Post) -> None:
        """The control: with no incident named, or another, the role sees no contact."""
        first, second = (self.report(office, self.PHONE) for _ in range(2))
        for named, seen in ((None, 0), (first, 1), (second, 1)):
            with office.house.internally("notifier", incident=named) as session:
                from sqlalchemy import text

                rows = session.execute(text("select incident_id from incidents_contact")).scalars().all()
            assert rows == ([named] if seen else [])

    def test_a_text_that_is_not_there_is_refused(self, office: Post) -> None:
        with pytest.raises(BadInput, match="no text"), office.house.db.transaction() as session:
            service.to_reporter(session, UUID(int=1), "gossip", {}, at=NOW)


def test_an_adapter_needs_the_form_and_nothing_else(office: Post, receiver: Receiver) -> None:
    """Another vendor's: one class with one method; what it raises unasked is kept and tried again."""

    class Broken:
        def post(self, hook: Hook) -> None:
            raise ZeroDivisionError(hook.ident)

    add(office, receiver)
    office.channels = Channels(webhook=Broken())
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    office.deliverer().step()
    assert [(row.state, row.problem) for row in office.deliveries] == [("waiting", "failed: ZeroDivisionError")]


def test_old_rows_are_forgotten_and_dead_ones_kept(office: Post, receiver: Receiver, webhook: tuple[int, str]) -> None:
    for state in ("sent", "dead"):
        office.announce("case.closed", agency_id=7)
        office.fan_out()
        office.do("update notices_delivery set state = :state, ended_at = made_at where state = 'waiting'", state=state)

    def sweep() -> int:
        with office.house.internally("keeper") as session:
            return jobs.sweep(session, now=office.now)

    assert sweep() == 0
    office.later(days=jobs.KEPT.days)
    assert sweep() == 5  # one delivery, two messages, two events
    assert [row.state for row in office.deliveries] == ["dead"]


def test_another_key_takes_over_and_nothing_needs_the_one_before(
    office: Post, receiver: Receiver, webhook: tuple[int, str]
) -> None:
    from gridgov.platform import keyring
    from gridgov.platform.crypto import new_key

    with office.house.db.transaction() as session:
        subscribing.add_office(
            session, ADMIN, channel=Channel.SMS, label="desk", body="agency:7", destination="13800138000",
            topics=["case.*"], sealer=office.house.sealer, now=NOW,
        )  # fmt: skip
        assert subscribing.by_key(session) == {1: 2}
    keyring.add(office.house.home, new_key())
    with office.house.db.transaction() as session:
        assert subscribing.reseal(session, office.house.sealer) == (2, 0)
        assert subscribing.by_key(session) == {2: 2}
        assert subscribing.reseal(session, office.house.sealer) == (0, 0)
    keyring.drop(office.house.home, 1)
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    office.deliverer().step()
    headers, body = receiver.got[0]
    assert verify(headers, body, webhook[1], now=NOW)
