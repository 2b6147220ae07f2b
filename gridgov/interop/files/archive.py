"""Zip archives from outside: looked at before anything is unpacked.

Owns the limits (size, ratio, number, names) and finding the one shapefile inside. Does not own reading the shapefile
(`vector.py`).
"""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from gridgov.interop.files.refusals import FileBroken, FilePartMissing, UnsafeArchive

MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200
MOST_MEMBERS = 5_000
# Below this size a high ratio does no harm (an empty sheet packs very well).
RATIO_FROM_BYTES = 64 * 1024**2
_BLOCK_BYTES = 1 << 20


def check_archive(path: Path) -> list[zipfile.ZipInfo]:
    """The members of an archive, when it is safe to unpack by its headers. Raises UnsafeArchive, FileBroken."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise FileBroken(
            f"{path.name} is a broken or truncated ZIP archive.", field="file", remedy="Copy it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    packed = max(path.stat().st_size, 1)
    if len(members) > MOST_MEMBERS:
        raise UnsafeArchive(f"{path.name} holds {len(members)} files, more than {MOST_MEMBERS}.", field="file")
    if unpacked > MOST_BYTES or (unpacked > RATIO_FROM_BYTES and unpacked / packed > MOST_RATIO):
        raise UnsafeArchive(
            f"{path.name} ({packed:,} bytes) would unpack to {unpacked:,} bytes.",
            field="file",
            remedy=f"At most {MOST_BYTES:,} bytes and {MOST_RATIO} times the packed size are unpacked.",
        )
    for member in members:
        _check_name(path, member)
    return members


def unpack_shapefile(path: Path, into: Path, layer: str | None = None) -> Path:
    """Unpack the one shapefile of an archive (or the one named `layer`) with its companions into a folder; returns
    the .shp path.

    Raises UnsafeArchive, FileBroken, FilePartMissing (no shapefile inside, or several and no `layer`).
    """
    members = [m for m in check_archive(path) if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    shapes = sorted(m.filename for m in members if m.filename.lower().endswith(".shp"))
    if layer is not None:
        shapes = [name for name in shapes if PurePosixPath(name).stem == layer]
    if len(shapes) != 1:
        raise FilePartMissing(
            f"{path.name} holds {len(shapes)} shapefiles{'' if layer is None else f' named {layer}'}.",
            field="layer",
            remedy="Name one with `layer`: " + ", ".join(PurePosixPath(name).stem for name in shapes)
            if shapes
            else "It needs a .shp file.",
        )
    stem = PurePosixPath(shapes[0]).with_suffix("")
    budget = MOST_BYTES
    with zipfile.ZipFile(path) as archive:
        for member in members:
            inside = PurePosixPath(member.filename)
            if inside.parent == stem.parent and inside.name.startswith(stem.name + "."):
                budget -= _copy(archive, member, into / ("shape" + inside.name[len(stem.name) :].lower()), budget)
    return into / "shape.shp"


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, budget: int) -> int:
    """Copy one member, counting bytes as they come: headers may lie about their size."""
    written = 0
    try:
        with archive.open(member) as source, target.open("wb") as out:
            while block := source.read(_BLOCK_BYTES):
                written += len(block)
                if written > budget:
                    raise UnsafeArchive(f"{member.filename} unpacks to more than its header says.", field="file")
                out.write(block)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise FileBroken(
            f"{member.filename} cannot be unpacked ({error}).", field="file", remedy="Copy the archive again."
        ) from error
    return written


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
        raise UnsafeArchive(
            f"{path.name} names a place outside itself ({member.filename}).",
            field="file",
            remedy="Pack it again with plain names.",
        )
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        raise UnsafeArchive(
            f"{path.name} holds a link ({member.filename}).", field="file", remedy="Pack the file itself."
        )
