"""A font that has every character of a page: found on this machine, or named; never squares.

Owns the search and the check. Does not own what is drawn (`sheet`). The platform ships no font: Noto Sans CJK (SIL Open
Font License) comes with the system, as the package fonts-noto-cjk or google-noto-sans-cjk-fonts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from gridgov.platform.errors import BadInput

FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
)  # fmt: skip
LATIN = "DejaVu Sans"  # comes with matplotlib
REMEDY = (
    "Install Noto Sans CJK (Debian, Ubuntu: apt-get install fonts-noto-cjk; Fedora: google-noto-sans-cjk-fonts), "
    "or name a font file with --font."
)


class NoFont(BadInput):
    """No font here has the characters of the page."""

    code = "no-font"


@dataclass(frozen=True)
class Face:
    """Families in the order in which a character is looked for, and what they have."""

    families: tuple[str, ...]
    known: frozenset[int]

    def lacking(self, texts: Iterable[str]) -> str:
        """The characters of the texts that no family has, each once, in order."""
        wanted = {letter for one in texts for letter in one if not letter.isspace()}
        return "".join(sorted(letter for letter in wanted if ord(letter) not in self.known))


def face(texts: Iterable[str], *, font: Path | None = None, families: tuple[str, ...] = FAMILIES) -> Face:
    """The first family that, with the Latin one behind it, has every character. `font`: a file to take instead.

    Raises `NoFont`, which names the characters.
    """
    needed = list(texts)
    tried = [_named(font)] if font is not None else [name for name in (*families, LATIN) if _installed(name)]
    best = ""
    for name in tried:
        found = Face((name, LATIN), _characters(name) | _characters(LATIN))
        missing = found.lacking(needed)
        if not missing:
            return found
        best = missing if not best or len(missing) < len(best) else best
    shown = best[:20] + ("…" if len(best) > 20 else "")
    raise NoFont(
        f"No font of this machine has these characters: {shown}" if font is None else f"{font} lacks: {shown}",
        field="font",
        remedy=REMEDY,
    )


def _named(font: Path) -> str:
    try:
        font_manager.fontManager.addfont(str(font))
        return str(FT2Font(str(font)).family_name)
    except (OSError, RuntimeError) as problem:
        raise NoFont(f"{font} cannot be read as a font.", field="font", remedy=REMEDY) from problem


def _installed(name: str) -> bool:
    known = font_manager.fontManager
    if any(one.name == name for one in known.ttflist):
        return True
    files = {one.fname for one in known.ttflist}
    for path in font_manager.findSystemFonts():  # installed since matplotlib looked last
        if path not in files and name.split(maxsplit=1)[0].lower() in Path(path).stem.lower():
            known.addfont(path)
    return any(one.name == name for one in known.ttflist)


def _characters(name: str) -> frozenset[int]:
    path = font_manager.findfont(FontProperties(family=name), fallback_to_default=False)
    return frozenset(FT2Font(path).get_charmap())
