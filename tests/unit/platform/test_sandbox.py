"""The sandbox: what a child can reach, what becomes of one that misbehaves, and that none is left."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from gridgov.platform import confinement
from gridgov.platform.confinement import Limits
from gridgov.platform.sandbox import FileRefused, FileTooLarge, FileUnreadable, Sandbox, SandboxDown
from tests import confined

ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(memory_bytes=1 << 30, cpu_s=20, wall_s=60.0, answer_bytes=1 << 20)
TASKS = {
    name: f"tests.confined:{name}"
    for name, value in vars(confined).items()
    if callable(value) and getattr(value, "__module__", "") == "tests.confined" and not isinstance(value, type)
}
KNOWN = platform.machine() in confinement.MACHINES


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(TASKS, LIMITS)
    yield made
    made.close()


@pytest.fixture
def listener() -> Iterator[int]:
    """A port of this machine that says hello to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    wire, _ = server.accept()
                except OSError:
                    return
                with wire:
                    wire.sendall(b"hello")

        thread = threading.Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def plainly(task: str, data: bytes) -> bytes:
    """The control: the same in a process of its own, without a sandbox."""
    code = f"import sys; from tests import confined; sys.stdout.buffer.write(confined.{task}(sys.stdin.buffer.read()))"
    done = subprocess.run([sys.executable, "-c", code], input=data, cwd=ROOT, capture_output=True, check=True)
    return done.stdout


def nurseries() -> list[psutil.Process]:
    """Every process below this one that bears children for files, or is such a child."""
    found = []
    for one in psutil.Process().children(recursive=True):
        try:
            if "nursery" in " ".join(one.cmdline()):
                found.append(one)
        except psutil.NoSuchProcess:
            continue
    return found


# --- work -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 65_536, 1 << 20])
def test_bytes_go_in_and_come_out(sandbox: Sandbox, size: int) -> None:
    data = os.urandom(size)
    assert sandbox.run("echo", data) == data


def test_only_the_named_tasks_are_there() -> None:
    one = Sandbox({"echo": TASKS["echo"]}, LIMITS)
    try:
        assert one.run("echo", b"x") == b"x"
        with pytest.raises(KeyError):
            one.run("list_root", b"")
    finally:
        one.close()


def test_nothing_of_one_file_is_there_for_the_next(sandbox: Sandbox) -> None:
    assert [sandbox.run("remember", word) for word in (b"a", b"b")] == [b"a", b"b"]
    assert [confined.remember(word) for word in (b"a", b"b")] == [b"a", b"a b"]  # the control: one process for both


def test_many_at_once_get_their_own_answers(sandbox: Sandbox) -> None:
    files = [os.urandom(50_000) for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda data: sandbox.run("echo", data), files)) == files


def test_a_refusal_of_the_task_arrives_whole(sandbox: Sandbox) -> None:
    with pytest.raises(FileRefused) as caught:
        sandbox.run("refuse", b"odd")
    problem = caught.value
    assert (problem.code, problem.detail, problem.field) == ("odd", "The file is odd.", "file")
    assert problem.remedy == "Send an even one."
    with pytest.raises(FileTooLarge, match="The file is big"):
        sandbox.run("refuse", b"big")


# --- what a child can reach -------------------------------------------------------------------------------------------


def test_the_machine_is_out_of_reach(sandbox: Sandbox, tmp_path: Path, listener: int) -> None:
    secret, target = tmp_path / "secret", tmp_path / "written"
    secret.write_bytes(b"the key")
    reach: list[tuple[str, bytes, Callable[[bytes], bool]]] = [
        ("read_file", os.fsencode(secret), lambda got: got == b"the key"),
        ("list_root", b"", lambda got: b"etc" in got),
        ("write_file", os.fsencode(target), lambda _: target.exists()),
        ("connect", str(listener).encode(), lambda got: got == b"hello"),
        ("fork", b"", lambda got: got == b"forked"),
        ("run_program", b"", lambda got: got == b"0"),
    ]
    for task, data, reached in reach:
        with pytest.raises(FileUnreadable):
            sandbox.run(task, data)
        assert not target.exists()
        assert reached(plainly(task, data)), f"{task}: the control reaches nothing either"
        target.unlink(missing_ok=True)


