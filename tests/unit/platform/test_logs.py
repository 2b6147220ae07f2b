"""Lines of a log: one an event whatever is in it, from every library, with the request they belong to."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from gridgov.platform import logs, request
from gridgov.platform.logs import get_logger
from gridgov.platform.request import Request

log = get_logger("gridgov.test")
Lines = Callable[[], list[dict[str, Any]]]
EVIL = (
    "a\nb",
    "a\r\nb",
    '\n{"at":"2026-01-01","level":"info","event":"signed in","account":1}',
    "\n08:15:00 info    signed in   account=1",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "\u202ereversed\u2066",
    "\u2028next\u2029\x85line",
    "\x9b31m \x00 \x7f",
)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before, hook = logging.getLogger().handlers[:], threading.excepthook
    yield
    logging.getLogger().handlers, threading.excepthook = before, hook
    logging.captureWarnings(False)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    """The lines so far, each an object."""
    logs.configure("info", "json", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_whatever_is_in_it_an_event_is_one_json_line(lines: Lines, stream: io.StringIO, evil: str) -> None:
    log.warning(evil, given=evil, **{evil: evil})
    logging.getLogger("lib").warning("%s", evil)
    try:
        raise ValueError(evil)
    except ValueError:
        log.exception("failed")
    assert [one["level"] for one in lines()] == ["warning", "warning", "error"]
    assert len(stream.getvalue().splitlines()) == stream.getvalue().count("\n") == 3
    assert not set(stream.getvalue()) & set("\x00\x07\x1b\x7f\x85\x9b\r\u2028\u2029\u202e\u2066\ud800")


HALF = """
import io, json, logging
from gridgov.platform import logs
stream = io.StringIO()
logs.configure("info", "json", stream)
logs.get_logger("gridgov.test").warning("\\ud800", given="\\ud800")
logging.getLogger("lib").warning("%s", "\\ud800")
assert "\\ud800" not in stream.getvalue()
print([json.loads(line)["level"] for line in stream.getvalue().splitlines()])
"""


def test_half_a_character_is_one_json_line() -> None:
    """In a process of its own: what pytest keeps of a log goes from one process of the tests to another as UTF-8."""
    done = subprocess.run([sys.executable, "-c", HALF], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['warning', 'warning']"


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_in_text_no_line_passes_for_an_event_that_is_none(stream: io.StringIO, evil: str) -> None:
    logs.configure("info", "text", stream)
    log.warning(evil, given=evil, **{evil: evil})
    try:
        raise ValueError(evil)
    except ValueError:
        log.exception("failed")
    first, second, *rest = stream.getvalue().splitlines()
    assert (first[9:16], second[9:16]) == ("warning", "error  ")
    assert len(rest) >= 4
    assert all(line.startswith("  | ") for line in rest)
    assert not set(stream.getvalue()) & set("\x00\x07\x1b\x7f\x85\x9b\r\u2028\u2029\u202e\u2066\ud800")


def test_a_plain_handler_writes_the_forged_line() -> None:
    """Control: what the standard library does with the same."""
    stream = io.StringIO()
    naive = logging.Logger("naive")
    naive.addHandler(logging.StreamHandler(stream))
    naive.warning("refused: %s", EVIL[3])
    assert stream.getvalue().splitlines()[1] == EVIL[3].strip("\n")


def test_a_line_says_when_how_bad_what_and_where(lines: Lines) -> None:
    log.info("taken", channel="worker", ms=1.5, none=None, yes=True)
    (one,) = lines()
    assert list(one) == ["at", "level", "event", "logger", "channel", "ms", "none", "yes"]
    assert one | {"at": ""} == {
        "at": "", "level": "info", "event": "taken", "logger": "gridgov.test", "channel": "worker", "ms": 1.5,
        "none": None, "yes": True,
    }  # fmt: skip


def test_every_library_goes_through_the_same_pipe(lines: Lines) -> None:
    for name in ("uvicorn.error", "sqlalchemy.engine.Engine", "asyncio", "any.other"):
        logging.getLogger(name).error("call %s", "13800138000")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old; password=hunter22", stacklevel=1)
    found = lines()
    assert [one["logger"] for one in found] == [
        "uvicorn.error", "sqlalchemy.engine.Engine", "asyncio", "any.other", "py.warnings",
    ]  # fmt: skip
    assert [one["event"] for one in found[:4]] == ["call ***"] * 4
    assert "hunter22" not in found[4]["event"]


def test_what_uvicorn_set_up_by_itself_before_is_undone(stream: io.StringIO) -> None:
    """Its own configuration keeps its lines from everybody else's handlers."""
    uvicorn.Config(lambda: None, log_level="warning")
    assert not logging.getLogger("uvicorn").propagate
    logs.configure("info", "json", stream)
    logging.getLogger("uvicorn.error").warning("call %s", "13800138000")
    assert json.loads(stream.getvalue())["event"] == "call ***"


