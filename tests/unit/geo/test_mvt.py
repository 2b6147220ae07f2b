"""Our own tiles of counts, read back by two decoders that know nothing of what wrote them."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pytest

from gridgov.geo.mvt import counts_tile
from gridgov.geo.zorder import interleave
from tests import mvt


def counts_of(placed: dict[tuple[int, int], int], bits: int) -> np.ndarray:
    counts = np.zeros(4**bits, dtype=np.int64)
    for (x, y), n in placed.items():
        counts[interleave(x, y)] = n
    return counts


@pytest.mark.parametrize("bits", [0, 3, 7])
def test_every_count_stands_in_the_middle_of_its_cell(bits: int) -> None:
    rng = np.random.default_rng(bits)
    side = 1 << bits
    chosen = rng.choice(side * side, max(1, side * side // 3), replace=False)
    placed = {
        (int(at) % side, int(at) // side): int(n) for at, n in zip(chosen, rng.zipf(1.3, len(chosen)), strict=True)
    }
    tile = counts_tile(counts_of(placed, bits))
    size = 4096 // side
    expected = {(x * size + size // 2, y * size + size // 2): n for (x, y), n in placed.items()}
    layer = mvt.decode(tile)["incidents"]
    assert {feature.parts[0][0]: feature.properties["count"] for feature in layer.features} == expected
    assert (layer.extent, {feature.kind for feature in layer.features}) == (4096, {1})
    other = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})["incidents"]
    found = {tuple(f["geometry"]["coordinates"]): f["properties"]["count"] for f in other["features"]}
    assert (found, other["version"], other["extent"]) == (expected, 2, 4096)


def test_counts_of_every_length_in_bytes() -> None:
    numbers = [1, 127, 128, 16_383, 16_384, 2**31, 2**40]
    tile = counts_tile(counts_of({(x, 5): n for x, n in enumerate(numbers)}, 3))
    features = mvt.decode(tile)["incidents"].features
    assert sorted(feature.properties["count"] for feature in features) == numbers


def test_nothing_is_no_tile() -> None:
    assert counts_tile(np.zeros(16, dtype=np.int64)) == b""
    assert counts_tile(counts_of({(0, 0): -3, (1, 0): 2}, 1)).count(b"\x12") > 0, "what is not negative is shown"
    with pytest.raises(ValueError, match="no square"):
        counts_tile(np.ones(8, dtype=np.int64))
