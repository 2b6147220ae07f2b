"""National division codes of any usual length."""

from __future__ import annotations

import pytest

from gridgov.interop.imports.divisions import shortened, superior


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("11", "11"),
        ("110000", "11"),
        ("110100", "1101"),
        ("110101", "110101"),
        ("110101001", "110101001"),
        ("110101001000", "110101001"),
        ("110101001001", "110101001001"),
        ("110000000000", "11"),
        ("441900003", "441900003"),
        ("441900003005", "441900003005"),
        ("1101", "1101"),
    ],
)
def test_zeros_that_say_nothing_are_dropped(code: str, expected: str) -> None:
    assert shortened(code) == expected


@pytest.mark.parametrize("code", ["", "1", "110", "11010", "1101010", "abcdef", "000000", "11010１", "1101010010011"])
def test_what_is_no_code(code: str) -> None:
    assert shortened(code) is None


def test_a_town_without_a_district_belongs_to_its_city() -> None:
    known = {"44", "4419"}
    assert superior("441900003", known) == "4419"
    assert superior("441900003", known | {"441900"}) == "441900"
    assert superior("44", known) is None
    assert superior("99", known) is None
