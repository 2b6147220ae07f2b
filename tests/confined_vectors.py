"""Vector files in a sandbox: GDAL opens whatever it takes them for, as a program would that trusts it."""

from __future__ import annotations

import json

import pyogrio

TINY = b'{"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [117.0, 32.0]}}'


def warm_up() -> None:
    """GDAL and PROJ read their own files when they are first used."""
    naive(TINY)


def naive(data: bytes) -> bytes:
    """Columns and first values of any file that GDAL can open."""
    meta, _, _, values = pyogrio.raw.read(data)
    first = [str(column[0]) if len(column) else None for column in values]
    return json.dumps(dict(zip(map(str, meta["fields"]), first, strict=True))).encode()
