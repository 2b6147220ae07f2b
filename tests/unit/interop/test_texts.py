"""UTF-8 and GBK are told apart; damaged text is refused with its place."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.interop.files import text
from gridgov.interop.files.refusals import BrokenEncoding, FileBroken, UnsafeArchive
from gridgov.interop.files.text import encoding_of, open_text

CHINESE = "编码,名称,地址\n" + "".join(f"{n},第{n}网格,鼓楼街道中山路{n}号\n" for n in range(300))


def put(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("codec", "expected"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_found_and_the_text_is_the_same(tmp_path: Path, codec: str, expected: str) -> None:
    path = put(tmp_path, CHINESE.encode(codec))
    assert encoding_of(path) == expected
    with open_text(path) as stream:
        assert stream.text.read() == CHINESE


def test_gb18030_reads_what_gbk_cannot(tmp_path: Path) -> None:
    rare = "名称\n𠮷野街道\n"
    path = put(tmp_path, rare.encode("gb18030"))
    with open_text(path) as stream:
        assert stream.text.read() == rare


def test_a_damaged_utf8_text_is_not_read_as_gbk(tmp_path: Path) -> None:
    raw = bytearray(CHINESE.encode("utf-8"))
    at = raw.index("第7网格".encode())
    raw[at] = 0xFF
    with pytest.raises(BrokenEncoding, match=r"0xFF at position \d+ \(line 9\)"):
        encoding_of(put(tmp_path, bytes(raw)))


def test_a_text_cut_in_a_character_is_refused(tmp_path: Path) -> None:
    cut = CHINESE.encode("utf-8")[:-3]
    assert cut[-1] >= 0x80
    with pytest.raises(BrokenEncoding, match="ends in the middle of a character"):
        encoding_of(put(tmp_path, cut))


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenEncoding, match="neither UTF-8 nor GBK"):
        encoding_of(put(tmp_path, b"code,name\n1,\x80\xff\xff\n2,\xa1\xff"))


def test_what_the_user_says_is_believed_only_when_it_is_so(tmp_path: Path) -> None:
    gbk = put(tmp_path, CHINESE.encode("gbk"))
    assert encoding_of(gbk, "gbk") == "gbk"
    with pytest.raises(BrokenEncoding, match="is not utf-8"):
        encoding_of(gbk, "utf-8")
    with pytest.raises(BrokenEncoding, match="There is no encoding 'klingon'"):
        encoding_of(gbk, "klingon")


def test_an_error_at_the_edge_of_a_block_is_placed_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_BLOCK_BYTES", 7)
    raw = ("一" * 9).encode() + b"\xff"
    with pytest.raises(BrokenEncoding, match="0xFF at position 27"):
        encoding_of(put(tmp_path, raw))


def test_cut_and_swelling_gzip_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"code,name\n" + b"1,x\n" * 50_000)
    with pytest.raises(FileBroken, match="truncated gzip"):
        encoding_of(put(tmp_path, packed[:-20], "a.csv.gz"))
    monkeypatch.setattr(text, "_RATIO_FROM_BYTES", 1_000)
    swelling = gzip.compress(b" " * 4_000_000)
    with pytest.raises(UnsafeArchive, match="unpacks to more than"):
        encoding_of(put(tmp_path, swelling, "b.csv.gz"))


@pytest.mark.parametrize(
    "words", ["Café à Orléans, 50 €", "Ελληνικά ονόματα", "Москва, Тверская улица", "Straße, Köln", "plain", "𠮷野"]
)
def test_other_scripts_in_utf8_are_not_taken_for_gbk(tmp_path: Path, words: str) -> None:
    with open_text(put(tmp_path, words.encode())) as stream:
        assert stream.text.read() == words


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=6, max_size=200))
def test_chinese_text_survives_either_encoding(tmp_path_factory: pytest.TempPathFactory, words: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    for codec in ("utf-8", "gbk"):
        with open_text(put(folder, words.encode(codec))) as stream:
            assert stream.text.read() == words
