"""`gridgov serve` with its settings: where its log goes and in what form, who reads its metrics, other limits."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gridgov.bootstrap import House
from tests.integration.api.serving import eventually

Serve = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def serve(sampled: House, tmp_path: Path) -> Iterator[Serve]:
    """Starts a server on the test's own database; gives the process and its address. Its log is `tmp_path`/log."""
    running: list[subprocess.Popen[str]] = []

    def start(**settings: str) -> tuple[subprocess.Popen[str], str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = {
            "GRIDGOV_HOME": str(tmp_path),
            "GRIDGOV_DATABASE_URL": sampled.db.url.render_as_string(hide_password=False),
            "GRIDGOV_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        given = {f"GRIDGOV_{name.upper()}": value for name, value in settings.items()}
        with open(tmp_path / "log", "w", encoding="utf-8") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "gridgov", "serve"],
                env=os.environ | env | given,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        running.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        return child, f"http://127.0.0.1:{port}"

    yield start
    for child in running:
        ended(child)


def ended(child: subprocess.Popen[str]) -> int:
    """Its exit code, after an order to end if it has not ended by itself."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    if child.stdout is not None:
        child.stdout.close()
    return child.wait()


def lines(tmp_path: Path) -> list[str]:
    return (tmp_path / "log").read_text(encoding="utf-8").splitlines()


def test_as_it_comes_it_logs_json_where_nobody_reads_along_and_shows_metrics_here(serve: Serve, tmp_path: Path) -> None:
    child, base = serve()
    shown = httpx.get(f"{base}/api/v1/areas/4711?phone=13800138000", headers={"authorization": "Bearer none-such"})
    assert httpx.get(f"{base}/metrics").status_code == 200
    assert httpx.get(f"{base}/metrics", headers={"x-forwarded-for": "198.51.100.7"}).status_code == 401
    with socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) as wire:
        wire.sendall(b"no http\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 400 ")
    ended(child)
    found = [json.loads(line) for line in lines(tmp_path)]
    requests = [one for one in found if one["logger"] == "gridgov.access"]
    assert [(one["route"], one["status"]) for one in requests] == [("/api/v1/areas/{area_id}", 401), ("/metrics", 401)]
    assert requests[0]["request_id"] == shown.headers["x-request-id"]
    assert "uvicorn.error" in {one["logger"] for one in found}, "its complaint of what is no HTTP"
    for hidden in ("4711", "13800138000", "none-such"):
        assert not [line for line in lines(tmp_path) if hidden in line]


def test_with_other_settings(serve: Serve, tmp_path: Path) -> None:
    _, base = serve(log_format="text", metrics="token", limits="receipt-network=1/1h", log_level="debug")
    body = {"number": "20251120-000123", "secret": "7K3WQ9ZB4D"}
    assert [httpx.post(f"{base}/api/v1/receipts", json=body).status_code for _ in range(3)] == [404, 429, 429]
    assert httpx.get(f"{base}/metrics").status_code == 401
    assert httpx.get(f"{base}/health/live").status_code == 200
    eventually(lambda: any("route=/health/live" in line for line in lines(tmp_path)))  # debug tells of probes too
    assert not [line for line in lines(tmp_path) if "7K3WQ9ZB4D" in line]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [("limits", "reports=1/1h", "There is no limit “reports”"), ("log_format", "xml", "GRIDGOV_LOG_FORMAT"),
     ("proxies", "everybody", "GRIDGOV_PROXIES")],
)  # fmt: skip
def test_a_setting_that_means_nothing_stops_it_with_a_remedy(
    serve: Serve, tmp_path: Path, setting: str, value: str, says: str
) -> None:
    child, _ = serve(**{setting: value})
    assert child.wait() == 2
    (line,) = lines(tmp_path)
    assert line.startswith(f"gridgov: GRIDGOV_{setting.upper()}: ")
    assert says in line
