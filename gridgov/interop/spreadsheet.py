"""Text that a spreadsheet will open: it must stay text, and come back as it was.

Owns the guard against formulas in cells. Does not own what is written.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; everything else is unchanged.

    Numbers are no text: -77.02 stays what it is. (OWASP, CSV injection.) A text that looks guarded already gets one
    more, so that `unguarded` gives back what was there.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguarded(text: str) -> str:
    """What was there before `guarded`.

    >>> unguarded("'@unit"), unguarded("@unit"), unguarded("'tis")
    ('@unit', '@unit', "'tis")
    """
    return text[1:] if _GUARDED.match(text) else text
