"""Facts go out month by month, can be read by others, and only what has changed is written again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import shapely
from sqlalchemy import CursorResult, text

from gridgov.analytics import facts
from gridgov.audit.service import ReasonMissing
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Report
from gridgov.incidents.service import Indexes, report
from gridgov.interop.national import manifest
from gridgov.interop.national.facts import Exported, export_facts
from gridgov.interop.national.manifest import ManifestBroken
from gridgov.interop.progress import Silent
from tests import sample

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WHY = "for the national job"


MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")


@pytest.fixture
def city(sampled: House) -> House:
    """The sample city with eight incidents in each of five months."""
    with sampled.db.transaction() as session:
        indexes = Indexes(sampled.locator, sampled.places, sampled.router, sampled.sealer)
        for number in range(40):
            lon, lat = sample.centre(("A01", "A06", "B03", "B08")[number % 4])
            at = datetime.fromisoformat(f"{MONTHS[number // 8]}-{3 + number % 8:02d}T00:00:00+00:00")
            channel = (Channel.WORKER, Channel.HOTLINE)[number % 2]
            category = ("06010", "09009", "10001")[number % 3]
            report(session, Report(UUID(int=number), category, lon, lat, at, channel), indexes=indexes, now=NOW)
    return sampled


def exported(house: House, out: Path, **how: object) -> Exported:
    return export_facts(house, out, now=NOW, reason=WHY, **how)  # type: ignore[arg-type]


def files(out: Path) -> dict[str, tuple[int, bytes]]:
    """Of every file: when it was written, and what it holds."""
    found = [path for path in (out / "incidents").rglob("*") if path.is_file()]
    return {str(path.relative_to(out)): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def run(house: House, statement: str) -> list[tuple[object, ...]]:
    with house.db.transaction() as session:
        done = session.execute(text(statement))
        return [tuple(row) for row in done] if isinstance(done, CursorResult) and done.returns_rows else []


class TestWhatIsWritten:
    def test_every_incident_is_there_with_its_facts_and_nothing_else(self, demo_house: House, tmp_path: Path) -> None:
        done = exported(demo_house, tmp_path)
        table = ds.dataset(tmp_path / "incidents", format="parquet", partitioning="hive").to_table()
        assert set(table.column_names) == {
            "happened_at", "category", "category_group", "channel", "status", "agency", "grid", "unit", "lon", "lat",
            "geometry", "bbox", "city", "month",
        }  # fmt: skip
        columns = (
            "happened_at",
            "category",
            "category_group",
            "channel",
            "status",
            "agency",
            "grid",
            "unit",
            "lon",
            "lat",
        )
        mine = sorted(zip(*(table.column(name).to_pylist() for name in columns), strict=True), key=str)
        theirs = run(
            demo_house,
            """
            select i.happened_at, c.code, c.group_code, i.channel, i.status, a.code, g.code, u.code,
                   st_x(i.geom), st_y(i.geom)
            from incidents i join duties_category c on c.id = i.category_id
            left join duties_agency a on a.id = i.agency_id
            left join areas_version g on g.area_id = i.grid_id and upper_inf(g.valid)
            left join areas_version u on u.area_id = i.unit_id and upper_inf(u.valid)
            """,
        )
        assert mine == sorted(theirs, key=str)
        assert done.rows == len(mine) > 1_000
        assert {f"{row[0]:%Y-%m}" for row in mine} == set(table.column("month").to_pylist()) == set(done.written)

    def test_others_read_it_as_geoparquet(self, demo_house: House, tmp_path: Path) -> None:
        done = exported(demo_house, tmp_path)
        path = max((tmp_path / "incidents").rglob("*.parquet"), key=lambda one: one.stat().st_size)
        frame = gpd.read_parquet(path)
        assert frame.crs.to_string() == "OGC:CRS84"
        assert np.array_equal(shapely.get_coordinates(frame.geometry.values), frame[["lon", "lat"]].to_numpy())
        west, south, east, north = frame.total_bounds
        middle = ((west + east) / 2, (south + north) / 2)
        part = gpd.read_parquet(path, bbox=(west, south, *middle))  # by the covering alone
        assert 0 < len(part) < len(frame)
        assert {*frame.cx[west : middle[0], south : middle[1]].index} - {*frame.index} == set()
        connection = duckdb.connect()
        extension = Path(str(find_spec("duckdb_extension_spatial").submodule_search_locations[0]))  # type: ignore
        connection.execute(f"load '{next(extension.rglob('spatial.duckdb_extension'))}'")
        counted = connection.execute(
            "select count(*), count(distinct month), bool_and(st_x(geometry) = lon and st_y(geometry) = lat), min(city)"
            f" from read_parquet('{tmp_path}/incidents/*/*/*.parquet', hive_partitioning = true)"
        ).fetchone()
        assert counted == (done.rows, len(done.written), True, "demo")

    def test_a_box_covers_its_point_although_it_is_rougher(self, demo_house: House, tmp_path: Path) -> None:
        exported(demo_house, tmp_path)
        for path in (tmp_path / "incidents").rglob("*.parquet"):
            table = pq.read_table(path, columns=["lon", "lat", "bbox"], partitioning=None).flatten()
            box = {
                name: table.column(f"bbox.{name}").to_numpy().astype(float) for name in ("xmin", "ymin", "xmax", "ymax")
            }
            lon, lat = table.column("lon").to_numpy(), table.column("lat").to_numpy()
            assert ((box["xmin"] <= lon) & (lon <= box["xmax"]) & (box["ymin"] <= lat) & (lat <= box["ymax"])).all()
            assert not (box["xmin"] == lon).all()  # control: rounding did happen

    def test_it_is_noted_with_its_reason(self, city: House, tmp_path: Path) -> None:
        with pytest.raises(ReasonMissing):
            export_facts(city, tmp_path, now=NOW, reason=" ")
        assert not list(tmp_path.glob("incidents"))
        done = exported(city, tmp_path)
        notes = run(city, "select noun, reason, facts->>'rows' from audit_entry where action = 'export'")
        assert notes == [("incidents", WHY, str(done.rows))]


class TestOnlyWhatHasChanged:
    def test_nothing_new_writes_nothing(self, city: House, tmp_path: Path) -> None:
        first = exported(city, tmp_path)
        before = files(tmp_path)
        again = exported(city, tmp_path)
        assert (again.written, again.kept, again.rows) == ((), first.written, first.rows)
        after = files(tmp_path)
        assert {k: v for k, v in after.items() if k.endswith(".parquet")} == {
            k: v for k, v in before.items() if k.endswith(".parquet")
        }

    @pytest.mark.parametrize("forgotten", [False, True])
    def test_a_change_writes_its_months(self, city: House, tmp_path: Path, forgotten: bool) -> None:
        """Also of changes that have been forgotten since, and of months that an incident went from and came to."""
        first = exported(city, tmp_path)
        last, earlier = first.written[-1], first.written[-3]
        run(
            city,
            "update incidents set status = 'void' where id ="
            f" (select id from incidents where happened_at >= '{earlier}-02'"
            f" and happened_at < '{earlier}-25' and status <> 'void' order by id limit 1)",
        )
        run(
            city,
            "update incidents set channel = case channel when 'hotline' then 'window' else 'hotline' end where id ="
            f" (select id from incidents where happened_at >= '{last}-02' order by id limit 1)",
        )
        if forgotten:
            assert run(city, "delete from analytics_incident_change returning 1")
        again = exported(city, tmp_path)
        assert again.written == tuple(sorted({earlier, last}))
        whole = tmp_path / "whole"
        exported(city, whole)
        read = [
            ds.dataset(one / "incidents", format="parquet", partitioning="hive").to_table().drop_columns("bbox")
            for one in (tmp_path, whole)
        ]
        assert read[0].equals(read[1])
        assert exported(city, tmp_path).written == ()

    def test_a_name_that_changes_writes_all(self, city: House, tmp_path: Path) -> None:
        first = exported(city, tmp_path)
        run(city, "update duties_agency set code = code || '-x' where id = (select min(id) from duties_agency)")
        assert exported(city, tmp_path).written == first.written

    @pytest.mark.parametrize("name", ["origin", "snapshot"])
    def test_another_database_or_one_that_was_set_back_writes_all(self, city: House, tmp_path: Path, name: str) -> None:
        first = exported(city, tmp_path)
        path = manifest.city_folder(tmp_path, "demo") / manifest.NAME
        document = json.loads(path.read_text())
        document[name] = {"origin": "another", "snapshot": f"{2**40 + 9}:{2**40 + 9}:"}[name]
        path.write_text(json.dumps(document))
        assert exported(city, tmp_path).written == first.written
        assert exported(city, tmp_path).written == ()  # control

    def test_a_broken_manifest_is_told_and_made_anew_when_asked(self, city: House, tmp_path: Path) -> None:
        first = exported(city, tmp_path)
        path = manifest.city_folder(tmp_path, "demo") / manifest.NAME
        path.write_text(path.read_text()[:100])
        with pytest.raises(ManifestBroken) as told:
            exported(city, tmp_path)
        assert told.value.remedy is not None
        assert "--all" in told.value.remedy
        assert exported(city, tmp_path, everything=True).written == first.written

    def test_a_month_that_is_empty_now_goes(self, city: House, tmp_path: Path) -> None:
        first = exported(city, tmp_path)
        gone = first.written[0]
        held = manifest.city_folder(tmp_path, "demo") / f"month={gone}"
        assert held.exists()
        (held.parent / "month=1999-01").mkdir()
        (held / manifest.FILE).rename(held.parent / "month=1999-01" / manifest.FILE)  # of no month that there is
        again = exported(city, tmp_path)
        assert (again.written, again.removed) == ((gone,), ("1999-01",))
        assert exported(city, tmp_path).removed == ()

    def test_a_file_that_was_cut_short_is_written_again(self, city: House, tmp_path: Path) -> None:
        first = exported(city, tmp_path)
        path = manifest.city_folder(tmp_path, "demo") / f"month={first.written[1]}" / manifest.FILE
        path.write_bytes(path.read_bytes()[:-10])
        assert exported(city, tmp_path).written == (first.written[1],)


class TestInterrupted:
    def test_what_was_there_stays_valid(self, city: House, tmp_path: Path) -> None:
        exported(city, tmp_path)
        before = files(tmp_path)
        run(city, "update incidents set status = 'void' where number % 2 = 0")

        class Stop(Silent):
            def advance(self, share: float, rows: int) -> None:
                if rows > 10:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            exported(city, tmp_path, progress=Stop())
        assert files(tmp_path) == before
        assert not (tmp_path / ".coming-demo").exists()
        assert exported(city, tmp_path).written  # control: there was something to write

    def test_killed_while_files_take_their_places(self, city: House, tmp_path: Path) -> None:
        """kill -9 of the writing process between two files: every month is one whole file that the manifest knows."""
        exported(city, tmp_path)
        run(city, "update incidents set status = 'void' where number % 2 = 0")
        script = f"""
