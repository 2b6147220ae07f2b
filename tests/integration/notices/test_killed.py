"""Killed between any two steps: nothing is lost, and no effect comes twice but at the receiver, who knows the repeat.

A process of its own stops at the step that is named, says so, and is killed there with SIGKILL; then another goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridgov.notices import jobs
from gridgov.notices.channels import Channels
from gridgov.notices.webhooks import Post as Way
from tests.integration.notices.conftest import Post
from tests.integration.notices.receivers import Receiver, receiving
from tests.integration.notices.test_delivering import HERE, add

ROOT = Path(__file__).resolve().parents[3]
WORKING = """
import sys
from pathlib import Path
from gridgov.bootstrap import build
from gridgov.notices import jobs
from gridgov.notices.channels import Channels
from gridgov.notices.webhooks import Post as Way
from tests.integration.notices.conftest import Post
from tests.integration.notices.test_delivering import HERE
from tests.integration.notices.test_killed import NAIVE

url, home, at = sys.argv[1:]

def stop(*_):
    print("here", flush=True)
    sys.stdin.readline()

class Stopping:
    def __init__(self):
        self.real = Way(HERE)
    def post(self, hook):
        if at == "claimed":
            stop()
        self.real.post(hook)
        if at == "sent":
            stop()

office = Post(build(url, "demo", Path(home)), Channels(webhook=Stopping()))
if at == "fanned-out":
    with office.house.internally("notifier") as session:
        jobs.fan_out(session, "demo", now=office.now)
        stop()
elif at == "ended-first":  # the control: marked as sent, then sent
    with office.house.internally("notifier") as session:
        from sqlalchemy import text
        session.execute(text(NAIVE), {"now": office.now})
    stop()
else:
    office.deliverer().step()
"""
NAIVE = "update notices_delivery set state = 'sent', ended_at = :now"


@pytest.fixture
def receiver(office: Post) -> Iterator[Receiver]:
    with receiving() as made:
        office.channels = Channels(webhook=Way(HERE), hosts=HERE)
        add(office, made)
        yield made


def kill_at(step: str, office: Post) -> None:
    """A worker in a process of its own, killed at the step."""
    url = office.house.db.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKING, url, str(office.house.home), step],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018
    try:
        assert process.stdout.readline() == "here\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_between_fan_out_and_commit(office: Post, receiver: Receiver) -> None:
    office.announce("case.closed", agency_id=7)
    kill_at("fanned-out", office)
    assert office.messages == []
    assert office.fan_out() == 1  # nobody holds the event any more
    assert (len(office.messages), len(office.deliveries)) == (1, 1)
    office.deliverer().step()
    assert len(receiver.got) == 1


def test_between_claim_and_sending(office: Post, receiver: Receiver) -> None:
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    kill_at("claimed", office)
    assert receiver.got == []
    assert office.deliverer().step() == 0  # the claim still holds
    office.later(seconds=jobs.CLAIMED.total_seconds())
    assert office.deliverer().step() == 1
    assert [row.state for row in office.deliveries] == ["sent"]
    assert len(receiver.got) == 1


def test_between_sending_and_the_end_of_the_claim(office: Post, receiver: Receiver) -> None:
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    kill_at("sent", office)
    assert [row.state for row in office.deliveries] == ["waiting"]
    office.later(seconds=jobs.CLAIMED.total_seconds())
    office.deliverer().step()
    assert [row.state for row in office.deliveries] == ["sent"]
    assert len(receiver.got) == 2
    assert len(set(receiver.ids)) == 1  # at least once there, and known as a repeat by its id


def test_control_whoever_marks_before_sending_loses_it(office: Post, receiver: Receiver) -> None:
    office.announce("case.closed", agency_id=7)
    office.fan_out()
    kill_at("ended-first", office)
    office.later(seconds=jobs.CLAIMED.total_seconds())
    assert office.deliverer().step() == 0
    assert receiver.got == []
    assert [row.state for row in office.deliveries] == ["sent"]
