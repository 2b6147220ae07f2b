"""The sample city with a cast of people."""

from __future__ import annotations

import pytest

from gridgov.bootstrap import House
from tests import sample
from tests.integration.cases.helping import Cast


@pytest.fixture
def city(house: House) -> House:
    with house.db.transaction() as session:
        sample.set_up(session)
    return house


@pytest.fixture
def cast(city: House) -> Cast:
    return Cast(city)
