"""A cluster of Citus: where each city's schema lies. (see below)"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def nodes(session: Session) -> dict[str, str]:
    """City -> "host:port" of the node where its schema lies; nothing on plain PostgreSQL."""
    if session.execute(text("select to_regclass('pg_catalog.pg_dist_schema')")).scalar_one() is None:
        return {}
    found = session.execute(
        text(
            "select distinct s.schemaid::regnamespace::text as city, n.nodename || ':' || n.nodeport as node "
            "from pg_dist_schema s join pg_dist_shard d on true join pg_dist_partition p using (logicalrelid) "
            "join pg_dist_placement e using (shardid) join pg_dist_node n using (groupid) "
            "where p.colocationid = s.colocationid"
        )
    )
    return {row.city.strip('"'): row.node for row in found}
