"""`python -m gridgov`."""

from __future__ import annotations

from gridgov.cli import app

app()
