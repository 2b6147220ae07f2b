"""How the cities of an installation stand: registered, in which form, on which node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gridgov.areas.service import cities_here
from gridgov.platform import citus
from gridgov.platform.db import Database
from gridgov.platform.migrate import form_of

ANY = "catalogue_only"  # a search path needs a name; no city has it


@dataclass(frozen=True, slots=True)
class Standing:
    """`form`: present, behind, ahead or missing. `node`: host:port on a cluster, else None."""

    code: str
    names: Mapping[str, str]
    form: str
    node: str | None


def standing(url: str) -> list[Standing]:
    """Every registered city, by code."""
    with citus.owner(url) as connection:
        lies = citus.nodes(connection)
    asked = Database(url, ANY, pool_size=1)
    try:
        with asked.transaction() as session:
            return [
                Standing(one.code, one.names, form_of(session, one.code), _address(lies.get(one.code)))
                for one in cities_here(session)
            ]
    finally:
        asked.close()


def _address(node: tuple[str, int] | None) -> str | None:
    return None if node is None else f"{node[0]}:{node[1]}"
