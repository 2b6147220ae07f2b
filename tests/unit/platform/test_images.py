"""Pictures made anew: upright, in the right colours, within limits, with nothing else; and no belief in the decoder."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from gridgov.platform import images
from gridgov.platform.errors import BadInput, TooLarge
from gridgov.platform.images import HEAD, MAX_PIXELS, MAX_SIDE, PREVIEW_SIDE, Picture
from gridgov.platform.jpeg import bare_size
from gridgov.platform.sandbox import FileUnreadable, Sandbox
from tests.photos import bare, camera, heif, icc, tiff
from tests.photos.camera import chunk, encoded, with_chunks
from tests.photos.hevc import DISC

CORNERS = tuple(camera.CORNERS)


@pytest.fixture(scope="module")
def examiner() -> Iterator[Sandbox]:
    made = images.examiner()
    yield made
    made.close()


def shown(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.jpeg))


def corners(image: Image.Image) -> list[str]:
    return [camera.corner(image, name) for name in CORNERS]


# --- what comes out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", camera.FORMATS)
def test_a_photo_of_each_format_becomes_a_bare_jpeg(examiner: Sandbox, form: str) -> None:
    photo = camera.photo(random.Random(1), form, image=camera.quadrants(480, 320), turn=1)
    picture = images.rebuild(examiner, photo.data)
    assert picture.kind == form
    assert corners(shown(picture)) == list(camera.CORNERS.values())
    for data in (picture.jpeg, picture.preview):
        assert bare.left_over(data) == []
        assert Image.open(io.BytesIO(data)).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert max(Image.open(io.BytesIO(picture.preview)).size) == min(PREVIEW_SIDE, max(shown(picture).size))
    assert bare.left_over(photo.data) != []  # the control: the judge sees what is there


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_it_stands_upright(examiner: Sandbox, form: str, turn: int) -> None:
    image = camera.quadrants(96, 64)
    photo = camera.photo(random.Random(turn), form, image=image, turn=turn)
    picture = images.rebuild(examiner, photo.data)
    exif = Image.Exif()
    exif[0x0112] = turn
    told = Image.open(io.BytesIO(encoded(image, "JPEG", exif=exif)))
    oracle = ImageOps.exif_transpose(told)
    assert oracle is not None
    assert (picture.width, picture.height) == oracle.size
    assert corners(shown(picture)) == corners(oracle)


@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        (0, ["red", "lime", "blue", "white"]),
        (1, ["lime", "white", "red", "blue"]),
        (2, ["white", "blue", "lime", "red"]),
        (3, ["blue", "red", "white", "lime"]),
    ],
)
def test_a_heic_is_turned_by_its_own_property_and_by_nothing_else(
    examiner: Sandbox, turn: int, seen: list[str]
) -> None:
    """ISO/IEC 23008-12, 6.5.10: `irot` counts quarters to the left; an orientation in its EXIF is for information."""
    exif = tiff.block({0x0112: (tiff.SHORT, 3)})
    picture = images.rebuild(examiner, heif.heic(extras=heif.Extras(turn=turn, exif=exif)))
    assert corners(shown(picture)) == seen


def test_colours_of_another_space_are_shown_as_meant(examiner: Sandbox) -> None:
    """A profile whose red is the screen's green: what the file calls red is green."""
    swapped = icc.profile((icc.SRGB[1], icc.SRGB[0], icc.SRGB[2]))
    image = camera.quadrants()
    with_profile = images.rebuild(examiner, encoded(image, "JPEG", icc_profile=swapped))
    assert corners(shown(with_profile)) == ["lime", "red", "blue", "white"]
    without = images.rebuild(examiner, encoded(image, "JPEG"))
    assert corners(shown(without)) == ["red", "lime", "blue", "white"]


def test_display_p3_keeps_its_look(examiner: Sandbox) -> None:
    grey = Image.new("RGB", (64, 64), (200, 120, 90))
    p3 = images.rebuild(examiner, encoded(grey, "PNG", icc_profile=icc.profile(icc.P3)))
    seen = shown(p3).getpixel((32, 32))
    assert isinstance(seen, tuple)
    red, green, blue = seen
    assert red > 204, "P3's red reaches further than the screen's"
    assert green < 120
    assert blue < 90


@pytest.mark.parametrize(
    ("mode", "form", "more"),
    [
        ("RGBA", "PNG", {}),
        ("LA", "PNG", {}),
        ("P", "PNG", {"transparency": 0}),
        ("RGBA", "WEBP", {"lossless": True}),
    ],
)
def test_what_is_transparent_becomes_white(examiner: Sandbox, mode: str, form: str, more: dict[str, object]) -> None:
    clear = Image.new(mode, (32, 32), 0)
    picture = images.rebuild(examiner, encoded(clear, form, **more))
    assert shown(picture).getpixel((16, 16)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("image", "form", "expected"),
    [
        (Image.new("L", (32, 32), 100), "JPEG", 100),
        (Image.new("1", (32, 32), 1), "PNG", 255),
        (Image.new("I;16", (32, 32), 100 * 257), "PNG", 100),
        (Image.new("CMYK", (32, 32), (0, 0, 0, 155)), "JPEG", 100),
        (Image.new("P", (32, 32), 0), "PNG", 0),
    ],
)
def test_every_kind_of_pixel_is_understood(examiner: Sandbox, image: Image.Image, form: str, expected: int) -> None:
    picture = images.rebuild(examiner, encoded(image, form))
    seen = shown(picture).getpixel((16, 16))
    assert isinstance(seen, tuple)
    assert all(abs(part - expected) <= 2 for part in seen)


