"""The built pages at "/": one document for all of them, its parts packed by the build and kept by browsers for good.

Owns how they are sent, and what a page is told to fetch beside its document. Does not own what the build makes
(`web/vite.config.ts`): `beside.json` says which files each page begins with.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import FileResponse, Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from gridgov.api.deps import COOKIE

PAGES = frozenset(
    {"sign-in", "map", "board", "areas", "plan"}
)  # of the web's own; they all have the one document (web/src/app/pages.ts)
ASSETS = "/assets/"
FOR_GOOD = "public, max-age=31536000, immutable"  # their names change with their content
A_DAY = "public, max-age=86400"
# Nothing that hangs on a post: whoever changes it would be given what was fetched before.
ASKED_FIRST = "/api/v1/session"
KINDS = {".js": "modulepreload", ".css": "preload; as=style"}


class Pages(StaticFiles):
    """The folder that the build made."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path("index.html" if path in PAGES else path)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """In the form that the build packed, for a browser that takes it: smaller than what is packed meanwhile."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        packed = Path(f"{full_path}.br")
        given = Headers(scope=scope)
        if isinstance(answer, FileResponse) and "br" in given.get("accept-encoding", "") and packed.is_file():
            headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding", "ETag": f"W/{answer.headers['etag']}"}
            answer = FileResponse(packed, status_code, headers, media_type=answer.media_type)
        path = scope["path"]
        document = Path(full_path).suffix == ".html"
        answer.headers["Cache-Control"] = FOR_GOOD if path.startswith(ASSETS) else "no-cache" if document else A_DAY
        if path.strip("/") in PAGES:
            beside = self._beside(path.strip("/"), signed_in=COOKIE in cookie_parser(given.get("cookie", "")))
            if beside:
                answer.headers["Link"] = beside
        return answer

    def _beside(self, page: str, *, signed_in: bool) -> str:
        """What the page is going to ask for, so that it is on its way before the first script has run (RFC 8288).

        Nothing that whoever is not signed in may not have: a page asks for it in vain otherwise.
        """
        found = Path(str(self.directory)) / "beside.json"
        if not signed_in or not found.is_file():
            return ""
        files = _read(found, found.stat().st_mtime_ns).get(page, [])
        told = [f"<{ASSETS}{name}>; rel={KINDS[Path(name).suffix]}; crossorigin" for name in files]
        return ", ".join([*told, f"<{ASKED_FIRST}>; rel=preload; as=fetch; crossorigin"])


@lru_cache(2)
def _read(path: Path, _changed: int) -> dict[str, list[str]]:
    """Page -> names of its files, as the build wrote them."""
    found: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
