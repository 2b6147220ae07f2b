"""Pictures from outside: in comes a file of a stranger, out comes a picture made anew, or a refusal.

Owns how large a file may be, and what is believed of the child that decodes it. Does not own decoding (`pixels`), nor
the child (`sandbox`), nor what the picture is of.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from gridgov.platform.confinement import Limits
from gridgov.platform.errors import BadInput, TooLarge
from gridgov.platform.jpeg import bare_size
from gridgov.platform.sandbox import FileUnreadable, Sandbox

MAX_BYTES = 10 * 1024 * 1024  # phones write 2 to 8 MB
MAX_PIXELS = 40_000_000  # a picture takes 4 bytes a pixel, up to four times at once; phones' usual 12 to 24 million fit
MAX_SIDE = 20_000  # JPEG ends at 65,500; a panorama has less
PREVIEW_SIDE = 320
HEAD = struct.Struct("<II")  # of the child's answer: lengths of the facts (JSON) and of the picture; then the preview
TASK = "rebuild"
TASKS = {TASK: "gridgov.platform.pixels:rebuild"}
# 40 million pixels want 0.7 GB at the most (WebP) and some 2.5 s; a picture of that size and of pure noise has 40 MB.
LIMITS = Limits(memory_bytes=1 << 30, cpu_s=8, wall_s=20.0, answer_bytes=48 << 20)
MEDIA_TYPE = "image/jpeg"
KINDS = ("jpeg", "png", "webp", "heic")
TEXTS = ("taken", "zone", "datum", "gps_time")
NUMBERS = {"lat": 90.0, "lon": 180.0, "altitude_m": 100_000.0, "accuracy_m": 100_000.0}


class FileTooBig(TooLarge):
    code = "file-too-big"


class FileIsEmpty(BadInput):
    code = "file-empty"


@dataclass(frozen=True, slots=True)
class Picture:
    """`jpeg` and `preview` are bare JPEG files in sRGB, upright; `kind` is what was sent. `origin`: where and when it
    was taken as the file said it (`exif.origin`): personal data, to be sealed."""

    jpeg: bytes
    preview: bytes
    width: int
    height: int
    kind: str
    origin: Mapping[str, float | str] = field(repr=False)


def examiner() -> Sandbox:
    """The sandbox of pictures. At most two at once: their memory adds up."""
    return Sandbox(TASKS, LIMITS, at_once=2)


def check_bytes(length: int, *, name: str = "file") -> None:
    """Raises `FileTooBig`, `FileIsEmpty`."""
    if length > MAX_BYTES:
        raise FileTooBig(
            f"A photo has at most {MAX_BYTES // 2**20} MB.", field=name, remedy="Send it in a smaller size or quality."
        )
    if length == 0:
        raise FileIsEmpty("The file is empty (0 bytes).", field=name, remedy="Choose the photo again.")


def rebuild(examiner: Sandbox, data: bytes) -> Picture:
    """The picture of a file. Raises what `check_bytes` and `Sandbox.run` raise."""
    check_bytes(len(data))
    answer = examiner.run(TASK, data)
    try:
        return _picture(answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileUnreadable(
            "The file is refused: no picture came of it.", field="file", remedy="Save it anew with another program."
        ) from None


def _picture(answer: bytes) -> Picture:
    """Believes nothing: the child had a stranger's file in its hands. Raises `ValueError` and the like."""
    head_bytes, jpeg_bytes = HEAD.unpack_from(answer)
    facts = json.loads(answer[HEAD.size : HEAD.size + head_bytes])
    jpeg = answer[HEAD.size + head_bytes : HEAD.size + head_bytes + jpeg_bytes]
    preview = answer[HEAD.size + head_bytes + jpeg_bytes :]
    size, small = bare_size(jpeg), bare_size(preview)
    if size is None or small is None or max(small) > PREVIEW_SIDE or facts["format"] not in KINDS:
        raise ValueError("no bare picture")
    return Picture(jpeg, preview, *size, kind=facts["format"], origin=_origin(facts["origin"]))


def _origin(told: Mapping[str, object]) -> dict[str, float | str]:
    kept: dict[str, float | str] = {}
    for name, most in NUMBERS.items():
        value = told.get(name)
        if isinstance(value, float | int) and math.isfinite(value) and abs(value) <= most:
            kept[name] = float(value)
    for name in TEXTS:
        text = told.get(name)
        if isinstance(text, str) and len(text) <= 20 and text.isascii() and text.isprintable():
            kept[name] = text
    return kept
