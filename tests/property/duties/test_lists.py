"""Of any two lists: comparing is antisymmetric, and what is exported comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gridgov.duties.compare import FIELDS, compare
from gridgov.duties.rules import LEVELS, OFFICES, ManagementClass, Nearest, NewItem, RiskPoint
from gridgov.interop import dutylists
from gridgov.interop.imports.duties import Known
from gridgov.interop.spreadsheet import guarded, unguarded
from gridgov.platform import sheets

AREAS = {1: "C", 2: "W", 3: "3402"}
AGENCIES = ("HW", "CG", "01")
MATTERS = ("06010", "06011", "10001")
KNOWN = Known({code: i for i, code in AREAS.items()}, frozenset(AGENCIES), frozenset(MATTERS), frozenset({4, 5}))
ZONE = ZoneInfo("Asia/Shanghai")
WORDS = frozenset({"null", "none", "nan", "n/a", "<null>", "\\n"})  # what a cell may hold for "nothing"
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t")
texts = (
    st.one_of(st.text(LETTERS, min_size=1, max_size=30), st.sampled_from(["=1+1", "'=1", "''@x", "-5", "+86", "@a"]))
    .map(lambda text: text.strip())
    .filter(lambda text: text and text.lower() not in WORDS and unguarded(str(guarded(text))) == text)
)
risks = st.builds(
    RiskPoint,
    texts.filter(lambda text: not text.startswith("!") and not set(text) & set(";；\n\r")),
    st.booleans(),
)
bodies = st.sampled_from([*AGENCIES, *(f"@{office}" for office in sorted(OFFICES))])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 -- made aware at once
    lambda at: at.replace(tzinfo=timezone(timedelta(hours=8)))
)
items = st.builds(
    NewItem,
    code=st.sampled_from([f"I-{i}" for i in range(12)]),
    category=st.sampled_from([*MATTERS, "06*", "*"]),
    lead=st.one_of(st.just(""), bodies),
    management_class=st.sampled_from(ManagementClass),
    supporting=st.lists(bodies, max_size=3).map(tuple),
    area_id=st.one_of(st.none(), st.sampled_from(sorted(AREAS))),
    served_from_sites=st.booleans(),
    nearest=st.one_of(st.none(), st.sampled_from(Nearest)),
    basis=st.one_of(st.none(), texts),
    time_limit=st.one_of(st.none(), st.sampled_from(["2 work_day", "4 work_hour", "2 urgent_hour", "7 natural_day"])),
    attributes=st.dictionaries(texts, st.one_of(texts, st.integers(-(2**40), 2**40), st.booleans()), max_size=2),
    level=st.one_of(st.none(), st.sampled_from(LEVELS)),
    payer=st.one_of(st.none(), st.sampled_from(AGENCIES)),
    opening=st.one_of(st.none(), texts),
    closing=st.one_of(st.none(), texts),
    risk_points=st.lists(risks, max_size=3).map(tuple),
    admission_id=st.one_of(st.none(), st.sampled_from([4, 5])),
    expires_at=st.one_of(st.none(), instants),
)
versions = st.lists(items, min_size=1, max_size=8, unique_by=lambda item: item.code)


@given(versions, versions)
def test_comparing_is_antisymmetric(one: list[NewItem], other: list[NewItem]) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.added, there.removed, there.unchanged) == (back.removed, back.added, back.unchanged)
    assert [(c.before, c.after, c.fields) for c in there.changed] == [
        (c.after, c.before, c.fields) for c in back.changed
    ]
    assert there.same == (sorted(one, key=lambda i: i.code) == sorted(other, key=lambda i: i.code))
    assert len(there.removed) + len(there.changed) + there.unchanged == len(one)


@given(versions)
def test_a_list_differs_from_itself_in_nothing(one: list[NewItem]) -> None:
    found = compare(one, one)
    assert found.same
    assert found.unchanged == len(one)


@given(items, items)
def test_each_field_that_differs_is_named(one: NewItem, other: NewItem) -> None:
    changed = {name for name in FIELDS if getattr(one, name) != getattr(other, name)}
    found = compare([one], [other])
    if one.code == other.code:
        assert {name for c in found.changed for name in c.fields} == changed


def read(data: bytes) -> sheets.Sheet:
    """As the child reads it, without the child."""
    rows = [sheets.SheetRow(number, cells) for number, cells in sheets.rows_of(data)]
    return sheets.Sheet(tuple(cell or "" for cell in rows[0].cells), tuple(rows[1:]))


@given(versions, st.sampled_from(["zh", "en"]), st.booleans())
def test_an_export_comes_back_as_it_was(made: list[NewItem], lang: str, workbook: bool) -> None:
    write = dutylists.to_xlsx if workbook else dutylists.to_csv
    found = dutylists.preview(read(write(made, AREAS, {}, lang)), KNOWN, made, ZONE)
    assert found.parsed.faults == ()
    assert found.comparison.same, found.comparison.changed


@given(st.text(max_size=20))
def test_what_is_guarded_is_no_formula_and_comes_back(text: str) -> None:
    shown = str(guarded(text))
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(shown) == text


def test_utc_and_other_zones_are_one_instant() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    one = NewItem("1", "*", "HW", ManagementClass.PROFESSIONAL, expires_at=at)
    other = NewItem("1", "*", "HW", ManagementClass.PROFESSIONAL, expires_at=at.astimezone(ZONE))
    assert compare([one], [other]).same
