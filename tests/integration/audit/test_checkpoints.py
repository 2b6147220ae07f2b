"""Checkpoints in a file and in a real git repository: written, never rewritten, and held against the database."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest

from gridgov.audit import checkpoints
from gridgov.audit.checkpoints import (
    AnchorContradicts,
    Checkpoint,
    CheckpointIsWrong,
    FileUnwritable,
    NothingSealed,
    RemoteFailed,
    from_git,
    to_file,
    to_git,
)
from gridgov.audit.verifying import Kind
from gridgov.platform.errors import BadInput
from tests.integration.audit.conftest import NOW, Trail, run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "锚.jsonl"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository, as a server of git has them."""
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
    return folder


def write(trail: Trail, file: Path) -> Checkpoint | None:
    with trail.db.transaction() as session:
        return to_file(session, file, "demo", NOW)


def push(trail: Trail, remote: Path, city: str = "demo") -> Checkpoint | None:
    with trail.db.transaction() as session:
        return to_git(session, str(remote), "audit", city, NOW)


def sealed(trail: Trail) -> None:
    trail.write(2)
    trail.seal()


def read(trail: Trail, text: str) -> list[Checkpoint]:
    return checkpoints.read(text, "demo", keys=frozenset([trail.signer.public]))


def anchored(trail: Trail, text: str) -> list[Kind]:
    anchors = tuple(one.anchor for one in read(trail, text))
    return [finding.kind for finding in trail.verify(anchors=anchors).findings]


def cut(trail: Trail, last: int) -> None:
    with trail.as_superuser() as session:
        run(session, "delete from audit_entry where id > (select upto from audit_seal where number = :n)", n=last)
        run(session, "delete from audit_seal where number > :n", n=last)


class TestFile:
    def test_each_seal_is_added_once(self, trail: Trail, file: Path) -> None:
        sealed(trail)
        first = write(trail, file)
        assert first is not None
        assert write(trail, file) is None
        before = file.read_text(encoding="utf-8")
        sealed(trail)
        second = write(trail, file)
        assert second is not None
        assert file.read_text(encoding="utf-8") == before + second.line()
        assert read(trail, file.read_text(encoding="utf-8")) == [first, second]
        assert [first.number, second.number] == [1, 2]
        assert anchored(trail, file.read_text(encoding="utf-8")) == []

    def test_a_cut_off_end_is_found(self, trail: Trail, file: Path) -> None:
        for _ in range(3):
            sealed(trail)
            write(trail, file)
        cut(trail, 1)
        assert trail.verify().good  # the control
        assert anchored(trail, file.read_text(encoding="utf-8")) == [Kind.TRUNCATED, Kind.TRUNCATED]

    def test_nothing_is_added_to_what_contradicts(self, trail: Trail, file: Path) -> None:
        """Else a trail that was cut off and grew again would bury the checkpoint that tells of it."""
        for _ in range(2):
            sealed(trail)
        write(trail, file)
        before = file.read_bytes()
        cut(trail, 1)
        with pytest.raises(AnchorContradicts):
            write(trail, file)
        for _ in range(3):
            sealed(trail)
        with pytest.raises(AnchorContradicts):
            write(trail, file)
        assert file.read_bytes() == before

    def test_nothing_sealed_nothing_written(self, trail: Trail, file: Path) -> None:
        with pytest.raises(NothingSealed):
            write(trail, file)
        assert file.read_bytes() == b""

    def test_a_place_that_cannot_be_written_is_said(self, trail: Trail, tmp_path: Path) -> None:
        sealed(trail)
        (tmp_path / "file").write_text("", encoding="utf-8")
        for place in (tmp_path, tmp_path / "file" / "below"):
            with pytest.raises(FileUnwritable):
                write(trail, place)

    def test_cities_share_a_file(self, trail: Trail, file: Path) -> None:
        sealed(trail)
        with trail.db.transaction() as session:
            to_file(session, file, "other", NOW)
        one = write(trail, file)
        assert read(trail, file.read_text(encoding="utf-8")) == [one]

    CHANGES: tuple[dict[str, object], ...] = (
        {"chain": "00" * 32},
        {"number": 1.0},
        {"number": True},
        {"form": "x"},
        {"signature": "00" * 64},
        {"key": "zz"},
        {"chain": None},
        {"more": 1},
    )

    @pytest.mark.parametrize("change", CHANGES, ids=str)
    def test_a_changed_line_is_no_checkpoint(self, trail: Trail, file: Path, change: dict[str, object]) -> None:
        sealed(trail)
        one = write(trail, file)
        assert one is not None
        line = json.dumps({**json.loads(one.line()), **change})
        with pytest.raises(CheckpointIsWrong, match="line 1"):
            read(trail, line)

    def test_a_key_that_nobody_named_and_numbers_that_go_back(self, trail: Trail, file: Path) -> None:
        sealed(trail)
        one = write(trail, file)
        sealed(trail)
        other = write(trail, file)
        assert one is not None
        assert other is not None
        with pytest.raises(CheckpointIsWrong, match="not named"):
            checkpoints.read(one.line(), "demo", keys=frozenset([b"x" * 32]))
        with pytest.raises(CheckpointIsWrong, match="do not rise"):
            read(trail, other.line() + one.line())
        for text in ("{}", "[]", "x", "null"):
            with pytest.raises(CheckpointIsWrong):
                read(trail, text)


class TestGit:
    def test_each_seal_is_a_commit(self, trail: Trail, remote: Path) -> None:
        sealed(trail)
        first = push(trail, remote)
        assert push(trail, remote) is None
        sealed(trail)
        second = push(trail, remote)
        text = from_git(str(remote), "audit", "demo")
        assert read(trail, text) == [first, second]
        log = subprocess.run(
            ["git", "-C", remote, "log", "--format=%an %s", "audit"], check=True, capture_output=True, text=True
        ).stdout
        assert log.splitlines() == ["gridgov Seal 2 of demo", "gridgov Seal 1 of demo"]
        assert anchored(trail, text) == []
        cut(trail, 1)
        assert trail.verify().good  # the control
        assert anchored(trail, text) == [Kind.TRUNCATED]
        with pytest.raises(AnchorContradicts):
            push(trail, remote)

    def test_two_at_once_both_get_through(self, trail: Trail, remote: Path) -> None:
        """Two cities with one remote: whoever comes second pushes again on top of the first."""
        sealed(trail)
        cities = ("demo", "other", "third")
        threads = [threading.Thread(target=push, args=(trail, remote, city)) for city in cities]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for city in cities:
            assert from_git(str(remote), "audit", city).count("\n") == 1, city

    def test_a_branch_that_is_not_there_holds_nothing(self, remote: Path) -> None:
        assert from_git(str(remote), "audit", "demo") == ""

    @pytest.mark.parametrize("remote", ["/no/such/place.git", "--upload-pack=touch /x", "ext::sh -c true"])
    def test_what_is_no_remote_is_said_to_be_none(self, trail: Trail, remote: str) -> None:
        sealed(trail)
        with pytest.raises((RemoteFailed, BadInput)), trail.db.transaction() as session:
            to_git(session, remote, "audit", "demo", NOW)

    def test_what_is_no_branch_is_said_to_be_none(self, remote: Path) -> None:
        with pytest.raises(RemoteFailed):
            from_git(str(remote), "a..b", "demo")
