"""Short messages: through an HTTP gateway by its template, and into a folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from gridgov.notices import sms
from gridgov.notices.channels import NotSent, Short
from gridgov.notices.sms import HttpGateway, Spool
from gridgov.platform.settings import Settings

TEXT = "您反映的事项已办结 & {id} 100%"


class Gateway:
    """What it was asked: (method, path, query or form, authorization)."""

    def __init__(self) -> None:
        self.port = 0
        self.status = 200
        self.asked: list[tuple[str, str, dict[str, list[str]], str | None]] = []


@contextmanager
def gateway() -> Iterator[Gateway]:
    made = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            split = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            fields = self.rfile.read(length).decode() if length else split.query
            made.asked.append((self.command, split.path, parse_qs(fields), self.headers["authorization"]))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("posted", [False, True])
def test_the_gateway_gets_number_text_and_id(posted: bool) -> None:
    short = Short(uuid4(), "13800138000", TEXT)
    with gateway() as there:
        template = f"http://127.0.0.1:{there.port}/send?to={{phone}}&msg={{text}}&ref={{id}}"
        assert HttpGateway(template, posted, "token").send(short) == 1
    fields = {"to": ["13800138000"], "msg": [TEXT], "ref": [str(short.ident)]}
    assert there.asked == [("POST" if posted else "GET", "/send", fields, "Bearer token")]


@pytest.mark.parametrize(("status", "final"), [(400, True), (401, False), (429, False), (500, False)])
def test_what_the_gateway_refuses(status: int, final: bool) -> None:
    with gateway() as there:
        there.status = status
        with pytest.raises(NotSent, match=f"sms-gateway-refused: {status}") as problem:
            HttpGateway(f"http://127.0.0.1:{there.port}/?{{phone}}{{text}}").send(Short(uuid4(), "1", "x"))
    assert problem.value.final is final
    with pytest.raises(NotSent, match="sms-gateway-unreachable"):
        HttpGateway(f"http://127.0.0.1:{there.port}/?{{phone}}{{text}}").send(Short(uuid4(), "1", "x"))


def test_a_folder_holds_one_file_a_message(tmp_path: Path) -> None:
    short = Short(uuid4(), "13800138000", "好" * 71)
    for _ in range(2):  # a repeat is the same file
        assert Spool(tmp_path / "out").send(short) == 2
    (file,) = (tmp_path / "out").iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "id": str(short.ident),
        "phone": "13800138000",
        "text": short.text,
        "parts": 2,
    }
    assert file.name == f"{short.ident}.json"
    assert file.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_to_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotSent, match="sms-folder-unwritable") as problem:
        Spool(tmp_path / "file").send(Short(uuid4(), "1", "x"))
    assert not problem.value.final


def test_too_long_is_not_cut(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="sms-too-long: 5 parts") as problem:
        Spool(tmp_path).send(Short(uuid4(), "1", "好" * 269))
    assert problem.value.final
    assert list(tmp_path.iterdir()) == []


def test_the_settings_choose(tmp_path: Path) -> None:
    assert sms.chosen(Settings.load(home=tmp_path)) is None
    assert sms.chosen(Settings.load(home=tmp_path, sms=f"spool:{tmp_path}/out")) == Spool(tmp_path / "out")
    template = "https://gateway.example/?p={phone}&t={text}"
    assert sms.chosen(Settings.load(home=tmp_path, sms=f"post:{template}", sms_token="t")) == HttpGateway(
        template, True, "t"
    )
