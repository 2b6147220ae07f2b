"""Rate limits of routes that anybody may use without an account, by where the request comes from.

Owns these rules. Does not own how takes are counted (`platform.limits`), nor the rules of signing in and of receipts,
which stand beside their verbs.
"""

from __future__ import annotations

from datetime import timedelta

from gridgov.api.door import DOOR
from gridgov.bootstrap import Caller, House
from gridgov.platform import clock
from gridgov.platform.limits import Rate, key_of, network_of, take

# A carrier puts thousands of telephones behind one address, so there is room; a flood has none.
REPORTS = Rate("report-network", 120, timedelta(hours=1))


def by_network(house: House, rule: Rate, caller: Caller) -> None:
    """One take for whoever has no account, in a transaction of its own, before anything else is done. For others
    nothing: they can be asked. Raises `RateLimited`."""
    if caller.credential is None:
        key = key_of(house.sealer, rule, network_of(caller.address))
        with house.internally(DOOR) as session:
            take(session, key, rule, clock.utcnow())
