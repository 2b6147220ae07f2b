"""SQL of the layers: streets, buildings, blocks, facilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

WRAP = {"street": "st_multi(geom)", "building": "st_multi(geom)", "block": "st_multi(geom)", "facility": "geom"}
COLUMNS = (
    ("source_id", "text"),
    ("names", "jsonb"),
    ("class", "text"),
    ("households", "integer"),
    ("attributes", "jsonb"),
    ("digest", "bytea"),
    ("geom", "geometry"),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """Rows that were new, that replaced another content, and that were there already."""

    added: int
    changed: int
    repeated: int


def merge(session: Session, layer: str, source: str, rows: Iterable[tuple[Any, ...]]) -> Merged:
    """Rows in the order of `COLUMNS`; one statement, by (source, source_id)."""
    count = stage(session, "new_layer", COLUMNS, rows)
    extra = ", households" if layer == "building" else ""
    update_extra = ", households = excluded.households" if layer == "building" else ""
    done = session.execute(
        text(
            f"""
            insert into areas_{layer} as t (source, source_id, names, class, attributes, digest, geom{extra})
            select :source, source_id, names, class, attributes, digest, {WRAP[layer]}{extra}
            from new_layer order by source_id
            on conflict (source, source_id) do update
               set names = excluded.names, class = excluded.class, attributes = excluded.attributes,
                   digest = excluded.digest, geom = excluded.geom{update_extra}
             where t.digest <> excluded.digest
            returning (xmax = 0) as added
            """  # noqa: S608  # the layer's name comes from the keys of WRAP
        ),
        {"source": source},
    ).scalars()
    flags = list(done)
    added = sum(flags)
    return Merged(added=added, changed=len(flags) - added, repeated=count - len(flags))


def counts(session: Session) -> dict[str, int]:
    """Rows of each layer."""
    parts = " union all ".join(f"select '{layer}' as layer, count(*) as n from areas_{layer}" for layer in WRAP)  # noqa: S608 -- literals
    return {row.layer: row.n for row in session.execute(text(parts))}


def streets(session: Session) -> list[Row[Any]]:
    """(id, names, class, wkb) of every street."""
    return list(
        session.execute(text("select id, names, class, st_asbinary(geom) as wkb from areas_street order by id"))
    )


def within(session: Session, layer: str, bbox: tuple[float, float, float, float]) -> list[Row[Any]]:
    """Features of a layer that touch a box (west, south, east, north), with shape as WKB, by id."""
    households = "households" if layer == "building" else "null::integer"
    west, south, east, north = bbox
    sql = f"""
        select id, source, source_id, names, class as class_name, {households} as households, attributes,
               st_asbinary(geom) as wkb
        from areas_{layer} where geom && st_makeenvelope(:west, :south, :east, :north, 4326) order by id
        """  # noqa: S608  # the layer's name is one of WRAP
    values = {"west": west, "south": south, "east": east, "north": north}
    return list(session.execute(text(sql), values))


def named_places(session: Session) -> list[Row[Any]]:
    """(id, names, wkb) of the buildings that have a name."""
    return list(
        session.execute(
            text(
                "select id, names, st_asbinary(geom) as wkb from areas_building where names <> '{}'::jsonb order by id"
            )
        )
    )
