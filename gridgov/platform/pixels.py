"""A picture made anew from its pixels, so that nothing else of the file is in it; run in a child of `sandbox`.

Owns decoding, turning upright, sRGB, and the two JPEG files that come out (picture and preview). Does not own what is
kept of where it was taken (`exif`), nor who may send how much (`images`).
Always JPEG: one form to prove bare, shown by every browser; what was transparent becomes white.
"""

from __future__ import annotations

import io
import json
import warnings
from contextlib import suppress

import pi_heif
from PIL import Image, ImageCms, ImageFile

from gridgov.platform import exif
from gridgov.platform.errors import BadInput, TooLarge
from gridgov.platform.images import HEAD, MAX_PIXELS, MAX_SIDE, PREVIEW_SIDE

MAX_PROFILE_BYTES = 4 << 20  # of a printing press, the largest in use, some 2 MB
QUALITY, PREVIEW_QUALITY = 88, 78
FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp", "HEIF": "heic"}
FRAMED = frozenset({"PNG", "WEBP", "HEIF"})  # a second picture in a JPEG (MPO) is a phone's brightness map
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SEVERAL = "Send one photo a file, without movement."
ANEW = "Take or save the photo anew and send that."


class NoPicture(BadInput):
    code = "not-a-picture"


class PictureBroken(BadInput):
    code = "picture-broken"


class PictureMoves(BadInput):
    code = "picture-has-frames"


class TooManyPixels(TooLarge):
    code = "too-many-pixels"


def warm_up() -> None:
    """All that Pillow reads from disk when it is first used; a child can read nothing."""
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.init()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        sample = io.BytesIO()
        Image.new("RGB", (16, 16), "red").save(sample, kind, icc_profile=profile, exif=Image.Exif())
        rebuild(sample.getvalue())
    with suppress(NoPicture):
        rebuild(b"\0\0\0\x18ftypheic")


def rebuild(data: bytes) -> bytes:
    """The file's picture as `HEAD`, facts, picture, preview. Raises `NoPicture`, `PictureBroken`, `PictureMoves`,
    `TooManyPixels`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = _opened(data)
        kind = FORMATS[str(image.format)]
        try:
            found = image.getexif()
            turn, told = exif.orientation(found), exif.origin(found)
        except Exception:  # fields nobody can read are no reason to refuse the photo
            turn, told = 1, {}
        try:
            image.load()
            # Step by step under one name: each copy takes 4 bytes a pixel, and the one before it goes.
            image = _in_rgb(image)
            image = _turned(image, turn)
            image = _bare(image)
        except MemoryError:
            raise
        except Exception:
            raise PictureBroken("The picture is cut off or damaged.", field="file", remedy=ANEW) from None
    facts = {"format": kind, "width": image.width, "height": image.height, "origin": told}
    return packed(facts, _jpeg(image, QUALITY), _jpeg(_preview(image), PREVIEW_QUALITY))


def packed(facts: object, picture: bytes, preview: bytes) -> bytes:
    head = json.dumps(facts).encode()
    return HEAD.pack(len(head), len(picture)) + head + picture + preview


def _opened(data: bytes) -> Image.Image:
    """The file's header, read and judged; no pixel is decoded."""
    try:
        source = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "HEIF"))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many() from None
    except MemoryError:
        raise
    except Exception:
        raise NoPicture(
            "The file is no JPEG, PNG, WebP or HEIC picture.",
            field="file",
            remedy="Send a photo in one of these forms; what the file is called does not matter.",
        ) from None
    width, height = source.size
    if width < 1 or height < 1:
        raise PictureBroken("The picture has no pixels.", field="file", remedy=ANEW)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_many()
    if source.format in FRAMED and getattr(source, "n_frames", 1) > 1:
        raise PictureMoves("The file holds several pictures or moves.", field="file", remedy=SEVERAL)
    return source


def _too_many() -> TooManyPixels:
    return TooManyPixels(
        f"A picture has at most {MAX_PIXELS // 1_000_000} million pixels and {MAX_SIDE:,} a side.",
        field="file",
        remedy="Send it in a smaller size.",
    )


def _in_rgb(image: Image.Image) -> Image.Image:
    """As screens show it (sRGB), on white. A profile that cannot be used counts as absent."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 257).convert("L")  # 16 bits
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        image = _on_white(image)
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    if isinstance(profile, bytes) and 128 < len(profile) <= MAX_PROFILE_BYTES:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not ImageCms.getProfileDescription(meant).startswith("sRGB"):
                shown = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, meant, shown, outputMode="RGB")
                assert converted is not None  # it is asked for a new one
                return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    clear = image if image.mode == "RGBA" else image.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def _turned(image: Image.Image, turn: int) -> Image.Image:
    return image.transpose(TURNS[turn]) if turn in TURNS else image


def _bare(image: Image.Image) -> Image.Image:
    """A new image of the pixels alone: what Pillow carries along in `info`, it would write out again."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _preview(picture: Image.Image) -> Image.Image:
    scale = min(1.0, PREVIEW_SIDE / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling="4:2:0")
    return out.getvalue()
