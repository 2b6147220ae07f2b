"""Who follows new boundaries, in this order: an import of areas and a plan that takes effect ask the same ones.

Owns the list. Does not own how anything follows (`areas.following`).
"""

from __future__ import annotations

from gridgov.areas.following import Follower
from gridgov.cases.homing import CasesFollow
from gridgov.duties.homing import DutiesFollow
from gridgov.incidents.homing import IncidentsFollow
from gridgov.planning.posts import PostsFollow

# Incidents before cases: a case that ended follows its incident. Duties before posts: nobody is asked between them.
FOLLOWERS: tuple[Follower, ...] = (IncidentsFollow(), CasesFollow(), DutiesFollow(), PostsFollow())
