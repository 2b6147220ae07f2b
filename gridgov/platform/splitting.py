"""SQL text taken apart into its statements, for a distributed database, which wants one at a time. Pure.

Owns where a statement ends: at a semicolon outside of quotes, dollar quotes and comments. Does not own what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEXT = re.compile(r"'|\"|--|/\*|\$[A-Za-z_0-9]*\$|;")


def statements(sql: str) -> Iterator[str]:
    """The statements of a text, in order, without the semicolons between them and without empty ones.

    Nested comments and E'…' strings with escaped quotes are not looked for: our files have none.
    """
    begin = at = 0
    while found := _NEXT.search(sql, at):
        mark = found.group()
        if mark == ";":
            yield from _said(sql[begin : found.start()])
            begin = at = found.end()
            continue
        closing = {"--": "\n", "/*": "*/"}.get(mark, mark)
        end = sql.find(closing, found.end())
        at = len(sql) if end < 0 else end + len(closing)
    yield from _said(sql[begin:])


def _said(statement: str) -> Iterator[str]:
    """Nothing where it is only space and comments."""
    if re.sub(r"--[^\n]*|/\*.*?\*/", "", statement, flags=re.DOTALL).strip():
        yield statement.strip()
