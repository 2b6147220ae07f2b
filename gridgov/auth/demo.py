"""The accounts of the demo city: one for each role, one with two posts, one in a stationed unit.

Owns who they are. Does not own where they are posted: that needs the city (`interop.demopeople`). They exist in a city
that says it is a demo and open nothing in any other.
"""

from __future__ import annotations

PASSWORD = "gridgov-demo-2026"  # noqa: S105  # shown on the sign-in page of the demo, to everybody
