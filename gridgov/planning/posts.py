"""Posts (岗位) under new boundaries: whoever works in an area that ends works in the one that follows it.

Owns which post goes where. Does not own posts (`auth.posts`, which knows no boundaries). A post whose area has no
successor of the same level stays where it was and reaches nothing until somebody is appointed anew.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy.orm import Session

from gridgov.areas.following import Follower, Move, Moves, Redrawn
from gridgov.auth import posts


class PostsFollow(Follower):
    """Posts, as `areas.following.Follower`."""

    noun = "posts"

    def preview(self, session: Session, redrawn: Redrawn) -> Moves:
        """From where to where; `left`: posts without a place."""
        rows = posts.held_in(session, [area.id for area in redrawn.ended], redrawn.at)
        pairs = Counter((row.area_id, redrawn.successor(row.area_id)) for row in rows)
        by = tuple(Move(before, after, count) for (before, after), count in sorted(pairs.items(), key=str))
        left = sum(count for (_, after), count in pairs.items() if after is None)
        return Moves(self.noun, total=len(rows), moved=len(rows) - left, left=left, by=by)

    def follow(self, session: Session, redrawn: Redrawn) -> Moves:
        """Every post of an area that ended, to its successor."""
        moves = self.preview(session, redrawn)
        for row in posts.held_in(session, [area.id for area in redrawn.ended], redrawn.at):
            after = redrawn.successor(row.area_id)
            if after is not None:
                posts.move(session, row.id, after, redrawn.at)
        return moves
