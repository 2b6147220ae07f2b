"""What examining a photo in a throw-away child costs: beside a fresh interpreter for each, and beside none at all.

The peers do the same work with the same module; the pictures that come out must be the same, byte by byte.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from gridgov.platform import images, pixels
from gridgov.platform.images import TASK
from tests.bench.harness import Row, Scale, bench
from tests.photos import camera
from tests.photos.camera import encoded

SIZES = {"0.3 MP": (640, 480), "2 MP": (1600, 1200), "12 MP": (4032, 3024)}
REPEATS: dict[Scale, int] = {"full": 15, "small": 5}
FRESH = (
    "import sys; from gridgov.platform import pixels; pixels.warm_up(); "
    "sys.stdout.buffer.write(pixels.rebuild(sys.stdin.buffer.read()))"
)


@bench("photos")
def photos(scale: Scale) -> Iterator[Row]:
    examiner = images.examiner()
    pixels.warm_up()
    try:
        for name, (width, height) in SIZES.items():
            data = encoded(camera.scene(random.Random(1), width, height), "JPEG", quality=85)
            ours, made = _p50(lambda data=data: examiner.run(TASK, data), REPEATS[scale])  # type: ignore[misc]  # a lambda's default
            for peer, work in (("an interpreter each", _fresh), ("no child", pixels.rebuild)):
                theirs, other = _p50(lambda data=data, work=work: work(data), REPEATS[scale])  # type: ignore[misc]
                if other != made:
                    raise AssertionError(f"{peer} makes another picture of {name}")
                yield Row(f"photo of {name}", len(data), 1e3 * ours, peer, 1e3 * theirs, "ms", better="less")
    finally:
        examiner.close()


def _fresh(data: bytes) -> bytes:
    return subprocess.run([sys.executable, "-I", "-c", FRESH], input=data, stdout=subprocess.PIPE, check=True).stdout


def _p50(work: Callable[[], bytes], repeats: int) -> tuple[float, bytes]:
    """Median of seconds, and what came of it."""
    made = work()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), made
