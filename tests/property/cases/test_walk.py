"""Random walks through the tables: nothing outside them, clocks as their replay has them, no end with summons open."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest

from gridgov.cases.applying import apply, fold
from gridgov.cases.file import CaseFile
from gridgov.cases.rules import ENDED, SUMMONS_ENDED, Action, State, SummonsState
from gridgov.cases.transitions import EDGE_OF, RESTORED, SAME
from tests.casework.walking import CALENDAR, START, Walk, begin, forward, step

SEED = 20261123
SHARE, ALL = 20_000, 200_000
LENGTH = 60


def check(walk: Walk) -> None:
    """What must hold of every file at every time."""
    file = walk.file
    if file.ended:
        assert not file.open_summons, "an ended case with a summons open"
        assert not file.running(), "an ended case with a clock running"
        assert file.ended_at is not None
    if file.state is not State.WHISTLED:
        assert not file.open_summons
    for call in file.summons:
        clocks = [timed for timed in file.running() if timed.summons == call.number]
        assert not (clocks and call.state in SUMMONS_ENDED), "a clock runs against a summons that has ended"
        if call.state is SummonsState.RATED:
            assert [one.final for one in call.ratings].count(True) == 1
    names = [(timed.summons, timed.clock.name, timed.body) for timed in file.running()]
    assert len(set(names)) == len(names) or any(name == "task" for _, name, _ in names), names


def walked(steps: int, rng: random.Random) -> tuple[Counter[Action], Counter[str], int]:
    taken: Counter[Action] = Counter()
    refused: Counter[str] = Counter()
    others: list[UUID] = []
    done = 0
    while done < steps:
        now = START
        walk = begin(rng, now)
        others = [*others[-20:], walk.file.id]
        for _ in range(LENGTH):
            now = forward(rng, now)
            before = walk.file
            event = step(walk, rng, now, others, taken)
            done += 1
            if event is None:
                assert walk.file is before, "what was refused changes nothing"
                continue
            taken[event.action] += 1
            edge = EDGE_OF[event.action]
            if edge.of == "case":
                assert event.before in edge.before
                assert edge.after in (SAME, RESTORED) or event.after == edge.after
            check(walk)
        replayed = fold(walk.file.id, walk.file.channel, walk.events, CALENDAR)
        assert replayed == walk.file, "the same events make another file"
        refused += walk.refused
    return taken, refused, done


def judge(taken: Counter[Action], refused: Counter[str], done: int, least: int) -> None:
    accepted = sum(taken.values())
    assert accepted + sum(refused.values()) == done, "an action neither taken nor refused"
    assert accepted / done >= 0.3
    rare = {action: taken[action] for action in EDGE_OF if action is not Action.REPORT and taken[action] < least}
    assert not rare, rare


def test_a_share_of_the_walk() -> None:
    judge(*walked(SHARE, random.Random(SEED)), least=2)


@pytest.mark.soak
def test_the_whole_walk(capfd: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> None:
    taken, refused, done = walked(ALL, random.Random(SEED))
    judge(taken, refused, done, least=20)
    with capfd.disabled():
        lines = [
            f"\n{done} actions, {sum(taken.values()) / done:.0%} taken, fewest: {taken.most_common()[-3:]}",
            str(refused),
        ]
        pytestconfig.get_terminal_writer().line("\n".join(lines))


def long_walk(rng: random.Random) -> Walk:
    while True:
        walk, now = begin(rng, START), START
        for _ in range(LENGTH):
            now = forward(rng, now)
            step(walk, rng, now, [])
        if len(walk.events) > 12 and walk.events[3].before is not walk.events[3].after:
            return walk


def test_a_lost_event_is_seen() -> None:
    """The control: a replay without an event that moved the case does not go through."""
    walk = long_walk(random.Random(SEED))
    short = [replace(event, seq=event.seq - (event.seq > 4)) for event in walk.events if event.seq != 4]
    with pytest.raises(ValueError, match="does not follow"):
        fold(walk.file.id, walk.file.channel, short, CALENDAR)


def test_an_end_with_a_summons_open_is_seen() -> None:
    """The control of `check`."""
    rng = random.Random(SEED)
    for _ in range(400):
        walk, now = begin(rng, START), START
        for _ in range(LENGTH):
            now = forward(rng, now)
            step(walk, rng, now, [])
            if walk.file.open_summons:
                broken: CaseFile = replace(walk.file, state=State.CLOSED, ended_at=now)
                with pytest.raises(AssertionError):
                    check(replace(walk, file=broken))
                return
    raise AssertionError("no summons in 400 walks")


def test_events_that_do_not_follow_are_refused() -> None:
    walk = begin(random.Random(SEED), START)
    with pytest.raises(ValueError, match="does not follow"):
        apply(walk.file, replace(walk.events[0], seq=7), CALENDAR)
    assert ENDED
