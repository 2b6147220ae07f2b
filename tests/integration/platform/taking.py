"""Rules of the tests' own, and takes in transactions of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridgov.platform.db import Database
from gridgov.platform.limits import Lock, Rate, RateLimited, Rule, take

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
RATE = Rate("calls", 30, timedelta(minutes=10))
LOCK = Lock("tries", 5, timedelta(minutes=15))
KEY, OTHER_KEY = b"k" * 16, b"o" * 16


def passes(db: Database, rule: Rule, now: datetime, key: bytes = KEY) -> bool:
    """A take in a transaction of its own."""
    try:
        with db.transaction() as session:
            take(session, key, rule, now)
    except RateLimited:
        return False
    return True


def wait(db: Database, rule: Rule, now: datetime) -> int:
    """Seconds that a refusal says to wait."""
    with pytest.raises(RateLimited) as caught, db.transaction() as session:
        take(session, KEY, rule, now)
    return caught.value.retry_s
