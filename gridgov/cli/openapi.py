"""`gridgov openapi`: the API's document, without a server and without a database; from it clients are generated."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gridgov.api.app import create_app
from gridgov.bootstrap import build
from gridgov.platform.errors import BadInput

NOWHERE = "postgresql://nobody@nowhere/none"  # nothing is asked of it: routes are known without


class NotWritable(BadInput):
    """The file cannot be written."""

    code = "not-writable"


def openapi(
    out: Annotated[Path | None, typer.Option(help="The file to write; left out: the terminal.")] = None,
) -> None:
    """The API's document (OpenAPI), the same as /api/openapi.json of a running server."""
    with tempfile.TemporaryDirectory() as folder:
        document = create_app(build(NOWHERE, "none", Path(folder)), web=Path(folder) / "none").openapi()
    written = json.dumps(document, ensure_ascii=False, indent=1)
    if out is None:
        print(written)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(written + "\n", encoding="utf-8")
    except OSError as problem:
        raise NotWritable(
            f"{out}: {problem.strerror}.", field="out", remedy="Name a file in a folder of yours."
        ) from None