def test_the_same_file_gives_the_same_picture(examiner: Sandbox) -> None:
    photo = camera.photo(random.Random(3), "jpeg")
    assert images.rebuild(examiner, photo.data) == images.rebuild(examiner, photo.data)


def test_a_second_picture_behind_the_first_is_left_out(examiner: Sandbox) -> None:
    """As phones write brightness maps: a JPEG with another behind it (MPO) is the photo in front."""
    data = encoded(camera.quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64), "black")])
    picture = images.rebuild(examiner, data)
    assert (picture.kind, corners(shown(picture))) == ("jpeg", list(camera.CORNERS.values()))
    assert len(picture.jpeg) < len(data)


# --- where and when ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", camera.FORMATS)
@pytest.mark.parametrize(("lon", "lat"), [(116.90123, 33.12345), (-70.5, -33.25), (0.0, 0.0), (-180.0, 90.0)])
def test_the_place_is_read_from_every_format(examiner: Sandbox, form: str, lon: float, lat: float) -> None:
    exif = tiff.block({}, exif={0x9003: (tiff.ASCII, b"2025:11:20 08:14:52\0")}, gps=tiff.gps_fields(lon, lat))
    data = {
        "jpeg": lambda: encoded(camera.quadrants(), "JPEG", exif=b"Exif\0\0" + exif),
        "png": lambda: with_chunks(encoded(camera.quadrants(), "PNG"), chunk(b"eXIf", exif)),
        "webp": lambda: encoded(camera.quadrants(), "WEBP", exif=b"Exif\0\0" + exif),
        "heic": lambda: heif.heic(extras=heif.Extras(exif=exif)),
    }[form]()
    origin = images.rebuild(examiner, data).origin
    assert origin["lon"] == pytest.approx(lon, abs=4e-6)
    assert origin["lat"] == pytest.approx(lat, abs=4e-6)
    assert (origin["taken"], origin["datum"]) == ("2025:11:20 08:14:52", "WGS-84")
    assert (origin["altitude_m"], origin["accuracy_m"]) == (31.25, 4.8)
    assert origin["gps_time"] == "2025:11:20 00:14:50"


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (1, (tiff.ASCII, b"X\0")),
        (2, (tiff.RATIONAL, [(1, 0), (1, 1), (1, 1)])),
        (2, (tiff.RATIONAL, [(91, 1), (0, 1), (0, 1)])),
        (2, (tiff.RATIONAL, [(1, 1)])),
        (2, (tiff.ASCII, b"33 north\0")),
        (4, (tiff.RATIONAL, [(4_294_967_295, 1), (0, 1), (0, 1)])),
        (4, (tiff.SHORT, 7)),
    ],
)
def test_a_place_that_is_none_is_left_out(examiner: Sandbox, number: int, value: tuple[int, tiff.Value]) -> None:
    gps = tiff.gps_fields(116.9, 33.12) | {number: value}
    origin = images.rebuild(examiner, encoded(camera.quadrants(), "JPEG", exif=b"Exif\0\0" + tiff.block({}, gps=gps)))
    assert not {"lon", "lat"} & origin.origin.keys()


# --- limits -----------------------------------------------------------------------------------------------------------


