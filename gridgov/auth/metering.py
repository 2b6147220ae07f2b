"""How often a token may ask.

Owns the rule. Does not own tokens (`credentials`).
"""

from __future__ import annotations

from datetime import timedelta

from gridgov.auth.credentials import Credential
from gridgov.platform.crypto import Sealer
from gridgov.platform.leases import Leases
from gridgov.platform.limits import Rate, key_of

TOKEN = Rate("token", 3_000, timedelta(minutes=1))


def meter() -> Leases:
    """What this process has paid for in advance."""
    return Leases(TOKEN)


def key(sealer: Sealer, credential: Credential) -> bytes:
    """Under which a token is counted; asked for once it is known to be one, or anybody could fill the table."""
    return key_of(sealer, TOKEN, credential.digest.hex())
