"""Text that a spreadsheet will open: it must stay text.

Owns the guard against formulas in CSV cells. Does not own what is written.
"""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; everything else is unchanged.

    Numbers are no text: -77.02 stays what it is. (OWASP, CSV injection.)
    """
    if isinstance(value, str) and value.startswith(_STARTS):
        return "'" + value
    return value
