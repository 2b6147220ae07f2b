"""Data in and out: files, importers, the city file, exports.

Owns how a file becomes rows and how rows become a report. Does not own what an area, a duty or an incident is (their
domains do).
"""

from __future__ import annotations
