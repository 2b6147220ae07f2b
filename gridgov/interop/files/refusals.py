"""Why a whole file cannot be taken.

Owns the file-level errors. Does not own reasons that concern one row only (`faults.py`).
"""

from __future__ import annotations

from gridgov.platform.errors import BadInput, NotFound, Refused


class FileMissing(NotFound):
    code = "file-missing"


class FileEmpty(BadInput):
    code = "file-empty"


class FormatUnknown(BadInput):
    code = "format-unknown"


class NotWhatItSays(BadInput):
    """The content is of another kind than the name promises."""

    code = "not-what-its-name-says"


class FileTruncated(BadInput):
    code = "file-truncated"


class FileBroken(BadInput):
    code = "file-broken"


class FilePartMissing(BadInput):
    """A shapefile without one of its companions."""

    code = "file-part-missing"


class BrokenEncoding(BadInput):
    code = "broken-encoding"


class UnsafeArchive(Refused):
    """An archive that unpacks to too much, or that names places outside itself."""

    code = "unsafe-archive"


class LayerUnknown(BadInput):
    code = "layer-unknown"


class ColumnMissing(BadInput):
    code = "column-missing"


class CrsMissing(BadInput):
    """Nobody says what the coordinates mean, and they cannot be longitude and latitude."""

    code = "crs-missing"


class CrsUnknown(BadInput):
    code = "crs-unknown"


class CrsWrong(BadInput):
    """The coordinates cannot be of the coordinate reference system that is named."""

    code = "crs-wrong"


class NotInThisCity(BadInput):
    """Everything in the file lies far from the city it is loaded into."""

    code = "not-in-this-city"
