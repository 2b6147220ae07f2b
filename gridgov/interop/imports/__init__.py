"""Importers: rows of files become areas, layers, duties, incidents through the verbs of their domains.

Each import is one transaction, can be repeated, and ends with an `ImportReport`. Owns no table.
"""

from __future__ import annotations
