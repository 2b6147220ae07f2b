"""The national job: the same exact answer from one process, from several, and when one of them is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import distributed
import duckdb
import geopandas as gpd
import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
import shapely

from gridgov.areas.rules import Level
from gridgov.geo import hotspots
from gridgov.geo.locate import PointIndex
from gridgov.interop.national import crew, manifest, outcome
from gridgov.interop.national.binning import Task
from gridgov.interop.national.boundaries import Boundaries, BoundariesUnusable, read_boundaries
from gridgov.interop.national.crew import Answer, Certificates, Crew, NoWorkers, WorkersDie
from gridgov.interop.national.outcome import FolderTaken
from gridgov.interop.national.rebin import NothingExported, PartitionDamaged, rebin
from gridgov.interop.progress import Silent
from tests import nation

CITIES, MONTHS, ROWS, SIDE = ("east", "west"), ("2026-01", "2026-02", "2026-03", "2026-04"), 5_000, 20


class Nation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.points = nation.make_facts(folder, CITIES, MONTHS, ROWS, seed=5, batch=1_024)
        self.shapes = nation.make_boundaries(folder, CITIES, SIDE, seed=6)

    @property
    def boundaries(self) -> Boundaries:
        return read_boundaries([self.folder / "boundaries" / "in-force"], Level.GRID)

    def file(self, city: str, month: str) -> Path:
        return manifest.city_folder(self.folder, city) / f"month={month}" / manifest.FILE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    """Read it; break nothing."""
    return Nation(tmp_path_factory.mktemp("nation"))


@pytest.fixture
def breakable(tmp_path: Path) -> Nation:
    return Nation(tmp_path / "nation")


@pytest.fixture(scope="module")
def two() -> Iterator[Crew]:
    """Two worker processes, shared."""
    with crew.local(2) as found:
        yield found


def result(data: Nation, who: Crew, out: Path, **how: object) -> dict[str, str]:
    """Digest of each file of the result."""
    outcome.write(rebin(data.folder, data.boundaries, who, **how), out)  # type: ignore[arg-type]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


class TestTheAnswer:
    def test_equals_what_others_count(self, made: Nation, tmp_path: Path) -> None:
        """GeoPandas' join, and DuckDB's over the very files."""
        result(made, crew.alone, tmp_path / "out")
        table = pq.read_table(tmp_path / "out" / outcome.COUNTS).to_pylist()
        mine = {(row["city"], row["code"], row["group"], row["month"]): row["count"] for row in table}
        theirs: Counter[tuple[str | None, str | None, str, str]] = Counter()
        areas = made.boundaries
        frame = gpd.GeoDataFrame(geometry=list(areas.shapes))
        for one in made.points:
            joined = gpd.GeoDataFrame(geometry=shapely.points(one.at)).sjoin(frame, predicate="intersects", how="left")
            first = joined.groupby(level=0)["index_right"].min()
            for place, group in zip(first, one.group, strict=True):
                known = not np.isnan(place)
                city, code = (areas.cities[int(place)], areas.codes[int(place)]) if known else (None, None)
                theirs[city, code, nation.GROUPS[group], one.month] += 1
        assert mine == theirs
        assert mine[None, None, "01", "2026-01"] > 0  # some lie in none
        connection = duckdb.connect()
        spec = find_spec("duckdb_extension_spatial")
        assert spec is not None
        extension = next(Path((spec.submodule_search_locations or [""])[0]).rglob("spatial.duckdb_extension"))
        connection.execute(f"load '{extension}'")
        files = made.folder / "incidents" / "*" / "*" / "*.parquet"
        rows = connection.execute(
            f"""
            select a.city, a.code, f.category_group, f.month, count(*)
            from read_parquet('{files}', hive_partitioning = true) f
            join read_parquet('{made.folder}/boundaries/in-force/*/*.parquet') a
            on st_intersects(a.geometry, f.geometry)
            group by all
            """
        ).fetchall()
        assert {(city, code, group, month): n for city, code, group, month, n in rows} == {
            key: n for key, n in mine.items() if key[0] is not None
        }

    def test_hot_spots_are_those_of_all_areas_together(self, made: Nation, tmp_path: Path) -> None:
        result(made, crew.alone, tmp_path / "out")
        frame = gpd.read_parquet(tmp_path / "out" / outcome.AREAS)
        around = hotspots.bordering(list(frame.geometry))
        values = frame["count"].to_numpy(dtype=np.float64)
        assert np.array_equal(frame["score"], hotspots.getis_ord(values, around))
        kept = hotspots.discovered(frame["p"].to_numpy(), 0.05)
        assert np.array_equal(kept, frame["verdict"].notna())
        assert (frame.loc[frame["verdict"] == "hot", "score"] > 0).all()
        assert frame["verdict"].eq("hot").sum() > 0
        told = json.loads((tmp_path / "out" / outcome.RESULT).read_text())
        assert (told["hot"], told["points"]) == (int(frame["verdict"].eq("hot").sum()), 2 * 4 * ROWS)

    def test_statuses_cut_it_down(self, made: Nation) -> None:
        found = rebin(made.folder, made.boundaries, crew.alone, statuses=("closed",))
        assert found.sums.total == sum(int((one.status == 1).sum()) for one in made.points)

    def test_order_and_repeats_do_not_matter(self, made: Nation, tmp_path: Path) -> None:
        def shuffled(table: PointIndex, tasks: Sequence[Task]) -> Iterator[Answer]:
            answers = list(crew.alone(table, tasks))
            yield from answers[:3]  # and once more below
            yield from reversed(answers)

        assert result(made, shuffled, tmp_path / "a") == result(made, crew.alone, tmp_path / "b")

    def test_another_seed_may_only_change_chance(self, made: Nation, tmp_path: Path) -> None:
        first, other = result(made, crew.alone, tmp_path / "a"), result(made, crew.alone, tmp_path / "b", seed=1)
        assert first[outcome.COUNTS] == other[outcome.COUNTS]
        assert first[outcome.AREAS] != other[outcome.AREAS]  # control: bytes tell a difference


class Held:
    """A partition that no worker can finish: a pipe lies in the place of its file until `let_go`."""

    def __init__(self, path: Path) -> None:
        self.path, self._real = path, path.with_name("real")
        path.rename(self._real)
        os.mkfifo(path)
        self._writer = -1

    def reader(self, among: Callable[[], list[int]]) -> int:
        """Waits until somebody reads it; returns who."""
        while self._writer < 0:
            try:
                self._writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                time.sleep(0.01)
        while True:
            for pid in among():
                for link in Path(f"/proc/{pid}/fd").iterdir():
                    try:
                        if os.readlink(link) == str(self.path):
                            return pid
                    except FileNotFoundError:
                        continue
            time.sleep(0.01)

    def let_go(self) -> None:
        self._real.replace(self.path)
        if self._writer >= 0:
            os.close(self._writer)


def children(of: int | None = None) -> list[int]:
    return [one.pid for one in psutil.Process(of).children(recursive=True) if one.is_running()]


class TestSeveralWorkers:
    def test_two_workers_answer_the_same(self, made: Nation, two: Crew, tmp_path: Path) -> None:
        assert result(made, two, tmp_path / "a") == result(made, crew.alone, tmp_path / "b")

    def test_one_killed_in_the_middle(self, breakable: Nation, two: Crew, tmp_path: Path) -> None:
        """kill -9 of a worker that is inside a partition: it is done again, and nothing else changes."""
        expected = result(breakable, crew.alone, tmp_path / "expected")
        held = Held(breakable.file("east", "2026-03"))
        killed: list[int] = []

        def kill() -> None:
            killed.append(held.reader(children))
            os.kill(killed[0], signal.SIGKILL)
            held.let_go()

        killer = threading.Thread(target=kill)
        killer.start()
        found = result(breakable, two, tmp_path / "found")
        killer.join()
        assert found == expected
        assert killed[0] not in children()

    def test_without_trying_again_the_partition_is_lost(
        self, breakable: Nation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Control of the above: the same kill, and a scheduler that gives up at the first death. Nothing is written."""
        monkeypatch.setitem(crew._SETTINGS, "distributed.scheduler.allowed-failures", 0)
        held = Held(breakable.file("east", "2026-03"))
        before = set(children())

        def kill() -> None:
            os.kill(held.reader(lambda: [pid for pid in children() if pid not in before]), signal.SIGKILL)
            held.let_go()

        killer = threading.Thread(target=kill)
        with ExitStack() as stack:
            who = stack.enter_context(crew.local(1))
            killer.start()
            with pytest.raises(WorkersDie, match="east 2026-"):
                rebin(breakable.folder, breakable.boundaries, who)
        killer.join()

    def test_an_interrupt_leaves_nothing(self, breakable: Nation, tmp_path: Path) -> None:
        """Ctrl-C at a terminal, which reaches every process of the job."""
        held = Held(breakable.file("west", "2026-02"))
        arguments = ["--boundaries", str(breakable.folder / "boundaries"), "--data", str(breakable.folder)]
        command = [
            sys.executable,
            "-m",
            "gridgov",
            "national",
            "rebin",
            *arguments,
            "--out",
            str(tmp_path / "out" / "r"),
        ]
        with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as job:
            held.reader(lambda: children(job.pid))
            below = children(job.pid)
            os.killpg(job.pid, signal.SIGINT)
            _, said = job.communicate()
        assert job.returncode not in (0, None)
        assert not list(tmp_path.glob("out/*"))
        gone = psutil.wait_procs([psutil.Process(pid) for pid in below if psutil.pid_exists(pid)], timeout=20)[1]
        assert not gone
        assert b"Traceback" not in said, said.decode()
        held.let_go()

    def test_an_address_where_nobody_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(crew, "PATIENCE_S", 0.2)
        with pytest.raises(NoWorkers, match=r"127\.0\.0\.1"), crew.cluster("tcp://127.0.0.1:9"):
            pass


