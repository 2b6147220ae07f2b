"""No secret and no telephone number reaches a log line: any kind, in any wrapping, through every way in, in both forms.

The control runs the same examples with masking off, and every one of them is found in the line.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.platform import logs
from gridgov.platform.crypto import crockford
from gridgov.platform.masking import clean, masked

WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Secret:
    """`shown` is how it stands in a text; `core` is what must not be left of it, blanks, dashes and widths aside."""

    kind: str
    shown: str
    core: str


def plain(text: str) -> str:
    """The text as somebody reads it who looks for numbers: without escapes, blanks and dashes, in narrow digits."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text.replace("\\n", "")))


@st.composite
def phones(draw: st.DrawFn) -> Secret:
    digits = "1" + draw(st.sampled_from("3456789")) + draw(st.text("0123456789", min_size=9, max_size=9))
    cuts = draw(st.sampled_from([(3, 7), (3, 6), (4, 7), (5,), ()]))
    between = draw(st.sampled_from(["", " ", "-"]))
    parts = [digits[i:j] for i, j in zip((0, *cuts), (*cuts, 11), strict=True)]
    shown = draw(st.sampled_from(["", "+86", "+86 ", "86-", "0086 "])) + between.join(parts)
    if draw(st.booleans()):
        shown = shown.translate(str.maketrans("0123456789", "０１２３４５６７８９")).replace("＋", "+")
    return Secret("phone", shown, digits)


@st.composite
def identity_cards(draw: st.DrawFn) -> Secret:
    born = draw(st.dates()).strftime("%Y%m%d").zfill(8)
    place, running, check = draw(st.integers(110101, 659001)), draw(st.integers(0, 999)), draw(st.sampled_from("05Xx"))
    number = f"{place}{born}{running:03}{check}"
    shown = draw(st.sampled_from([number, f"{number[:6]} {number[6:14]} {number[14:]}"]))
    return Secret("identity card", shown, number)


words = st.text(WORD, min_size=8, max_size=30)
random_bytes = st.binary(min_size=32, max_size=32)
passwords = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\'\"@/"), min_size=8, max_size=24
)
names = st.sampled_from(["password", "db_password", "access_token", "client_secret", "api_key", "PGPASSWORD", "密码"])


def kept(kind: str, shown: str, core: str) -> Secret:
    return Secret(kind, shown, plain(core))


secrets = st.one_of(
    phones(),
    identity_cards(),
    random_bytes.map(lambda b: base64.urlsafe_b64encode(b).decode().rstrip("="))
    .filter(lambda s: s.lower() != s)  # of tokens that are drawn, one in 10^15 has no capital
    .map(lambda s: kept("token", s, s)),
    random_bytes.map(lambda b: base64.b64encode(b).decode()).map(lambda s: kept("key", s, s)),
    random_bytes.map(lambda b: b.hex()).map(lambda s: kept("digest", s, s)),
    random_bytes.map(lambda b: crockford(b[:10], 16)).map(
        lambda s: kept("words", "-".join(s[i : i + 4] for i in range(0, 16, 4)), s)
    ),
    words.map(lambda s: kept("bearer", f"Authorization: Bearer {s}", s)),
    words.map(lambda s: kept("basic", f"basic {s}==", s)),
    words.map(lambda s: kept("cookie", f"Cookie: theme=dark; __Host-gridgov={s}; a=b", s)),
    words.map(lambda s: kept("host cookie", f"__Host-gridgov={s}", s)),
    words.map(lambda s: kept("web token", f"eyJhbGciOiJIUzI1NiJ9.{s}.{s}", s)),
    st.builds(lambda p: kept("url", f"postgresql+psycopg://gridgov:{p}@db:5432/g", p), passwords),
    st.builds(lambda p: kept("url of a careless one", f"postgres://me:{p}/@{p}@db/g", p), passwords),
    st.builds(lambda n, p: kept("named", f"{n}={p}", p), names, passwords),
    st.builds(lambda n, p: kept("libpq", f"host=db {n}='{p} {p}' user=x", p), names, passwords),
    st.builds(lambda n, p: kept("json", json.dumps({"a": 1, n: p}), p), names, passwords),
    st.builds(lambda n, p: kept("repr", repr({"a": 1, n: {"x": p}}), p), names, passwords),
    st.builds(lambda p: kept("mail", f"{p}@example.cn", p), words),
)  # fmt: skip


class Failed(Exception):
    """An error whose text repeats what it was given."""


def _nested(text: str) -> dict[str, Any]:
    return {"body": [{"deep": ({"er": [text]}, {text})}], text: "as a key"}


