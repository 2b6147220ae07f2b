"""What is there to stay is not looked through again and again, and what nobody can reach still goes."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from gridgov.platform import litter

MANY = 400_000  # objects: looking through them takes longer than `FELT_S` on any machine


class Knot:
    """Something that only the collector can take away."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _aside() -> Iterator[None]:
    """Nobody looks unasked, and objects of the tests' own process, which are put aside as well, are not counted."""
    looking = gc.isenabled()
    gc.disable()
    gc.unfreeze()
    yield
    gc.freeze()
    if looking:
        gc.enable()


def large() -> list[list[int]]:
    return [[number] for number in range(MANY)]


def test_what_has_grown_large_is_put_aside_by_the_look_that_felt_it() -> None:
    with litter.spared():
        kept = large()
        gc.collect()
        assert gc.get_freeze_count() >= len(kept)
    assert gc.get_freeze_count() == 0


def test_without_it_everything_is_looked_through_each_time() -> None:
    kept = large()
    gc.collect()
    assert gc.get_freeze_count() == 0
    assert len(kept) == MANY


def test_looks_at_the_young_put_nothing_aside() -> None:
    with litter.spared():
        kept = large()
        gc.collect(1)
        assert gc.get_freeze_count() == 0
    assert len(kept) == MANY


def test_what_comes_later_and_is_dropped_goes() -> None:
    with litter.spared():
        litter.settle()
        knot = Knot()
        gone = weakref.ref(knot)
        del knot
        gc.collect()
        assert gone() is None


def test_what_was_put_aside_and_dropped_goes_when_all_is_looked_through() -> None:
    with litter.spared():
        knot = Knot()
        gone = weakref.ref(knot)
        litter.settle()
        del knot
        gc.collect()
        assert gone() is not None  # the control: it lies aside
        assert litter.all_anew() > 0
        assert gone() is None
        assert gc.get_freeze_count() > 0  # and the rest lies aside again


def test_threads_take_short_turns_while_it_lasts() -> None:
    before = sys.getswitchinterval()
    with litter.spared():
        assert sys.getswitchinterval() == pytest.approx(litter.TURN_S)
    assert sys.getswitchinterval() == pytest.approx(before)
