"""The sample city with a cast of people."""

from __future__ import annotations

import pytest

from gridgov.bootstrap import House
from tests.integration.cases.helping import Cast


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture
def cast(city: House) -> Cast:
    return Cast(city)