class TestAddress:
    """A scheduler and a worker as anybody starts them, with certificates; then without a scheduler."""

    @dataclass
    class Far:
        address: str
        certificates: Certificates
        scheduler: subprocess.Popen[bytes]

        def states(self) -> dict[str, str]:
            """Of every task, as the scheduler has it."""
            keys = self.certificates
            dask: Any = distributed
            security = dask.Security(
                tls_ca_file=str(keys.ca), tls_client_cert=str(keys.certificate), tls_client_key=str(keys.key),
                require_encryption=True,
            )  # fmt: skip
            with dask.Client(self.address, security=security, set_as_default=False) as client:
                found: dict[str, str] = client.run_on_scheduler(
                    lambda dask_scheduler: {key: one.state for key, one in dask_scheduler.tasks.items()}
                )
                return found

    @pytest.fixture
    def far(self, tmp_path: Path) -> Iterator[Far]:
        security: Any = distributed.Security
        made = security.temporary()
        pems = [tmp_path / name for name in ("ca.pem", "certificate.pem", "key.pem")]
        for path, text in zip(pems, (made.tls_ca_file, made.tls_client_cert, made.tls_client_key), strict=True):
            path.write_text(text)
        keys = [f"--tls-{name}={path}" for name, path in zip(("ca-file", "cert", "key"), pems, strict=True)]
        told = tmp_path / "scheduler.json"
        common = ["--host=127.0.0.1", "--protocol=tls", "--no-dashboard", f"--scheduler-file={told}", *keys]
        with ExitStack() as stack:
            scheduler = stack.enter_context(started("scheduler", "--port=0", *common))
            while not told.exists():
                time.sleep(0.05)
            worker = ["--no-nanny", "--nthreads=1", f"--local-directory={tmp_path}"]
            stack.enter_context(started("worker", *worker, *common))
            address = json.loads(told.read_text())["address"]
            assert address.startswith("tls://")
            yield self.Far(address, Certificates(*pems), scheduler)

    def test_a_cluster_over_tls_until_its_scheduler_dies(self, far: Far, breakable: Nation, tmp_path: Path) -> None:
        with crew.cluster(far.address, far.certificates) as who:
            expected = result(breakable, crew.alone, tmp_path / "expected")
            assert result(breakable, who, tmp_path / "found") == expected
            held = Held(breakable.file("east", "2026-03"))

            def kill() -> None:
                held.reader(children)
                far.scheduler.kill()

            killer = threading.Thread(target=kill)
            killer.start()
            with pytest.raises(NoWorkers, match="is gone"):
                rebin(breakable.folder, breakable.boundaries, who)
            killer.join()
            held.let_go()

    def test_a_scheduler_that_dies_while_it_is_asked_for_an_answer(self, far: Far, made: Nation) -> None:
        """It is stopped when all is counted and one answer has been fetched, asked for the next, and killed then: the
        client by itself would look for it until its patience ends, and raise something else."""
        asked, answers = threading.Event(), []

        def kill() -> None:
            asked.wait()
            while set(far.states().values()) != {"memory"}:
                time.sleep(0.05)
            far.scheduler.send_signal(signal.SIGSTOP)
            stopped.set()
            threading.Event().wait(0.5)  # meanwhile it is asked
            far.scheduler.kill()

        stopped = threading.Event()
        killer = threading.Thread(target=kill)
        killer.start()

        class Waits(Silent):
            def advance(self, share: float, rows: int) -> None:
                answers.append(share)
                asked.set()
                stopped.wait()

        with crew.cluster(far.address, far.certificates) as who, pytest.raises(NoWorkers, match="is gone"):
            rebin(made.folder, made.boundaries, who, progress=Waits())
        killer.join()
        assert len(answers) == 1


