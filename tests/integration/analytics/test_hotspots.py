"""Hot spots over HTTP: the sample city is too small, the demo city is not; counts are those of the density."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.analytics.conftest import Known, Taking


def test_a_small_city_is_told_that_it_is_too_small(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00+08:00")])
    found = api.get("/api/v1/density/hotspots").json()
    assert (found["hot"], found["cold"]) == (0, 0)
    assert {item["verdict"] for item in found["items"]} == {None}
    assert sum(item["count"] for item in found["items"]) == 1
    assert str(found["compared"]) in found["said"]["zh"]


@pytest.mark.parametrize("measure", ["count", "rate"])
def test_the_demo_city(demo_api: httpx.Client, measure: str) -> None:
    found = demo_api.get("/api/v1/density/hotspots", params={"measure": measure}).json()
    plain = demo_api.get("/api/v1/density").json()
    assert [(one["code"], one["count"]) for one in found["items"]] == [
        (one["code"], one["count"]) for one in plain["items"]
    ]
    kept = [one for one in found["items"] if one["verdict"]]
    assert found["hot"] == sum(one["verdict"] == "hot" for one in kept)
    scores = {one["score"] for one in found["items"]}
    assert len(scores) > 200
    assert all(one["p"] <= found["false_share"] for one in kept)
    assert all((one["score"] > 0) == (one["verdict"] == "hot") for one in kept)
    strict = demo_api.get("/api/v1/density/hotspots", params={"measure": measure, "false_share": 0.001}).json()
    assert strict["hot"] + strict["cold"] <= len(kept)


def test_what_cannot_be_asked_is_refused_with_its_name(demo_api: httpx.Client) -> None:
    answer = demo_api.get("/api/v1/density/hotspots", params={"false_share": 0.9})
    assert answer.status_code == 422
    assert "false_share" in answer.text
