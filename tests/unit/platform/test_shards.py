"""Statements in the names of shards: every place where a table is named, and none where something else is."""

from __future__ import annotations

import pytest

from gridgov.platform.shards import Shards

SHARDS = Shards({"incidents": "incidents_7", "cases": "cases_8", "cases_event": "cases_event_9", "areas": "areas_5"})


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("select i.id from incidents i where i.id = 1", "select i.id from incidents_7 i where i.id = 1"),
        ("select count(*) as cases from cases", "select count(*) as cases from cases_8 as cases"),
        ("SELECT cases.id \nFROM cases \nLIMIT 1", "SELECT cases.id \nFROM cases_8 as cases \nLIMIT 1"),
        ("insert into cases (id) values (1)", "insert into cases_8 as cases (id) values (1)"),
        ("insert into cases as c (id) select 1", "insert into cases_8 as c (id) select 1"),
        ("insert into cases select 1", "insert into cases_8 as cases select 1"),
        ("update cases set id = 1 from areas a", "update cases_8 as cases set id = 1 from areas_5 a"),
        ("update cases c set id = 1", "update cases_8 c set id = 1"),
        ("delete from cases_event using cases c where true",
         "delete from cases_event_9 as cases_event using cases_8 c where true"),
        ("with i as (insert into incidents (id) values (1) returning *) select * from i join areas a using (id)",
         "with i as (insert into incidents_7 as incidents (id) values (1) returning *) "
         "select * from i join areas_5 a using (id)"),
        ("lock table areas, cases in share mode", "lock table areas_5, cases_8 in share mode"),
        ("truncate cases", "truncate cases_8"),
        ("select 1 from cases for update", "select 1 from cases_8 as cases for update"),
        ("(select id from areas)", "(select id from areas_5 as areas)"),
    ],
)  # fmt: skip
def test_tables_are_named_by_their_shards(statement: str, said: str) -> None:
    assert SHARDS.said(statement) == said


@pytest.mark.parametrize(
    "statement",
    [
        "select * from catalogue.city c",
        "select areas, cases from other o",
        "select * from cases_other",
        "select * from incidents_7 i",
        "select cases(1)",
        "create temporary table new_row (cases bigint) on commit drop",
        "copy new_row (areas) from stdin",
    ],
)
def test_what_is_no_table_of_the_city_is_left_alone(statement: str) -> None:
    assert SHARDS.said(statement) == statement
