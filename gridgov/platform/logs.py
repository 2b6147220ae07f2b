"""Logs: one line an event, JSON or readable, masked, from every source through one pipe.

Owns form, masking and where lines go. Does not own what is worth a line. structlog's loggers, those of the standard
library (uvicorn's, SQLAlchemy's) and warnings all end in `_Pipe.write`; there is no other way out, and it stands from
the moment this module is read, so that nothing is ever written unmasked because somebody forgot to set it up.

    log = get_logger(__name__)
    log.warning("the coming months are not ready", reason=str(problem))
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

from gridgov.platform import clock, request
from gridgov.platform.masking import clean, on_one_line, visible

Format = Literal["auto", "json", "text"]
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
EVENT_WIDTH = 32
# Loggers of libraries that say more than an operator wants to hear at our own level.
QUIETER = {
    "uvicorn": 30,
    "uvicorn.access": 60,
    "uvicorn.error": 30,
    "sqlalchemy": 30,
    "gridgov.platform.pool": 30,  # SQLAlchemy logs under the name of the pool's own module
    "asyncio": 30,
    "httpx": 30,
    "httpcore": 30,
}


class _Pipe:
    """Where every event goes: masked, made a line, written whole."""

    def __init__(self) -> None:
        self.level = LEVELS["warning"]
        self.json = False
        self.stream: TextIO | None = None  # None: whatever sys.stderr is at the time
        self.mask: Callable[[dict[str, Any]], dict[str, Any]] = clean
        self._lock = threading.Lock()

    def write(self, level: str, event: dict[str, Any], failure: BaseException | None) -> None:
        """`event` holds the words under "event", and whatever else belongs to it."""
        asked = request.current()
        if asked is not None:
            event.setdefault("request_id", asked.id)
        if failure is not None:
            event["exception"] = "".join(traceback.format_exception(failure))
        facts = self.mask(event)
        line = (_as_json if self.json else _as_text)(clock.utcnow(), level, facts)
        stream = self.stream or sys.stderr
        with self._lock:
            stream.write(line)
            stream.flush()


_PIPE = _Pipe()


def _as_json(at: datetime, level: str, facts: dict[str, Any]) -> str:
    """One object a line; JSON escapes line breaks, `clean` has dealt with what it leaves."""
    head = {"at": at.isoformat(timespec="milliseconds"), "level": level}
    return json.dumps(head | facts, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"


def _as_text(at: datetime, level: str, facts: dict[str, Any]) -> str:
    """For a person at a terminal. Lines of an exception begin with a bar, so that none of them passes for an event."""
    event = on_one_line(str(facts.pop("event", "")))
    trace = str(facts.pop("exception", ""))
    pairs = "".join(f" {on_one_line(key)}={_shown(value)}" for key, value in facts.items())
    head = f"{at:%H:%M:%S} {level:<7} {event:<{EVENT_WIDTH if pairs else 0}}{pairs}\n"
    return head + "".join(f"  | {line}\n" for line in visible(trace).splitlines())


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = on_one_line(text)
    return json.dumps(text, ensure_ascii=False) if " " in text or "=" in text or not text else text


# --- ways in ---------------------------------------------------------------------------------------------------------


def _from_structlog(_logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
    """The one processor of structlog. Writes, and lets structlog know that there is nothing left to do."""
    level = {"exception": "error", "warn": "warning", "fatal": "critical"}.get(method, method)
    if LEVELS.get(level, LEVELS["error"]) >= _PIPE.level:
        failure = _failure(event.pop("exc_info", None))
        _PIPE.write(level, {"event": event.pop("event", ""), **event}, failure)
    raise structlog.DropEvent


def _failure(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    found = given if isinstance(given, tuple) else sys.exc_info() if given else (None, None, None)
    return found[1] if isinstance(found[1], BaseException) else None


class _FromLibraries(logging.Handler):
    """Takes records of the standard library's loggers. Arguments are put in first and masked with the words."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = {"event": record.getMessage(), "logger": record.name}
            _PIPE.write(record.levelname.lower(), event, record.exc_info[1] if record.exc_info else None)
        except Exception:  # a bad record must not break what logged it
            _PIPE.write("error", {"event": "a record that cannot be shown", "logger": record.name}, None)


_HANDLER = _FromLibraries()


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry `logger=name`."""
    logger: FilteringBoundLogger = structlog.get_logger().bind(logger=name)
    return logger


def configure(level: str = "info", form: Format = "auto", stream: TextIO | None = None) -> None:
    """Sends everything from `level` on to `stream` (default: standard error), libraries and failed threads included.

    `auto` is text on a terminal and JSON elsewhere. May be called again.
    """
    target = stream or sys.stderr
    _PIPE.level = LEVELS[level]
    _PIPE.json = form == "json" or (form == "auto" and not target.isatty())
    _PIPE.stream = stream
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if one is not _HANDLER and not _plain(one)), _HANDLER]
    root.setLevel(_PIPE.level)
    for name, least in QUIETER.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(_PIPE.level if level == "debug" and name != "uvicorn.access" else max(least, _PIPE.level))
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed


def for_people() -> bool:
    """Whether somebody reads along."""
    return not _PIPE.json


def _plain(handler: logging.Handler) -> bool:
    """A handler that writes to a stream as it likes: what `logging.basicConfig` makes."""
    return type(handler) is logging.StreamHandler


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    name = failed.thread.name if failed.thread else "?"
    _PIPE.write("error", {"event": "a thread failed", "thread": name}, failed.exc_value)


structlog.configure(
    processors=[_from_structlog],
    wrapper_class=structlog.make_filtering_bound_logger(LEVELS["debug"]),
    cache_logger_on_first_use=True,
)
