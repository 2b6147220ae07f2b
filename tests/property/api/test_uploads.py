"""Files of a multipart body: the same however the body is cut, and never an error of ours whatever the body is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from gridgov.api import uploads
from gridgov.platform.errors import BadInput, TooLarge

BOUNDARY = b"----b"
MOST_FILES, MOST_BYTES = 4, 500


class Sending:
    """A client that sends a body in pieces, and counts how many were asked for."""

    def __init__(self, pieces: Sequence[bytes], content_type: str, length: str | None = None) -> None:
        self.asked = 0
        self._pieces = list(pieces)
        headers = [(b"content-type", content_type.encode("latin-1"))]
        if length is not None:
            headers.append((b"content-length", length.encode()))
        self.request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, self._receive)

    async def _receive(self) -> Message:
        self.asked += 1
        piece = self._pieces.pop(0) if self._pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}

    def files(self) -> list[bytes]:
        async def taken() -> list[bytes]:
            found = uploads.files(self.request, most_files=MOST_FILES, most_bytes=MOST_BYTES)
            return [one async for one in found]

        return asyncio.run(taken())


def body(files: Sequence[bytes], name: bytes = b"a.jpg") -> bytes:
    head = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n'
    return b"".join(head + data + b"\r\n" for data in files) + b"--" + BOUNDARY + b"--\r\n"


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    marks = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


KIND = "multipart/form-data; boundary=" + BOUNDARY.decode()
# Bytes that look like what separates files, without ever being it.
NEARLY = st.sampled_from([b"\r\n", b"\r\n--", b"--", b"\r\n----", b"\r\n----a", b"-b", b"\r", b"\n", b"\0", b"x" * 40])
FILE = st.one_of(st.binary(max_size=300), st.lists(NEARLY, max_size=9).map(b"".join)).filter(
    lambda data: b"\r\n--" + BOUNDARY not in b"\r\n" + data + b"\r\n"
)
PLACES = st.lists(st.integers(0, 5_000), max_size=12)


@given(files=st.lists(FILE, min_size=1, max_size=MOST_FILES), places=PLACES)
def test_files_arrive_as_they_were_sent(files: list[bytes], places: list[int]) -> None:
    assert Sending(cut(body(files), places), KIND).files() == files


@given(name=st.binary(max_size=60).filter(lambda name: not set(name) & set(b'"\r\n')), places=PLACES)
def test_what_a_file_is_called_does_not_matter(name: bytes, places: list[int]) -> None:
    assert Sending(cut(body([b"data"], name), places), KIND).files() == [b"data"]


@given(data=st.binary(max_size=2_000), places=PLACES, kind=st.one_of(st.just(KIND), st.text(max_size=60)))
def test_any_body_is_taken_or_refused(data: bytes, places: list[int], kind: str) -> None:
    sending = Sending(cut(data, places), kind.encode("latin-1", errors="ignore").decode("latin-1"))
    with pytest.raises(BadInput) as caught:
        sending.files()
    assert caught.value.field
    assert caught.value.remedy


@given(
    files=st.lists(FILE, min_size=1, max_size=3),
    at=st.integers(0, 10_000),
    junk=st.binary(min_size=1, max_size=8),
    places=PLACES,
)
def test_a_damaged_body_is_taken_or_refused(files: list[bytes], at: int, junk: bytes, places: list[int]) -> None:
    whole = body(files)
    start = at % len(whole)
    sending = Sending(cut(whole[:start] + junk + whole[start + len(junk) :], places), KIND)
    try:
        found = sending.files()
    except BadInput:
        return
    assert len(found) <= MOST_FILES


@given(files=st.lists(FILE, min_size=1, max_size=3), keep=st.integers(0, 10_000))
def test_a_body_that_is_cut_off_is_refused(files: list[bytes], keep: int) -> None:
    whole = body(files)
    end = whole.rindex(b"--\r\n")
    with pytest.raises(BadInput):
        Sending([whole[: keep % end]], KIND).files()


@pytest.mark.parametrize("size", [MOST_BYTES, MOST_BYTES + 1, 50_000])
def test_a_file_that_is_too_large_is_read_no_further(size: int) -> None:
    whole = body([b"small", bytes(size)])
    sending = Sending([whole[at : at + 100] for at in range(0, len(whole), 100)], KIND)
    if size == MOST_BYTES:
        assert [len(data) for data in sending.files()] == [5, size]
        return
    with pytest.raises(TooLarge) as caught:
        sending.files()
    assert caught.value.field == "file[2]"
    assert sending.asked <= (MOST_BYTES + 400) // 100


def test_a_body_that_announces_too_much_is_not_read_at_all() -> None:
    most = MOST_FILES * (MOST_BYTES + uploads.OVERHEAD_BYTES)
    for length, taken in ((str(most), True), (str(most + 1), False), ("9" * 19, False), ("9" * 5_000, False)):
        sending = Sending([body([b"data"])], KIND, length)
        if taken:
            assert sending.files() == [b"data"]
        else:
            with pytest.raises(TooLarge):
                sending.files()
            assert sending.asked == 0


def test_too_many_files_and_parts_of_other_names_are_refused() -> None:
    assert len(Sending([body([b"x"] * MOST_FILES)], KIND).files()) == MOST_FILES
    with pytest.raises(TooLarge, match="At most 4 files"):
        Sending([body([b"x"] * (MOST_FILES + 1))], KIND).files()
    with pytest.raises(BadInput, match="not named"):
        Sending([body([b"x"]).replace(b'name="file"', b'name="other"')], KIND).files()
