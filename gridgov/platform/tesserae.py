"""The child's side of `mosaic`: tiles of a map are read, checked to be pictures, and put together as one.

Owns what is taken for a tile, and how pieces of several become one. Runs in a child that is thrown away (`sandbox`):
its imports are the decoders that no stranger's bytes may meet anywhere else.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence

from PIL import Image, ImageFile

from gridgov.platform.mosaic import HEAD, SIDES, NoTile

FORMATS = ("PNG", "JPEG", "WEBP")
JPEG_QUALITY = 90


def warm_up() -> None:
    """All that Pillow reads from disk when it is first used."""
    Image.MAX_IMAGE_PIXELS = max(SIDES) ** 2
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.init()
    for kind in FORMATS:
        sample = io.BytesIO()
        Image.new("RGB", (256, 256), "white").save(sample, kind)
        corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
        head = json.dumps({"across": 1, "corners": corners, "lengths": [sample.tell()]}).encode()
        assemble(HEAD.pack(len(head)) + head + sample.getvalue())


def assemble(data: bytes) -> bytes:
    """The child's task: see `put_together`."""
    (length,) = HEAD.unpack_from(data)
    told = json.loads(data[HEAD.size : HEAD.size + length])
    at, pieces = HEAD.size + length, []
    for size in told["lengths"]:
        pieces.append(_tile(data[at : at + size]))
        at += size
    images, kinds = zip(*pieces, strict=True)
    side = images[0].size[0]
    if any(image.size != (side, side) for image in images):
        raise NoTile("The tiles differ in size.", field="tile")
    across = int(told["across"])
    if len(images) == 1 and [tuple(one) for one in told["corners"]] == [(0, 0), (0, 1), (1, 1), (1, 0)]:
        whole = images[0]
    else:
        whole = _quad(images, across, side, told["corners"])
    out = io.BytesIO()
    if all(kind == "JPEG" for kind in kinds):
        whole.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    else:
        whole.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _quad(images: Sequence[Image.Image], across: int, side: int, corners: Sequence[Sequence[float]]) -> Image.Image:
    down = len(images) // across
    board = Image.new("RGBA" if any(one.mode == "RGBA" for one in images) else "RGB", (across * side, down * side))
    for place, image in enumerate(images):
        board.paste(image, (place % across * side, place // across * side))
    quad = tuple(value * side for corner in corners for value in corner)
    return board.transform((side, side), Image.Transform.QUAD, quad, resample=Image.Resampling.BICUBIC)


def _tile(data: bytes) -> tuple[Image.Image, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            kind, size = str(image.format), image.size
            if size not in {(side, side) for side in SIDES}:
                raise NoTile(f"A tile has 256 or 512 pixels a side, this one {size[0]} x {size[1]}.", field="tile")
            image.load()
            clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
            found = image.convert("RGBA" if clear else "RGB")
        except (NoTile, MemoryError):
            raise
        except Exception:
            raise NoTile("What came is no PNG, JPEG or WebP picture.", field="tile") from None
    bare = Image.new(found.mode, found.size)
    bare.paste(found)
    return bare, kind
