"""`gridgov city` and `gridgov province` as they are typed: cities beside one another, and what a province sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gridgov.bootstrap import House

Typed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gridgov(sampled: House, database_url: str, tmp_path: Path) -> Typed:
    """Runs a command as a process of its own on the sample city's database."""
    del sampled  # it is there

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        settings = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_CITY": "demo", "GRIDGOV_HOME": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "gridgov", *words], env=os.environ | settings, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return typed


def said(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """The lines of what went well, cut at their tabs."""
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_cities_are_added_and_seen_by_their_province(gridgov: Typed) -> None:
    add = ("city", "add", "bengbu", "--empty", "--name", "蚌埠", "--at", "117.39,32.92")
    assert [line[0] for line in said(gridgov("city", "list"))] == ["demo"]
    for _ in range(2):  # safe to repeat
        assert said(gridgov(*add))[0][0].startswith("bengbu is there, and empty.")
    listed = said(gridgov("city", "list"))
    assert [line[0] for line in listed] == ["bengbu", "demo"]
    assert listed[0][1].strip() == "蚌埠"
    assert {line[2] for line in listed} == {listed[1][2]}, "both of the present form"

    before = said(gridgov("province", "counts", "--stored"))
    assert before[-1] == ["missing, and in no sum: bengbu, demo"]
    seen = said(gridgov("province", "counts", "--from", "2026-01-01"))
    assert [line[0] for line in seen] == ["city", "bengbu", "demo", "all"]
    assert seen[1][3] == "0"
    assert int(seen[2][2]) == int(seen[3][2]) > 0, "households of the one that has any"
    one = said(gridgov("province", "counts", "--city", "demo", "--stored"))
    assert [line[0] for line in one] == ["city", "demo", "all"]


def test_a_reader_is_made_once_shown_without_its_secret_and_ended(gridgov: Typed) -> None:
    token = said(gridgov("province", "reader", "省委政法委", "--city", "demo", "--days", "30"))[0][0]
    ((ident, *shown, until),) = said(gridgov("province", "readers"))
    assert shown == ["省委政法委", "demo", "counts"]
    assert token not in (ident, until), "what is secret is printed once"
    assert said(gridgov("province", "revoke", ident)) == [["It counts no more."]]
    assert said(gridgov("province", "readers"))[0][3] == "over"


def test_what_cannot_be_is_refused_and_nothing_is_made(gridgov: Typed) -> None:
    for named, words in {
        "--file FILE or --empty": ("city", "add", "bengbu"),
        "--name": ("city", "add", "bengbu", "--empty", "--at", "117.39,32.92"),
        "--at 117.0,32.6": ("city", "add", "bengbu", "--empty", "--name", "蚌埠", "--at", "here"),
        "2026-01-31": ("province", "counts", "--from", "yesterday"),
        "nowhere": ("province", "reader", "省委政法委", "--city", "nowhere"),
        "99": ("province", "revoke", "99"),
        "not a cluster": ("city", "move", "demo", "node-2:5432"),
    }.items():
        done = gridgov(*words)
        assert done.returncode not in (0, 1), words
        assert re.search(named, done.stderr), words
        assert "Traceback" not in done.stderr
    assert [line[0] for line in said(gridgov("city", "list"))] == ["demo"]
    assert said(gridgov("province", "readers")) == []
