"""How many bytes of script a page costs: what the browser really loads, and what the build says that it will.

Owns counting both. Does not own how long anything takes: times depend on the machine and belong to `tests/bench`.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

KB = 1000
BOARD_KB, PLANNER_KB = 760, 640
LEVEL = 5  # as the server compresses (gridgov/api/app.py)

NAMED = re.compile(r"""["'`](?:\./|/assets/|assets/)?([\w.-]+\.js)["'`]""")
LATER = re.compile(r"""import\(\s*["'`]\./([\w.-]+\.js)["'`]\s*\)""")
PRELOADS = re.compile(r"\bm\.f\|\|\(m\.f=\[([^\]]*)\]\)")


class Loaded:
    """The scripts that a page and its workers load from now on: name -> bytes, as they come over the wire."""

    def __init__(self, page: Page) -> None:
        self._answers: dict[str, Response] = {}
        page.on("response", self._response)

    @property
    def scripts(self) -> dict[str, int]:
        # Of a worker's script the browser tells no size; it is counted as the server sends it.
        return {name: packed(answer.body()) for name, answer in list(self._answers.items())}

    @property
    def kb(self) -> float:
        return sum(self.scripts.values()) / KB

    def _response(self, response: Response) -> None:
        name = urlsplit(response.url).path.rpartition("/")[2]
        if name.endswith(".js") and response.ok:
            self._answers[name] = response


def packed(script: bytes) -> int:
    """Bytes of a script as the server sends it."""
    return len(gzip.compress(script, LEVEL))


def closure(assets: Path, entry: str, *, later: bool = False) -> dict[str, int]:
    """The scripts of a build that `entry` needs before it runs, workers among them: name -> bytes as sent. `later`: and
    those that it may load afterwards."""
    found: dict[str, int] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found or not (assets / name).is_file():
            continue
        script = (assets / name).read_bytes()
        found[name] = packed(script)
        said = script.decode()
        said = PRELOADS.sub("", said)  # only for what comes later
        waiting += NAMED.findall(said if later else LATER.sub("", said))
    return found


def entry_of(index: Path) -> str:
    """The script that the document of all pages begins with."""
    found = re.search(r'<script type="module"[^>]*src="/assets/([\w.-]+\.js)"', index.read_text(encoding="utf-8"))
    assert found is not None, "the document starts no script"
    return found[1]


def chunk_of(assets: Path, page: str) -> str:
    """The chunk that begins a page: `BoardPage` → BoardPage-….js."""
    (found,) = [path.name for path in assets.glob(f"{page}-*.js")]
    return found