def test_no_other_process_can_be_killed(sandbox: Sandbox) -> None:
    victims = [subprocess.Popen(["/bin/sleep", "600"]) for _ in range(2)]
    try:
        with pytest.raises(FileUnreadable):
            sandbox.run("kill", str(victims[0].pid).encode())
        assert plainly("kill", str(victims[1].pid).encode()) == b"killed"
        assert victims[1].wait() == -signal.SIGKILL
        assert victims[0].poll() is None
    finally:
        for victim in victims:
            victim.kill()
            victim.wait()


def test_it_knows_nothing_of_the_server(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_KEY", "a secret of the server")
    one = Sandbox(TASKS, LIMITS)
    try:
        assert one.run("environment", b"") in (b"", b"LC_CTYPE")  # Python itself sets this where nothing is set
        assert one.run("descriptors", b"").count(b",") == 0, "its own wire, and nothing else"
    finally:
        one.close()
    assert b"GRIDGOV_KEY" in plainly("environment", b"")


def test_what_confines_it_is_known(sandbox: Sandbox) -> None:
    measures = sandbox.measures()
    assert {"limits", "no new privileges"} <= measures
    assert not KNOWN or "calls" in measures
    if os.geteuid() == 0:
        assert "nobody" in measures


BEREFT = """
import ctypes, os, struct
from gridgov.platform import confinement
from gridgov.platform.sandbox import FileUnreadable, Sandbox
from tests.unit.platform.test_sandbox import LIMITS, TASKS
libc = ctypes.CDLL(None)
%s
sandbox = Sandbox(TASKS, LIMITS)
print(*sorted(sandbox.measures()), sep=", ")
assert sandbox.run("echo", b"still works") == b"still works"
for task, data in (("read_file", %r), ("connect", %r), ("fork", b""), ("run_program", b""), ("list_root", b""),
                   ("kill", str(os.getpid()).encode())):
    try:
        got = sandbox.run(task, data)
    except FileUnreadable:
        continue
    raise SystemExit(f"{task} reached {got}")
sandbox.close()
"""
# As in a plain container: no namespace is given, and neither an empty root nor another user.
NO_NAMESPACE = """
forbidden = {"unshare": (272, 97), "chroot": (161, 51), "setresuid": (117, 147), "setresgid": (119, 149)}
column, architecture, _ = confinement.MACHINES[os.uname().machine]
steps = [(0x20, 0, 0, 0)]
for numbers in forbidden.values():
    steps += [(0x15, 0, 1, numbers[column]), (0x06, 0, 0, 0x50001)]
steps.append((0x06, 0, 0, 0x7FFF0000))
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, struct.pack("@HP", len(steps), ctypes.addressof(code)), 0, 0) == 0
"""
# The right to make namespaces for others (CAP_SYS_ADMIN) is gone; that to make one's own user namespace may be there.
NOT_ADMIN = "libc.prctl(24, 21, 0, 0, 0)"


def bereft(without: str, secret: Path, port: int) -> set[str]:
    """What still confines a child, and holds, in a process that lacks something; nothing is reached, or it raises."""
    program = BEREFT % (without, os.fsencode(secret), str(port).encode())
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return set(done.stdout.strip().split(", "))


@pytest.mark.skipif(not KNOWN, reason="the numbers of this machine's system calls are not known to the filter")
def test_the_filter_holds_where_no_namespace_is_given(tmp_path: Path, listener: int) -> None:
    (tmp_path / "secret").write_bytes(b"the key")
    measures = bereft(NO_NAMESPACE, tmp_path / "secret", listener)
    assert "calls" in measures
    assert not measures & {"namespaces", "empty root", "nobody"}


def test_a_namespace_of_its_own_user_does_as_well(tmp_path: Path, listener: int) -> None:
    (tmp_path / "secret").write_bytes(b"the key")
    allowed = subprocess.run(["unshare", "--user", "true"], check=False, capture_output=True).returncode == 0
    measures = bereft(NOT_ADMIN, tmp_path / "secret", listener)
    assert ({"namespaces", "user namespace", "empty root"} <= measures) == allowed, measures


# --- what becomes of a child that misbehaves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "data"),
    [
        ("crash", b"abort"),
        ("crash", b"exit"),
        ("crash", b"segfault"),
        ("fail", b""),
        ("long_answer", b"1048577"),
        ("out_of_turn", b"99999999999999"),
        ("out_of_turn", b"7"),
    ],
)
def test_it_is_the_file_that_is_refused(sandbox: Sandbox, task: str, data: bytes) -> None:
    if (task, data) == ("out_of_turn", b"7"):  # it says seven bytes and then more: only those are an answer
        assert len(sandbox.run(task, data)) == 7
    else:
        with pytest.raises(FileUnreadable) as caught:
            sandbox.run(task, data)
        assert caught.value.field == "file"
        assert caught.value.remedy
        assert "passwd" not in str(caught.value), "what a decoder says stays inside"
    assert sandbox.run("echo", b"on") == b"on"


