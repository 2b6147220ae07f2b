"""Files of plans read in the child: nothing of the machine comes along, and whatever is wrong is said of the file."""

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
import shapely

from gridgov.interop.files.place import Wanted
from gridgov.interop.plans import apart, held
from gridgov.interop.plans.held import Asked, HeldFile
from gridgov.interop.plans.writing import PlanFormat, written
from gridgov.planning.drawn import Drawn
from gridgov.platform.errors import BadInput
from gridgov.platform.sandbox import Sandbox
from tests.unit.planning.grounds import bands, ground

GROUND = ground(4, 3)
DRAWN = Drawn("C1", {}, GROUND, bands(GROUND, 2))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    reader = apart.reader()
    yield reader
    reader.close()


def read(sandbox: Sandbox, data: bytes, layer: str | None = None) -> HeldFile:
    return held.read(sandbox, data, Asked(layer), Wanted())


def code_of(sandbox: Sandbox, data: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        read(sandbox, data)
    return refused.value.code


@pytest.mark.parametrize("form", list(PlanFormat))
@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_file_that_is_cut_off_is_refused_or_read_as_far_as_it_goes(
    form: PlanFormat, cut: float, sandbox: Sandbox
) -> None:
    whole = written([DRAWN], form, title="t")
    assert len(read(sandbox, whole).rows) == (len(GROUND) if form is PlanFormat.CSV else 2)
    part = whole[: int(cut * len(whole))]
    if form is PlanFormat.CSV:  # a table that ends early has fewer rows, and a last one that is too short
        try:
            found = read(sandbox, part)
        except BadInput:
            return
        assert len(found.rows) < len(GROUND)
    else:
        assert code_of(sandbox, part).startswith(("file-", "unsafe"))


def test_a_package_whose_triggers_do_more_than_they_should_is_refused(sandbox: Sandbox) -> None:
    whole = written([DRAWN], PlanFormat.GPKG, title="t")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as package:
        package.deserialize(whole)
        package.execute("create trigger t after update on gpkg_contents begin delete from grids; end")
        data = package.serialize()
    assert code_of(sandbox, data) == "file-broken"
    assert len(read(sandbox, whole).rows) == 2


def test_text_that_names_other_files_is_no_shapefile(sandbox: Sandbox) -> None:
    data = written([DRAWN], PlanFormat.SHP, title="t")
    out = io.BytesIO()
    virtual = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as spoilt:
        for name in archive.namelist():
            spoilt.writestr(name, virtual if name == "grids.shp" else archive.read(name))
    assert code_of(sandbox, out.getvalue()) == "not-what-its-name-says"


def test_an_archive_that_would_unpack_to_too_much_is_refused(sandbox: Sandbox) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in (".shp", ".shx", ".dbf"):
            archive.writestr(f"grids{ending}", bytes(200 << 20))
    assert code_of(sandbox, out.getvalue()) == "unsafe-archive"


def test_a_layer_that_is_not_there_is_told_with_those_that_are(sandbox: Sandbox) -> None:
    for form in (PlanFormat.GPKG, PlanFormat.SHP):
        data = written([DRAWN], form, title="t")
        assert len(read(sandbox, data, "atoms").rows) == len(GROUND)
        with pytest.raises(BadInput) as refused:
            read(sandbox, data, "nothing")
        assert "atoms" in (refused.value.remedy or "")


def test_more_corners_than_are_taken_are_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written([DRAWN], PlanFormat.GEOJSON, title="t")
    monkeypatch.setattr(held, "MAX_VERTICES", 5)
    with pytest.raises(held.PlanTooLarge):
        held.task(struct.pack("<I", 2) + b"{}" + data)
    monkeypatch.setattr(held, "MAX_BYTES", 10)
    with pytest.raises(held.PlanTooLarge):
        read(sandbox, data)


def test_shapes_come_back_as_they_are(sandbox: Sandbox) -> None:
    found = read(sandbox, written([DRAWN], PlanFormat.GPKG, title="t"))
    there = GROUND.projection.geometry([row.shape for row in found.rows])
    assert np.isclose(shapely.area(there).sum(), GROUND.outline.area, rtol=1e-6)
