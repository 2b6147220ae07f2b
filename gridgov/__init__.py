"""gridgov: GIS-backed grid governance (网格化治理)."""

from __future__ import annotations

__version__ = "0.1.0"
