"""A file that names another file of the machine gives nothing of it away: not by name, not in an archive, and not to a
program that trusts GDAL, as long as that runs in the sandbox."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridgov.interop.files import read
from gridgov.interop.files.refusals import NotWhatItSays
from gridgov.platform.confinement import Limits
from gridgov.platform.sandbox import FileUnreadable, Sandbox
from tests import confined_vectors

DEGREES = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]]'
)
SECRET = "known to nobody"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the machine that the sender does not have."""
    path = tmp_path / "secret.geojson"
    feature = {
        "type": "Feature",
        "properties": {"who": SECRET},
        "geometry": {"type": "Point", "coordinates": [117, 32]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def virtual(secret: Path, *, lead: str = "") -> bytes:
    """GDAL's virtual file: its layer is that of the other file."""
    layer = (
        f'<OGRVRTLayer name="shape"><SrcDataSource>{secret}</SrcDataSource><SrcLayer>secret</SrcLayer></OGRVRTLayer>'
    )
    return f"<OGRVRTDataSource>{lead}{layer}</OGRVRTDataSource>".encode()


def archive(path: Path, shp: bytes) -> Path:
    """A zipped shapefile whose .shp is something else; its table and its projection are right."""
    field = b"who".ljust(11, b"\0") + b"C" + bytes(4) + bytes([4]) + bytes(15)
    table = struct.pack("<B3BIHH20x", 3, 125, 1, 1, 1, 32 + 32 + 1, 5) + field + b"\r" + b" abcd"
    with zipfile.ZipFile(path, "w") as out:
        for ending, content in ((".shp", shp), (".shx", b"x"), (".dbf", table), (".prj", DEGREES.encode())):
            out.writestr(f"a{ending}", content)
    return path


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.shp", "a.zip", "a.csv", "a.osm", "a.xlsx"])
def test_it_is_refused_whatever_it_is_called(tmp_path: Path, secret: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(virtual(secret))
    with pytest.raises(NotWhatItSays) as caught, read(path):
        pass
    assert SECRET not in str(caught.value)


# The second begins so that, read as a shapefile, it claims a length below zero.
@pytest.mark.parametrize("lead", ["", "<!--" + "é" * 40 + "-->"])
def test_it_is_refused_inside_an_archive(tmp_path: Path, secret: Path, lead: str) -> None:
    path = archive(tmp_path / "a.zip", virtual(secret, lead=lead))
    with pytest.raises(NotWhatItSays, match="no shapefile"), read(path):
        pass


def test_gdal_would_read_the_other_file(tmp_path: Path, secret: Path) -> None:
    """The control: what is refused above does work."""
    assert json.loads(confined_vectors.naive(virtual(secret))) == {"who": SECRET}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    tasks = {"naive": "tests.confined_vectors:naive"}
    made = Sandbox(tasks, Limits(memory_bytes=2 << 30, cpu_s=20, wall_s=60.0, answer_bytes=1 << 20))
    yield made
    made.close()


def test_in_the_sandbox_there_is_no_other_file(sandbox: Sandbox, secret: Path) -> None:
    """And what needs no other file is read there as anywhere."""
    assert json.loads(sandbox.run("naive", confined_vectors.TINY)) == {"a": "1"}
    assert json.loads(sandbox.run("naive", secret.read_bytes())) == {"who": SECRET}
    with pytest.raises(FileUnreadable):
        sandbox.run("naive", virtual(secret))
