"""Runs the steps of a set-up, side by side where they do not wait for each other, and tells how far they are.

Owns threads, child processes, their logs (build/setup/*.log), progress lines and the clean end after Ctrl-C. Does not
own what a step does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "setup"
TELL_EVERY_S = 10
GRACE_S = 25  # how long children get to end after Ctrl-C: dpkg finishes what it has begun
TAIL_LINES = 25


class SetupFailed(Exception):
    """What went wrong and what to do, for a person."""


class Interrupted(BaseException):
    """Ctrl-C, or the order to end."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass
class Step:
    """`work(step)` does it and returns a phrase for its last line; it runs once all of `after` are done."""

    name: str
    work: Callable[[Step], str]
    after: Sequence[Step] = ()
    log: Path = field(init=False)
    began: float = field(default=0.0, init=False)
    done: threading.Event = field(default_factory=threading.Event, init=False)
    children: list[subprocess.Popen[bytes]] = field(default_factory=list, init=False)
    cancelled: bool = field(default=False, init=False)
    orderly: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.log = LOGS / f"{self.name.replace(' ', '-')}.log"

    def run(self, command: Sequence[str | Path], *, env: dict[str, str] | None = None, orderly: bool = False) -> None:
        """Runs a program with its output in the step's log; raises `SetupFailed` with the end of the log when it fails.

        The program gets a session of its own: a Ctrl-C in the terminal reaches us alone, and we pass it on to all its
        processes. One that is `orderly` is told alone, and tells its own.
        """
        self.orderly = orderly
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode(errors="surrogateescape"))
            log.flush()
            if self.cancelled:
                raise SetupFailed("interrupted")
            child = subprocess.Popen(  # noqa: S603 -- fixed commands of the set-up
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
            self.children.append(child)
            code = child.wait()
        if code != 0:
            raise SetupFailed(
                f"`{' '.join(words[:6])}` failed ({code}). The end of {self.log}:\n{self.tail(TAIL_LINES)}"
            )

    def tail(self, lines: int) -> str:
        with suppress(OSError):
            text = self.log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
            return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])
        return ""

    def newest(self) -> str:
        """What the program said last; empty while it has said nothing."""
        line = self.tail(1).strip()
        return "" if line.startswith("$ ") else f"({line[:90]})"

    def cancel(self) -> None:
        self.cancelled = True
        self.send(signal.SIGINT)

    def busy(self) -> bool:
        return any(child.poll() is None for child in self.children)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to all processes of programs that still run."""
        for child in self.children:
            if child.poll() is None:
                with suppress(OSError):  # it has just ended, or is sudo's and not ours to end
                    if self.orderly and number == signal.SIGINT:
                        child.send_signal(number)
                    else:
                        os.killpg(child.pid, number)


def run_all(steps: Sequence[Step]) -> None:
    """Runs every step; the first failure ends the others and is raised."""
    LOGS.mkdir(parents=True, exist_ok=True)
    failures: list[BaseException] = []
    threads = []
    for number, step in enumerate(steps, 1):
        step.log.unlink(missing_ok=True)
        label = f"[{number}/{len(steps)}] {step.name}"
        threads.append(threading.Thread(target=_one, args=(step, label, failures), daemon=True))
    for thread in threads:
        thread.start()
    try:
        told = time.monotonic()
        while any(thread.is_alive() for thread in threads) and not failures:
            time.sleep(0.05)
            if time.monotonic() - told >= TELL_EVERY_S:
                told = time.monotonic()
                for step in steps:
                    if step.began and not step.done.is_set():
                        say(f"      … {step.name}, {told - step.began:.0f} s {step.newest()}")
    finally:
        _end(steps, threads)
    if failures:
        raise failures[0]


def _one(step: Step, label: str, failures: list[BaseException]) -> None:
    for earlier in step.after:
        earlier.done.wait()
    if step.cancelled or failures:
        return
    step.began = time.monotonic()
    try:
        outcome = step.work(step)
        say(f"{label}: {outcome} ({time.monotonic() - step.began:.1f} s)")
        step.done.set()
    except BaseException as problem:
        if not step.cancelled:
            say(f"{label}: failed ({time.monotonic() - step.began:.1f} s)")
        failures.append(problem)


def _end(steps: Sequence[Step], threads: Sequence[threading.Thread]) -> None:
    """Ends what still runs: asks, waits, then insists. With everything done this does nothing."""
    if not any(thread.is_alive() for thread in threads):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C changes nothing: it is being done
    for step in steps:
        step.cancel()
    for number, wait_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, 2)):
        _await_children(steps, wait_s)
        for step in steps:
            step.send(number)
    for step in steps:
        step.done.set()  # lets go those that wait for it
    signal.signal(signal.SIGINT, _interrupt)


def _await_children(steps: Sequence[Step], within_s: float) -> None:
    began = time.monotonic()
    told = False
    while (waited := time.monotonic() - began) < within_s and any(step.busy() for step in steps):
        if waited > 1 and not told:
            say(f"ending: {', '.join(step.name for step in steps if step.busy())}")
            told = True
        time.sleep(0.05)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number)


def end_on_signals() -> None:
    """Ctrl-C, the end of the terminal and a polite kill all become `Interrupted` in the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
