"""How a command fails: one sentence that names the field and the remedy, and an exit code.

Owns exit codes. No stack trace for a user's mistake.
"""

from __future__ import annotations

import sys
from typing import Any

from typer.core import TyperGroup

from gridgov.platform.errors import BadInput, Conflict, GridgovError, NotFound, Refused, Unavailable

EXIT_CODES: tuple[tuple[type[GridgovError], int], ...] = (
    (BadInput, 2),
    (NotFound, 3),
    (Conflict, 4),
    (Refused, 5),
    (Unavailable, 6),
)


class Polite(TyperGroup):
    """A command group that turns our errors into one message on stderr."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GridgovError as error:
            print(f"gridgov: {error}", file=sys.stderr)
            raise SystemExit(next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)) from None