@contextmanager
def started(what: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`dask scheduler` or `dask worker`, until the block is over."""
    command = [sys.executable, "-m", "dask", what, *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


class TestBadInput:
    def test_damaged_files_are_named_and_refused_or_skipped(self, breakable: Nation, tmp_path: Path) -> None:
        whole = rebin(breakable.folder, breakable.boundaries, crew.alone)
        cut, other, gone = (breakable.file("east", "2026-01"), breakable.file("west", "2026-01"),
                            breakable.file("west", "2026-04"))  # fmt: skip
        cut.write_bytes(cut.read_bytes()[:-100])
        other.write_bytes(breakable.file("west", "2026-02").read_bytes())  # whole, but of another month
        gone.unlink()
        with pytest.raises(PartitionDamaged, match=r"east 2026-01.*west 2026-01.*west 2026-04") as refused:
            rebin(breakable.folder, breakable.boundaries, crew.alone)
        assert refused.value.field == "data"
        found = rebin(breakable.folder, breakable.boundaries, crew.alone, skip_damaged=True)
        assert found.sums.total == whole.sums.total - 3 * ROWS
        outcome.write(found, tmp_path / "out")
        told = json.loads((tmp_path / "out" / outcome.RESULT).read_text())
        assert [(one["city"], one["month"]) for one in told["skipped"]] == [
            ("east", "2026-01"), ("west", "2026-01"), ("west", "2026-04")
        ]  # fmt: skip
        assert len(told["partitions"]) == 5

    def test_a_file_that_its_manifest_names_and_nobody_can_read(self, breakable: Nation) -> None:
        path = breakable.file("east", "2026-01")
        path.write_bytes(b"PAR1 and then nothing")
        home = manifest.city_folder(breakable.folder, "east")
        held = manifest.read(home)
        assert held is not None
        parts = tuple(
            replace(one, sha256=manifest.digest(path)) if one.month == "2026-01" else one for one in held.partitions
        )
        (home / manifest.NAME).write_text(replace(held, partitions=parts).text())
        with pytest.raises(PartitionDamaged, match="east 2026-01: it cannot be read"):
            rebin(breakable.folder, breakable.boundaries, crew.alone)

    def test_while_a_file_takes_its_place_both_are_good(self, breakable: Nation) -> None:
        home = manifest.city_folder(breakable.folder, "east")
        held = manifest.read(home)
        assert held is not None
        first = held.partitions[0]
        for coming, was in (("0" * 64, first.sha256), (first.sha256, "0" * 64)):
            parts = (replace(first, sha256=coming, before=was), *held.partitions[1:])
            (home / manifest.NAME).write_text(replace(held, partitions=parts).text())
            assert rebin(breakable.folder, breakable.boundaries, crew.alone).sums.total == 8 * ROWS
        (home / manifest.NAME).write_text(replace(held, partitions=(replace(first, sha256="0" * 64),)).text())
        with pytest.raises(PartitionDamaged):  # control
            rebin(breakable.folder, breakable.boundaries, crew.alone)

    def test_boundaries_that_cannot_be_used(self, made: Nation, tmp_path: Path) -> None:
        here = made.folder / "boundaries" / "in-force"
        with pytest.raises(BoundariesUnusable, match="twice"):
            read_boundaries([here, here / "city=east"], Level.GRID)
        with pytest.raises(BoundariesUnusable, match="no community"):
            read_boundaries([here], Level.COMMUNITY)
        with pytest.raises(BoundariesUnusable, match="no boundaries"):
            read_boundaries([tmp_path / "nowhere"], Level.GRID)
        (tmp_path / "x.parquet").write_text("not this")
        with pytest.raises(BoundariesUnusable, match="cannot be read"):
            read_boundaries([tmp_path / "x.parquet"], Level.GRID)
        with pytest.raises(BoundariesUnusable, match="cannot be read"):
            read_boundaries([made.file("east", "2026-01")], Level.GRID)

    def test_a_folder_without_cities(self, made: Nation, tmp_path: Path) -> None:
        with pytest.raises(NothingExported):
            rebin(tmp_path, made.boundaries, crew.alone)

    def test_a_result_replaces_a_result_and_nothing_else(self, made: Nation, tmp_path: Path) -> None:
        first = result(made, crew.alone, tmp_path / "out")
        assert result(made, crew.alone, tmp_path / "out") == first
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "letter.txt").write_text("dear")
        with pytest.raises(FolderTaken):
            result(made, crew.alone, tmp_path / "mine")
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_stopped_between_partitions(self, made: Nation, tmp_path: Path) -> None:
        class Stop(Silent):
            def advance(self, share: float, rows: int) -> None:
                if share > 0.5:
                    raise KeyboardInterrupt

        result(made, crew.alone, tmp_path / "out")
        before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
        with pytest.raises(KeyboardInterrupt):
            result(made, crew.alone, tmp_path / "out", progress=Stop())
        assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before
