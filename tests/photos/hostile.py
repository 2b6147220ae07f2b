"""Uploads that mean harm, or might: the same ones for the same seed.

Each is a whole request body with its content type, so that the form of the request can be as wrong as the file.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.photos import bombs, damaged, polyglots
from tests.photos.made import BOUNDARY, File, Maker, part

FILES: Mapping[str, Maker] = {**bombs.FILES, **polyglots.FILES, **damaged.FILES}
KINDS = (*FILES, *damaged.BODIES)


@dataclass(frozen=True)
class Upload:
    """One request. `kind` names what it tries; `payload`: a text that must be found nowhere afterwards, also where the
    picture in front of it was taken."""

    kind: str
    body: bytes
    content_type: str
    payload: bytes


def uploads(seed: int, count: int, *, slow: bool) -> Iterator[Upload]:
    """So many, each kind in turn and each time with other chances; the slow ones only where they are wanted."""
    rng = random.Random(seed)
    kinds = itertools.cycle([kind for kind in KINDS if slow or kind not in bombs.SLOW])
    for kind in itertools.islice(kinds, count):
        yield _upload(kind, rng)


def _upload(kind: str, rng: random.Random) -> Upload:
    payload = f"payload-{rng.getrandbits(64):016x}".encode()
    content_type = "multipart/form-data; boundary=" + BOUNDARY.decode()
    if kind in FILES:
        file: File = FILES[kind](rng, payload)
        return Upload(kind, part(file.data, file.name, file.media), content_type, payload)
    body, other_type = damaged.BODIES[kind](rng, payload)
    return Upload(kind, body, other_type or content_type, payload)