def _png(width: int, height: int) -> bytes:
    """A header with little behind it."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(8001, 5000), (20_000, 20_000), (MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (2**31 - 1, 2**31 - 1)]
)
def test_too_many_pixels_are_refused_by_the_header(examiner: Sandbox, size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge) as caught:
        images.rebuild(examiner, _png(*size))
    assert caught.value.code == "too-many-pixels"
    assert (caught.value.field, bool(caught.value.remedy)) == ("file", True)


@pytest.mark.parametrize("size", [(8000, 5000), (MAX_SIDE, 2_000)])
def test_the_largest_picture_is_taken(examiner: Sandbox, size: tuple[int, int]) -> None:
    assert size[0] * size[1] == MAX_PIXELS
    picture = images.rebuild(examiner, encoded(Image.new("1", size, 1), "PNG"))
    assert (picture.width, picture.height) == size


def test_bytes_have_a_limit_before_anybody_looks_at_them() -> None:
    images.check_bytes(images.MAX_BYTES)
    with pytest.raises(TooLarge, match="10 MB"):
        images.check_bytes(images.MAX_BYTES + 1)
    with pytest.raises(BadInput, match="0 bytes"):
        images.check_bytes(0)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_moves_is_refused(examiner: Sandbox, form: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    with pytest.raises(BadInput) as caught:
        images.rebuild(examiner, moving)
    assert caught.value.code == "picture-has-frames"
    assert images.rebuild(examiner, encoded(frames[0], form)).kind == form.lower()


def test_several_pictures_in_a_heic_are_refused_and_a_thumbnail_is_not_one(examiner: Sandbox) -> None:
    with pytest.raises(BadInput) as caught:
        images.rebuild(examiner, heif.heic(extras=heif.Extras(pictures=2)))
    assert caught.value.code == "picture-has-frames"
    assert images.rebuild(examiner, heif.heic(extras=heif.Extras(thumbnail=DISC))).width == 96


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_no_photos(examiner: Sandbox, form: str) -> None:
    with pytest.raises(BadInput) as caught:
        images.rebuild(examiner, encoded(camera.quadrants(64, 64), form))
    assert caught.value.code == "not-a-picture"


def test_a_picture_that_is_cut_off_is_refused(examiner: Sandbox) -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        data = encoded(camera.scene(random.Random(1), 320, 240), form)
        with pytest.raises(BadInput) as caught:
            images.rebuild(examiner, data[: len(data) // 2])
        assert caught.value.code in {"picture-broken", "not-a-picture"}
    with pytest.raises(BadInput):
        images.rebuild(examiner, heif.heic(DISC)[:-200])


# --- no belief in the decoder -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(examiner: Sandbox) -> bytes:
    return images.rebuild(examiner, encoded(camera.quadrants(), "PNG")).jpeg


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a byte behind": lambda data: data + b"\0",
    "a picture behind": lambda data: data + data,
    "no end": lambda data: data[:-2],
    "a comment": lambda data: camera.with_segments(data, camera.segment(0xFE, b"hidden")),
    "EXIF": lambda data: camera.with_segments(data, camera.segment(0xE1, b"Exif\0\0")),
    "a profile": lambda data: camera.with_segments(data, camera.segment(0xE2, b"ICC_PROFILE\0")),
    "a thumbnail": lambda data: data[:2] + camera.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc") + data[20:],
    "a second JFIF": lambda data: data[:20] + data[2:20] + data[20:],
    "further tables": lambda data: camera.with_segments(data, camera.segment(0xDB, b"\x02" + b"hidden" * 10 + b"1234")),
    "a word in the scan": lambda data: data[:-200] + b"\xff\xfe\0\x08hidden" + data[-200:],
    "no pixels": lambda data: data.replace(struct.pack(">HH", 64, 96), bytes(4)),
    "a page": lambda data: b"<html>" + data,
    "nothing": lambda data: b"",
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_only_a_bare_jpeg_counts_as_one(small: bytes, spoil: str) -> None:
    assert bare_size(small) == (96, 64)
    assert bare_size(SPOILT[spoil](small)) is None


def test_the_check_agrees_with_the_judge_of_the_tests(small: bytes) -> None:
    """Whatever single byte is put in somewhere: no file that counts as bare holds more than a picture."""
    rng = random.Random(5)
    for _ in range(3_000):
        at = rng.randrange(len(small))
        spoilt = small[:at] + rng.randbytes(rng.randint(1, 6)) + small[at + rng.randint(0, 3) :]
        if bare_size(spoilt) is not None:
            assert bare.left_over(spoilt) == []


def test_a_decoder_that_was_taken_over_brings_out_nothing_but_a_picture() -> None:
    taken_over = Sandbox({images.TASK: "tests.confined:as_it_came"}, images.LIMITS)
    photo = camera.photo(random.Random(9), "jpeg")
    plain = encoded(camera.quadrants(), "JPEG", quality=88, subsampling="4:2:0")
    try:
        with pytest.raises(FileUnreadable):
            images.rebuild(taken_over, photo.data)
        assert images.rebuild(taken_over, plain).jpeg == plain  # the control: a bare one comes through
    finally:
        taken_over.close()


def test_what_the_child_says_of_the_place_is_checked(small: bytes) -> None:
    def told(facts: bytes) -> Picture:
        return images._picture(HEAD.pack(len(facts), len(small)) + facts + small + small)

    whole = b'{"format": "png", "origin": {"lat": 33.12, "taken": "2025:11:20 08:14:52"}}'
    assert told(whole).origin == {"lat": 33.12, "taken": "2025:11:20 08:14:52"}
    odd = b'{"format": "png", "origin": {"lat": 1e9, "lon": "x", "taken": "\\n", "datum": "<script>0123456789012"}}'
    assert told(odd).origin == {}
    for wrong in (
        b'{"format": "svg", "origin": {}}',
        b'{"origin": {}}',
        b'{"format": "png", "origin": 7}',
        b"[]",
        b"{",
    ):
        with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
            told(wrong)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """The limit is what refuses a picture that needs more; the same picture is taken with the limit in use."""
    data = encoded(Image.new("L", (6_000, 6_000), 128), "PNG")
    tight = Sandbox(images.TASKS, replace(images.LIMITS, memory_bytes=300 << 20))
    try:
        with pytest.raises(FileUnreadable, match="memory"):
            images.rebuild(tight, data)
    finally:
        tight.close()
