"""Tiles of a map from outside: read, put together and drawn anew, in a child that is thrown away (`sandbox`).

Owns asking for that, and what is believed of the answer. Does not own the pictures (`tesserae`), nor where the pieces
lie (`geo.tileshift`), nor how they come here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

from gridgov.platform.confinement import Limits
from gridgov.platform.errors import BadInput
from gridgov.platform.sandbox import FileUnreadable, Sandbox

TASK = "assemble"
TASKS = {TASK: "gridgov.platform.tesserae:assemble"}
LIMITS = Limits(memory_bytes=512 << 20, cpu_s=4, wall_s=10.0, answer_bytes=4 << 20)
HEAD = struct.Struct("<I")
SIDES = (256, 512)
PNG, JPEG = "image/png", "image/jpeg"


class NoTile(BadInput):
    """What came is no picture of a map tile."""

    code = "not-a-tile"


def workshop() -> Sandbox:
    """The sandbox of tiles."""
    return Sandbox(TASKS, LIMITS, at_once=3)


def put_together(
    workshop: Sandbox, pieces: Sequence[bytes], across: int, corners: Sequence[tuple[float, float]]
) -> bytes:
    """One tile from `pieces` (row by row, `across` in a row): the picture whose four corners, north-west, south-west,
    south-east, north-east, lie there, as shares of a tile from the north-west of the first. PNG, or JPEG if all pieces
    are. Raises `NoTile` and what `Sandbox.run` raises."""
    head = json.dumps({"across": across, "corners": [*corners], "lengths": [len(piece) for piece in pieces]}).encode()
    made = workshop.run(TASK, HEAD.pack(len(head)) + head + b"".join(pieces))
    if media_type(made) is None:
        raise FileUnreadable("No picture came of the tile.", field="tile")
    return made


def media_type(data: bytes) -> str | None:
    """Of a tile that was put together here."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return JPEG if data.startswith(b"\xff\xd8\xff") else None
