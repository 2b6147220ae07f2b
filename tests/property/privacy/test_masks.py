"""A mask never shows more than it may, whatever is written into the field; and one number is one number."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.privacy import masks, normal

DIGITS = st.text("0123456789", min_size=1, max_size=20)
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINE = st.from_regex(r"0(10|2[0-9]|[3-9][0-9]{2})[1-9][0-9]{6,7}", fullmatch=True)
NUMBERS = st.one_of(MOBILE, LANDLINE, DIGITS, DIGITS.map("+{}".format), DIGITS.map("00{}".format))
ANYTHING = st.one_of(NUMBERS, st.text(max_size=40))


def shown_digits(mask: str) -> str:
    return re.sub(r"\D", "", mask)


@given(MOBILE)
def test_a_mobile_number_hides_its_middle_four(number: str) -> None:
    assert masks.phone(number) == f"{number[:3]}****{number[-4:]}"


@given(ANYTHING)
def test_a_number_shows_at_most_what_is_allowed(text: str) -> None:
    mask = masks.phone(text)
    assert "****" in mask
    digits = normal.phone(text)
    shown = shown_digits(mask)
    if digits is None:
        assert mask == "****"
        return
    bare = digits.removeprefix("+")
    assert len(bare) - len(shown) >= min(4, len(bare)), "four digits are hidden, or all"
    assert shown == "" or bare.endswith(shown[-len(mask.rpartition("*")[2]) :])
    if len(bare) < 7:
        assert shown == ""
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}", digits):
        assert len(shown) <= len(bare) / 4


@given(st.text(max_size=40))
def test_a_text_that_is_no_number_tells_nothing_not_even_its_length(text: str) -> None:
    if normal.phone(text) is None:
        assert masks.phone(text) == masks.phone("wechat: zhang_san") == "****"


@given(st.text(max_size=40))
def test_a_name_shows_its_first_character_and_no_length(text: str) -> None:
    mask = masks.name(text)
    plain = unicodedata.normalize("NFKC", text).strip()
    assert mask == (f"{plain[0]}*" if len(plain) > 1 else "*")
    assert len(mask) <= 2


@given(st.one_of(st.from_regex(r"[0-9]{17}[0-9Xx]|[0-9]{15}", fullmatch=True), st.text(max_size=20)))
def test_an_id_card_never_shows_the_day_of_birth(text: str) -> None:
    mask = masks.id_card(text)
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]|[0-9]{15}", plain):
        assert mask == "****"
        return
    tail = 4 if len(plain) == 18 else 3
    assert len(mask) == len(plain)
    assert set(mask[6:-tail]) == {"*"}
    assert (mask[:6], mask[-tail:]) == (plain[:6], plain[-tail:])
    birth = slice(6, 14) if len(plain) == 18 else slice(6, 12)
    assert set(mask[birth]) == {"*"}


KNOWN = ("泓川市", "东区", "幸福街道", "幸福")


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from([*KNOWN, "建设路12号", " "])).map("".join)))
def test_an_address_shows_known_names_of_areas_and_nothing_else(text: str) -> None:
    mask = masks.address(text, KNOWN)
    assert mask.endswith("****")
    assert re.fullmatch(f"(?:{'|'.join(KNOWN)})*", mask.removesuffix("****"))
    assert masks.address(text) == "****"


@pytest.mark.parametrize(
    ("kind", "text", "mask"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 138 1234 5678", "138****5678"),
        ("phone", "0512-66660000", "0512-****0000"),
        ("phone", "010-12345678转12", "010-****5678"),
        ("phone", "0512-6666000", "0512-****000"),
        ("phone", "+852 1234 5678", "+****78"),
        ("phone", "+999", "+****"),
        ("phone", "66660000", "****00"),
        ("phone", "12345", "****"),
        ("phone", "张三 13812345678", "****"),
        ("name", "张三", "张*"),
        ("name", "欧阳修", "欧*"),
        ("name", "张", "*"),
        ("id_card", "320102199001011234", "320102********1234"),
        ("id_card", "32010219900101123x", "320102********123X"),
        ("id_card", "320102900101123", "320102******123"),
        ("address", "泓川市东区幸福街道建设路12号", "****"),
        ("a kind that nobody knows", "x", "****"),
    ],
)
def test_examples(kind: str, text: str, mask: str) -> None:
    assert masks.masked(kind, text) == mask


def test_nothing_stays_nothing() -> None:
    assert masks.masked("phone", None) is None
    assert masks.masked("phone", "") is None


def test_every_mask_says_what_it_may_show() -> None:
    assert set(masks.MASKS) == set(masks.ALLOWED)


# --- one number is one number ---------------------------------------------------------------------------------------

WIDE = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """(a mobile number, one of the ways to write it)."""
    number = draw(MOBILE)
    parts = draw(st.sampled_from([(3, 4, 4), (3, 8), (11,), (3, 3, 5)]))
    cut, groups = 0, []
    for size in parts:
        groups.append(number[cut : cut + size])
        cut += size
    text = draw(st.sampled_from(["", "+86", "0086", "+86 ", "(+86)", "86", "+86-"])) + draw(
        st.sampled_from([" ", "-", "", "－", "·"])
    ).join(groups)
    text = text.translate(WIDE) if draw(st.booleans()) else text
    return number, draw(st.sampled_from(["", " ", "\t"])) + text + draw(
        st.sampled_from(["", " ", "/13900000000", "转12"])
    )


@given(written())
def test_however_a_number_is_written_it_is_one(pair: tuple[str, str]) -> None:
    number, text = pair
    assert normal.phone(text) == number


def test_as_it_is_written_it_would_be_many() -> None:
    """The control of the test above."""
    ways = ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８"]
    assert len(set(ways)) == 3
    assert {normal.phone(way) for way in ways} == {"13812345678"}


@given(NUMBERS)
def test_the_normal_form_is_its_own(text: str) -> None:
    once = normal.phone(text)
    if once is not None:
        assert normal.phone(once) == once


@given(MOBILE, MOBILE)
def test_two_numbers_stay_two(one: str, other: str) -> None:
    assert (normal.phone(one) == normal.phone(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+86 512 66660000", "051266660000"),
        ("0512-66660000-802", "051266660000"),
        ("+86 10 12345678", "01012345678"),
        ("+852 1234 5678", "+85212345678"),
        ("00852 1234 5678", "+85212345678"),
        ("110", "110"),
        ("+86 400 123 4567", "4001234567"),
        ("", None),
        ("12", None),
        ("1" * 16, None),
        ("none", None),
        ("٣٤٥٦٧٨٩", None),
    ],
)
def test_numbers(text: str, found: str | None) -> None:
    assert normal.phone(text) == found


@pytest.mark.parametrize(
    ("text", "found"), [("张 三", "张三"), ("ＺＨＡＮＧ San", "zhangsan"), ("买买提·艾力", "买买提艾力"), (" ", None)]
)
def test_names(text: str, found: str | None) -> None:
    assert normal.name(text) == found