def test_a_failed_connection_does_not_tell_the_password(lines: Lines) -> None:
    """Of a real driver, with its whole chain of causes."""
    url = "postgresql+psycopg://me:hunter22secret@127.0.0.1:1/x?connect_timeout=1"
    try:
        create_engine(url).connect().execute(text("select 1"))
    except OperationalError:
        log.exception("the database is gone", url=url)
    (one,) = lines()
    assert "OperationalError" in one["exception"]
    assert "hunter22secret" not in json.dumps(one)
    assert one["url"] == "postgresql+psycopg://***@127.0.0.1:1/x?connect_timeout=1"


def test_a_thread_that_fails_is_heard_and_masked(lines: Lines) -> None:
    def fail() -> None:
        raise ValueError("13800138000")

    thread = threading.Thread(target=fail, name="sealer")
    thread.start()
    thread.join()
    (one,) = lines()
    assert (one["event"], one["thread"]) == ("a thread failed", "sealer")
    assert "ValueError: ***" in one["exception"]


def test_a_line_names_its_request_also_in_the_thread_that_works(lines: Lines) -> None:
    with request.during(Request("abcdefgh")):
        log.info("one")
        logging.getLogger("lib").warning("two")
    log.info("three")
    assert [one.get("request_id") for one in lines()] == ["abcdefgh", "abcdefgh", None]


def test_levels(lines: Lines) -> None:
    log.debug("no")
    logging.getLogger("uvicorn.error").info("no")
    logging.getLogger("uvicorn.access").critical("no: ours is the access log")
    log.info("yes")
    logs.configure("error", "json", logs._PIPE.stream)
    log.warning("no")
    log.error("yes")
    assert [one["event"] for one in lines()] == ["yes", "yes"]


def test_a_record_that_cannot_be_shown_breaks_nothing(lines: Lines) -> None:
    record = logging.LogRecord("lib", logging.WARNING, __file__, 1, "%d pieces", ("three",), None)
    logs._HANDLER.handle(record)  # by itself: the test runner's own handler raises
    assert lines()[0]["event"] == "a record that cannot be shown"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "first"), [(_Terminal(), "0"), (io.StringIO(), "{")])
def test_auto_is_text_on_a_terminal_and_json_elsewhere(stream: io.StringIO, first: str) -> None:
    logs.configure("info", "auto", stream)
    log.info("x")
    assert stream.getvalue()[0] in {"0": "012", "{": "{"}[first]


@pytest.mark.parametrize("given", ["abcdefgh", "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11", "trace.1_x-9"])
def test_a_well_formed_id_of_the_client_is_taken(given: str) -> None:
    assert request.id_from(given, b"12345678") == given


@pytest.mark.parametrize(
    "given",
    [None, "", "short", "a" * 65, "with blank", "new\nline", "13800138000", "../../etc", "-dash-first", "ünïcödé-x",
     "110101199001011234", "x" * 20 + "\x1b[31m"],
)  # fmt: skip
def test_any_other_is_replaced_by_letters(given: str | None) -> None:
    made = request.id_from(given, bytes(range(248, 256)))
    assert made == "pofopipjpkplpmpn" or made.isalpha()
    assert made != given
