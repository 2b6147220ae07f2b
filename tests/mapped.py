"""Every mapped table of the product: tables register themselves when their module is read, and none is forgotten."""

from __future__ import annotations

import importlib
from pathlib import Path

import gridgov

PACKAGE = Path(gridgov.__file__).parent
TABLES = sorted(path.parent.name for path in PACKAGE.glob("*/tables.py"))
for _noun in TABLES:
    importlib.import_module(f"gridgov.{_noun}.tables")