def _raised(text: str) -> Exception:
    try:
        try:
            raise Failed(f"what was sent: {text}")
        except Failed as inner:
            raise RuntimeError("it broke") from inner
    except RuntimeError as outer:
        return outer


def _row(text: str) -> str:
    return f'null value in column "x" violates not-null constraint\nDETAIL:  Failing row contains (1, {text}, 张三).'


log = logs.get_logger("test")
library = logging.getLogger("some.library")
WAYS: dict[str, Callable[[str], object]] = {
    "words": lambda text: log.error(f"about {text}."),
    "field": lambda text: log.error("x", answer=text),
    "nested": lambda text: log.error("x", **_nested(text)),
    "failure": lambda text: log.error("x", exc_info=_raised(text)),
    "row": lambda text: log.error("x", problem=_row(text)),
    "library": lambda text: library.error("gave %s up", text),
    "library failure": lambda text: library.error("x", exc_info=_raised(text)),
    "library field": lambda text: library.error("%r", {"answer": [text]}),
}


@contextmanager
def written(form: logs.Format) -> Iterator[io.StringIO]:
    """What is logged inside."""
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    logs.configure("info", form, stream)
    try:
        yield stream
    finally:
        logging.getLogger().handlers = before
        logging.captureWarnings(False)


def line(way: str, form: logs.Format, secret: Secret) -> str:
    with written(form) as stream:
        WAYS[way](secret.shown)
    return plain(stream.getvalue())


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("way", WAYS)
@given(secret=secrets)
def test_no_secret_reaches_a_line(way: str, form: logs.Format, secret: Secret) -> None:
    found = line(way, form, secret)
    assert found, "something was written"
    assert secret.core not in found


@pytest.mark.parametrize("way", WAYS)
@given(secret=secrets)
def test_without_masking_every_one_does(way: str, secret: Secret) -> None:
    """Control: the same examples with masking off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs._PIPE, "mask", lambda event: event)
        found = line(way, "text", secret)
    raw = plain(secret.shown)
    assert secret.core in found or raw in found or json.dumps(raw)[1:-1] in found


WRAPPINGS = (
    "{}",
    "({})",
    "[{}]",
    "'{}'",
    '"{}"',
    "x={}",
    "x: {}",
    "a,{},b",
    "{} {}",
    "电话{}",
    "电话：{}",
    "<{}>",
    "路{}号",
)


@given(secret=secrets, wrapping=st.sampled_from(WRAPPINGS))
def test_no_neighbour_hides_one(secret: Secret, wrapping: str) -> None:
    """Also where one form is inside another: a JSON text in a JSON text, a representation in a field."""
    text = wrapping.format(secret.shown, secret.shown)
    value = {"a": [{"b": text}], "c": repr({"a": text}), "d": json.dumps({"a": text})}
    assert secret.core not in plain(json.dumps(clean(value), ensure_ascii=False))
    assert secret.core in plain(text), "control"


@given(st.sampled_from(["phone", "reporter_phone", "手机号", "Authorization", "set-cookie", "password_new", "contact"]))
def test_what_stands_under_a_telling_name_is_masked_whatever_it_is(name: str) -> None:
    for value in ("12", 12, 1.5, ["1"], {"a": "张三"}, "张三"):
        if isinstance(value, float):
            continue
        assert clean({name: value}) == {name: "***"}


@given(st.integers(13_000_000_000, 19_999_999_999))
def test_a_number_that_is_a_telephones_is_masked_as_a_number_too(number: int) -> None:
    assert clean({"n": number}) == {"n": "***"}


@given(
    st.sampled_from(
        [
            "GET /api/v1/areas/{area_id} 200",
            "2026-11-20T08:15:00.123+08:00",
            "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11",
            "20251120-000123",
            "116.912345, 33.123456",
            'File "/srv/gridgov/gridgov/platform/limits.py", line 120, in take_all',
            "网格 A01 于 2026 年 11 月 20 日生效，共 1,234 件",
        ]
    )
)
def test_what_an_operator_needs_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text())
def test_masking_twice_is_masking_once_and_any_text_is_taken(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "1 " * 10**6, "://" * 10**6, "token:(" * 10**5, "DETAIL: " * 10**5, "x@" * 10**6]
)
def test_a_huge_text_is_cut_and_not_chewed(text: str) -> None:
    assert len(masked(text)) < 25_000


@given(st.integers(13_000_000_000, 19_999_999_999), st.integers(0, 400))
def test_no_number_is_halved_by_the_cut(number: int, shift: int) -> None:
    """Numbers all over the text, so that the cuts fall anywhere within one."""
    found = plain(masked("x" * shift + f" {number}" * 2_000))
    assert str(number)[:6] not in found
    assert str(number)[-6:] not in found