import os, signal
from datetime import datetime, UTC
from pathlib import Path
from gridgov.bootstrap import build
from gridgov.interop.national import facts, manifest
put, done = os.replace, []
def replace(a, b):
    put(a, b)
    done.append(b)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
house = build({str(city.db.url.render_as_string(hide_password=False))!r}, 'demo', Path({str(city.home)!r}))
os.replace = replace
facts.export_facts(house, Path({str(tmp_path)!r}), now=datetime(2026, 11, 2, tzinfo=UTC), reason='for the test')
"""
        died = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=dict(os.environ))
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()
        folder = manifest.city_folder(tmp_path, "demo")
        held = manifest.read(folder)
        assert held is not None
        found = {one.month: manifest.digest(folder / one.path) for one in held.partitions}
        assert all(found[one.month] in {one.sha256, one.before} for one in held.partitions)
        assert {found[one.month] == one.sha256 for one in held.partitions if one.before} == {True, False}
        again = exported(city, tmp_path)
        assert again.written == tuple(one.month for one in held.partitions if one.before)
        assert exported(city, tmp_path).written == ()


def test_memory_holds_a_batch_alone(demo_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is written before the next is read."""
    monkeypatch.setattr(facts, "BATCH_ROWS", 50)
    done = exported(demo_house, tmp_path)
    groups = [pq.ParquetFile(path).metadata for path in (tmp_path / "incidents").rglob("*.parquet")]
    assert max(one.row_group(i).num_rows for one in groups for i in range(one.num_row_groups)) == 50
    assert sum(one.num_rows for one in groups) == done.rows
