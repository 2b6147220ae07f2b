"""The right PostgreSQL is found among unfit ones; where there is none, the packages are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridgov.platform import postgres
from gridgov.platform.postgres import PostgresMissing, advice, find, os_release, packages

DEBIAN = {"ID": "debian", "VERSION_ID": "12"}


def installed(root: Path, major: int, *, postgis: str | None = "3.4.2", lacks: str = "") -> Path:
    """A folder of programs that answer as PostgreSQL's do, with its extensions where pg_config says."""
    folder = root / str(major) / "bin"
    shared = root / str(major) / "share"
    (shared / "extension").mkdir(parents=True)
    folder.mkdir()
    answers = {"initdb": "", "postgres": f"postgres (PostgreSQL) {major}.3 (Debian)", "pg_config": str(shared)}
    for name, answer in answers.items():
        if name != lacks:
            (folder / name).write_text(f"#!/bin/sh\necho '{answer}'\n")
            (folder / name).chmod(0o755)
    extensions = {"plpgsql": "1.0", "btree_gist": "1.7", "pg_trgm": "1.6"} | ({"postgis": postgis} if postgis else {})
    for name, version in extensions.items():
        if name != lacks:
            (shared / "extension" / f"{name}.control").write_text(f"default_version = '{version}'\n")
    return folder


def test_the_newest_fit_one_is_taken(tmp_path: Path) -> None:
    folders = [
        installed(tmp_path / "a", 14),
        installed(tmp_path / "b", 16),
        installed(tmp_path / "c", 15, postgis="3.3.0"),
        installed(tmp_path / "d", 17, postgis=None),
    ]
    found = find(folders=folders)
    assert (found.folder, found.major, found.postgis) == (folders[1], 16, (3, 4))
    assert find(15, folders).folder == folders[2]


@pytest.mark.parametrize(
    ("major", "given", "why"),
    [
        (14, {}, "is PostgreSQL 14"),
        (16, {"postgis": None}, "has no postgis"),
        (16, {"postgis": "3.2.9"}, "has PostGIS 3.2"),
        (16, {"lacks": "pg_trgm"}, "has no pg_trgm"),
        (16, {"lacks": "initdb"}, "lacks initdb"),
        (16, {"lacks": "postgres"}, "lacks postgres"),
    ],
)
def test_an_unfit_one_is_passed_over_and_said_why(
    tmp_path: Path, major: int, given: dict[str, str | None], why: str
) -> None:
    folder = installed(tmp_path, major, **given)  # type: ignore[arg-type]
    with pytest.raises(PostgresMissing, match=f"{folder}.*{why}|{why}") as caught:
        find(folders=[folder])
    assert "GRIDGOV_DATABASE_URL" in str(caught.value)
    assert find(folders=[folder, installed(tmp_path / "fit", 15)]).major == 15


def test_programs_that_are_links_to_nothing_are_no_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("initdb", "pg_config"):
        (tmp_path / name).symlink_to(tmp_path / "gone" / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "VERSIONED", ())
    with pytest.raises(PostgresMissing, match="is not installed\\."):
        find()


def test_one_on_path_is_found_where_its_link_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = installed(tmp_path, 16)
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "initdb").symlink_to(folder / "initdb")
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.setattr(postgres, "VERSIONED", ())
    assert find(16).folder == folder


@pytest.mark.parametrize(
    ("release", "major", "names"),
    [
        (DEBIAN, None, ["postgresql-15", "postgresql-15-postgis-3"]),
        ({"ID": "debian", "VERSION_ID": "13"}, None, ["postgresql-17", "postgresql-17-postgis-3"]),
        (
            {"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "24.04"},
            None,
            ["postgresql-16", "postgresql-16-postgis-3"],
        ),
        (DEBIAN, 14, ["postgresql-14", "postgresql-14-postgis-3"]),
        ({"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "22.04"}, None, []),
        ({"ID": "fedora", "VERSION_ID": "42"}, None, []),
        ({}, None, []),
    ],
)
def test_packages_by_distribution(release: dict[str, str], major: int | None, names: list[str]) -> None:
    assert packages(major, release) == names


@pytest.mark.parametrize(
    ("release", "says"),
    [
        (DEBIAN, "apt-get install --no-install-recommends postgresql-15 postgresql-15-postgis-3"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install postgresql-server"),
        ({"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "zypper install"),
        ({"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "22.04"}, "from the packages of the PostgreSQL project"),
        ({}, "Install PostgreSQL 15 (server and contrib modules) and PostGIS 3.3"),
    ],
)
def test_advice_fits_the_distribution(release: dict[str, str], says: str) -> None:
    assert says in advice(release=release)


def test_os_release_is_read_with_and_without_quotes(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_ID=\"12\"\n# a remark\nNAME='De=bian'\n")
    assert os_release(tmp_path / "os-release") == {"ID": "debian", "VERSION_ID": "12", "NAME": "De=bian"}
    assert os_release(tmp_path / "none") == {}