def test_an_answer_of_the_largest_size_is_taken(sandbox: Sandbox) -> None:
    assert len(sandbox.run("long_answer", b"1048576")) == 1 << 20


def test_memory_has_an_end(sandbox: Sandbox) -> None:
    assert sandbox.run("memory", b"200000000") == b"200000000"
    with pytest.raises(FileUnreadable, match="memory"):
        sandbox.run("memory", b"2000000000")


@pytest.mark.parametrize(("task", "limits"), [("endless", (1, 60.0)), ("asleep", (60, 0.5)), ("endless", (60, 0.5))])
def test_time_has_an_end(task: str, limits: tuple[int, float]) -> None:
    """Time of the processor is measured by the kernel, time of the clock by the server."""
    one = Sandbox(TASKS, Limits(1 << 30, limits[0], limits[1], 1 << 20))
    try:
        with pytest.raises(FileUnreadable):
            one.run(task, b"")
        assert one.run("echo", b"on") == b"on"
    finally:
        one.close()


# --- processes --------------------------------------------------------------------------------------------------------


def test_no_child_outlives_its_file(sandbox: Sandbox) -> None:
    sandbox.run("echo", b"")
    idle = len(nurseries())
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(sandbox.run, "memory", b"100000000") for _ in range(8)]
        runs += [pool.submit(sandbox.run, "crash", b"abort") for _ in range(8)]
    assert [run.exception() is None for run in runs] == [True] * 8 + [False] * 8
    assert len(nurseries()) == idle


def test_a_killed_nursery_is_made_anew(sandbox: Sandbox) -> None:
    before = {one.pid for one in nurseries()}
    for one in nurseries():
        one.kill()
    assert sandbox.run("echo", b"again") == b"again"
    assert before.isdisjoint(one.pid for one in nurseries())


def test_one_that_cannot_start_says_why(caplog: pytest.LogCaptureFixture) -> None:
    before = len(nurseries())
    one = Sandbox({"echo": "tests.confined:no_such_task"}, LIMITS)
    with pytest.raises(SandboxDown) as caught:
        one.run("echo", b"")
    assert caught.value.remedy
    assert "no_such_task" in caplog.text
    assert "no_such_task" not in str(caught.value)
    assert len(nurseries()) == before


def test_closing_ends_every_process() -> None:
    before = {one.pid for one in nurseries()}
    one = Sandbox(TASKS, LIMITS)
    one.run("echo", b"")
    assert {process.pid for process in nurseries()} - before
    one.close()
    assert {process.pid for process in nurseries()} == before


def test_a_killed_server_leaves_no_process() -> None:
    program = """
import sys, psutil
from tests.unit.platform.test_sandbox import LIMITS, TASKS, Sandbox, nurseries
import threading
sandbox = Sandbox(TASKS, LIMITS)
sandbox.run("echo", b"")
threading.Thread(target=sandbox.run, args=("asleep", b""), daemon=True).start()
while len(nurseries()) < len(sandbox.measures() & {"namespaces"}) + 2:
    pass
print(*(one.pid for one in nurseries()), flush=True)
sys.stdin.read()
"""
    server = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    pids = [int(word) for word in server.stdout.readline().split()]
    assert len(pids) >= 2
    server.kill()
    server.communicate()
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
        time.sleep(0.02)
