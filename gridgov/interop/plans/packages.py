"""A GeoPackage as the database that it is, in memory: what GDAL would look up in files that a child cannot open.

Owns the reference systems of its layers, and one text of a table. Does not own its rows (GDAL reads them). Runs in the
child alone (`held`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from gridgov.interop.files.refusals import FileBroken

_SYSTEMS = """
select g.table_name, case when s.srs_id in (0, -1) then null
  when upper(s.organization) in ('NONE', '') then s.definition
  else s.organization || ':' || s.organization_coordsys_id end
from gpkg_geometry_columns g left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id
"""


def without_systems(data: bytes) -> tuple[bytes, dict[str, str | None]]:
    """The same package with all layers in an unknown system, and what system each was in. Raises `FileBroken`."""
    with _opened(data) as package:
        systems = {str(name): None if label is None else str(label) for name, label in package.execute(_SYSTEMS)}
        package.execute("update gpkg_geometry_columns set srs_id = -1")
        package.execute("update gpkg_contents set srs_id = -1 where data_type = 'features'")
        return package.serialize(), systems


def text_in(data: bytes, table: str, column: str) -> str:
    """The first text of a column of a table of ours. Raises `FileBroken`."""
    with _opened(data) as package:
        found = package.execute(f"select {column} from {table} limit 1").fetchone()  # noqa: S608 -- names of our own
    return "" if found is None else str(found[0])


@contextmanager
def _opened(data: bytes) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as package:
        try:
            package.deserialize(data)
            package.execute("pragma trusted_schema = off")
            yield package
        except sqlite3.Error as error:
            raise FileBroken(
                f"The GeoPackage cannot be read: {error}.", field="file", remedy="Copy or export it again."
            ) from error
