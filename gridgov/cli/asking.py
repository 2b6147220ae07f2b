"""How a command is told a password: typed twice at the terminal, or one line on standard input. Never an argument,
which every user of the machine could read."""

from __future__ import annotations

import getpass
import sys

from gridgov.platform.errors import BadInput

REMEDY = "Run it at a terminal, or give one line on standard input with --password-stdin."


class NoPassword(BadInput):
    code = "no-password"


def new_password(*, stdin: bool) -> str:
    """The password. Raises `NoPassword` where there is none, or the two that were typed differ."""
    if stdin:
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise NoPassword("Standard input is empty.", field="password", remedy=REMEDY)
        return line
    if not sys.stdin.isatty():
        raise NoPassword("There is no terminal to ask at.", field="password", remedy=REMEDY)
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise NoPassword("The two are not the same.", field="password", remedy="Try again.")
    return first
