"""What auth leaves in the audit trail beside the rows that it changes: sign-ins, refusals, the choice of a post.

Owns which facts. Does not own the trail (`audit`, above): it is written through a function of the database. No
address, no name that was typed and no secret is among the facts; an address is a keyed fingerprint, so that tries from
one place can be told to be so.
"""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from gridgov.auth.queries import accounts as queries
from gridgov.platform.crypto import Sealer
from gridgov.platform.limits import network_of

SIGN_IN, SIGN_IN_FAILED, SIGN_OUT, CHANGE_POST = "sign-in", "sign-in-failed", "sign-out", "change-post"


def note(session: Session, action: str, account_id: int | None, *, reason: str | None = None, **facts: object) -> None:
    """One entry about an account; None where nobody knows which."""
    said = json.dumps({name: value for name, value in facts.items() if value is not None}, ensure_ascii=False)
    queries.note(session, action, "auth_account", account_id, reason=reason, facts=said)


def origin(sealer: Sealer, address: str) -> str:
    """The keyed fingerprint of the network that an address belongs to, 64 bits."""
    return sealer.fingerprint(b"origin" + network_of(address).encode())[:8].hex()
