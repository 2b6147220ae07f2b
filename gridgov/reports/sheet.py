"""One A4 page for the morning meeting, as PNG or PDF: map, figures, what is rising, findings in sentences.

Owns where things stand on the page. Does not own which facts they are (`briefing`), colours (`shading`), words
(`wording`) nor the font (`fonts`).
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.text import Text

from gridgov.reports import wording
from gridgov.reports.briefing import Briefing, Kind
from gridgov.reports.fonts import Face, face
from gridgov.reports.shading import shading
from gridgov.reports.wording import Language

INK, SOFT, LINE, ACCENT, STREET, RING = "#1c2126", "#5b6570", "#d9dee3", "#1257a8", "#d3d8dd", "#1c2126"
WIDE_MM, HIGH_MM, EDGE_MM = 210.0, 297.0, 14.0
DPI = 200
KEY_MM = 52.0
SIZES = {"title": 19.0, "second": 10.5, "figure": 17.0, "text": 8.8, "small": 7.4}
PT_MM = 25.4 / 72
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a family without a bold face is no news


def drawn(shown: Briefing, form: str, *, language: str = "both", font: Path | None = None) -> bytes:
    """The page as `png` or `pdf`. The same facts give the same page. Raises `NoFont`."""
    words = wording.of(shown, Language(language))
    found = face(words.texts(), font=font)
    with matplotlib.rc_context(_settings(found)):
        return _saved(page_of(shown, words, found), form, shown)


def page_of(shown: Briefing, words: wording.Words, found: Face) -> Figure:
    """The page with everything on it, not saved yet."""
    with matplotlib.rc_context(_settings(found)):
        page = Figure(figsize=(WIDE_MM / 25.4, HIGH_MM / 25.4), facecolor="white")
        _Sheet(page, shown, words).draw()
        return page


def _settings(found: Face) -> Any:
    return {"font.family": list(found.families), "text.parse_math": False, "axes.unicode_minus": False}


def texts_of(page: Figure) -> list[str]:
    """Everything that is written on a page."""
    return [one.get_text() for one in page.findobj(Text)]


def _saved(page: Figure, form: str, shown: Briefing) -> bytes:
    out = io.BytesIO()
    made = shown.made_at.astimezone(shown.city.zone)
    about = {"CreationDate": made, "Creator": "gridgov", "Producer": "gridgov"} if form == "pdf" else {"Software": None}
    page.savefig(out, format=form, dpi=DPI, metadata=about)
    return out.getvalue()


class _Sheet:
    """Places things by millimetres from the upper left corner."""

    def __init__(self, page: Figure, shown: Briefing, words: wording.Words) -> None:
        self.page, self.shown, self.words = page, shown, words

    def draw(self) -> None:
        below = self._head(EDGE_MM)
        below = self._figures(below + 5)
        foot = HIGH_MM - EDGE_MM - 14
        sentences = self._wrapped()
        needed = 6.0 + sum(len(lines) * 4.4 + 1.2 for lines in sentences)
        lower = 44.0
        map_high = foot - below - 6 - needed - lower - 12
        self._map(below + 5, max(map_high, 70.0))
        at = below + 5 + max(map_high, 70.0) + 6
        self._days(at, lower - 8)
        self._list(at, lower - 8)
        self._sentences(at + lower + 2, sentences)
        self._foot(foot)

    def text(self, x: float, y: float, said: str, size: str = "text", **more: Any) -> None:
        style = {"color": INK, "va": "baseline", "ha": "left", "fontsize": SIZES[size], **more}
        self.page.text(x / WIDE_MM, 1 - y / HIGH_MM, said, **style)

    def axes(self, x: float, y: float, wide: float, high: float) -> Axes:
        return self.page.add_axes((x / WIDE_MM, 1 - (y + high) / HIGH_MM, wide / WIDE_MM, high / HIGH_MM))

    def rule(self, y: float) -> None:
        place = Rectangle((EDGE_MM / WIDE_MM, 1 - y / HIGH_MM), 1 - 2 * EDGE_MM / WIDE_MM, 0.25 / HIGH_MM)
        place.set(transform=self.page.transFigure, facecolor=LINE, edgecolor="none")
        self.page.add_artist(place)

    def _head(self, y: float) -> float:
        self.text(EDGE_MM, y + 7, self.words.title, "title", fontweight="bold")
        at = y + 7
        for line in self.words.under_title:
            at += 5.6
            self.text(EDGE_MM, at, line, "second", color=SOFT)
        self.rule(at + 4)
        return at + 4

    def _figures(self, y: float) -> float:
        wide = (WIDE_MM - 2 * EDGE_MM) / max(len(self.words.figures), 1)
        for place, (value, label, note) in enumerate(self.words.figures):
            x = EDGE_MM + place * wide
            self.text(x, y + 7, value, "figure", fontweight="bold")
            self.text(x, y + 12, label, "small", color=SOFT)
            self.text(x, y + 16, note, "small", color=SOFT)
        return y + 17

    def _map(self, y: float, high: float) -> None:
        axes = self.axes(EDGE_MM, y, WIDE_MM - 2 * EDGE_MM - KEY_MM - 4, high)
        axes.set_axis_off()
        shown, look = self.shown, shading(self.shown)
        if not len(shown.shapes):
            return
        west, south, east, north = shapely.total_bounds(np.array(shown.shapes, dtype=object))
        narrow = math.cos(math.radians((south + north) / 2))
        pad = 0.01 * max(east - west, north - south)
        axes.set(xlim=(west - pad, east + pad), ylim=(south - pad, north + pad))
        axes.set_aspect(1 / narrow, anchor="C")
        fine = 0.25 if len(shown.shapes) > 400 else 0.4
        for shape, colour in zip(shown.shapes, look.colours, strict=True):
            axes.add_patch(PathPatch(_outline(shape), facecolor=colour, edgecolor="white", linewidth=fine, zorder=1))
        lines = [np.asarray(part.coords) for one in shown.streets for part in _parts(one)]
        axes.add_collection(LineCollection(lines, colors="#8a949e", linewidths=0.25, alpha=0.35, zorder=2))
        whole = shapely.union_all(np.array(shown.shapes, dtype=object))
        axes.add_patch(PathPatch(_outline(whole), facecolor="none", edgecolor=SOFT, linewidth=0.8, zorder=3))
        self._rings(axes)
        self._key(y)
        self._scale(axes, narrow, west, east, south, north)

    def _rings(self, axes: Axes) -> None:
        """Clusters with their numbers, and areas in which something is rising."""
        shown = self.shown
        at = {area.id: shape for area, shape in zip(shown.areas, shown.shapes, strict=True)}
        around = [shapely.union_all([at[area.id] for area in one.areas if area.id in at]) for one in shown.clusters]
        if shown.kind is Kind.TREND:
            around += [at[area_id] for area_id in sorted(shown.rising_ids & at.keys())]
        for whole in around:
            axes.add_patch(PathPatch(_outline(whole), facecolor="none", edgecolor=RING, linewidth=1.3, zorder=5))
        low, high = axes.get_xlim()
        step = (high - low) * 0.035
        placed: list[tuple[float, float]] = []
        for number, whole in enumerate(around[: len(shown.clusters)], start=1):
            middle = shapely.point_on_surface(whole)
            x, y = middle.x, middle.y
            while any(math.hypot(x - other[0], y - other[1]) < 1.6 * step for other in placed):
                x += step
            placed.append((x, y))
            if x != middle.x:
                axes.plot([middle.x, x], [middle.y, y], color=RING, linewidth=0.7, zorder=5)
            axes.text(
                x, y, str(number), fontsize=SIZES["small"], ha="center", va="center", color="white", zorder=6,
                bbox={"boxstyle": "circle,pad=0.25", "facecolor": RING, "edgecolor": "white", "lw": 0.6},
            )  # fmt: skip

    def _key(self, y: float) -> None:
        """To the right of the map, from its upper edge down."""
        x, at = WIDE_MM - EDGE_MM - KEY_MM, y + 3.0
        for line in self.words.key:
            for part in _lines(line, KEY_MM, SIZES["small"]):
                self.text(x, at, part, "small", fontweight="bold" if line == self.words.key[0] else "normal")
                at += 3.7
        at += 1.5
        for entry in shading(self.shown).entries:
            self._swatch(x, at - 2.9, entry.colour, "#aab2ba", 0.4)
            self.text(WIDE_MM - EDGE_MM, at, f"{entry.number:,}", "small", color=SOFT, ha="right")
            at = self._lines_at(x + 8, at, self.words.entry(entry))
        if self.words.rings:
            self._swatch(x, at - 2.9, "none", RING, 1.3)
            self._lines_at(x + 8, at, self.words.rings)

    def _lines_at(self, x: float, y: float, lines: Sequence[str]) -> float:
        for place, line in enumerate(lines):
            self.text(x, y, line, "small", color=SOFT if place else INK)
            y += 3.6
        return y + 2.2

    def _swatch(self, x: float, y: float, fill: str, edge: str, width: float) -> None:
        box = Rectangle((x / WIDE_MM, 1 - (y + 3.6) / HIGH_MM), 6 / WIDE_MM, 3.6 / HIGH_MM)
        box.set(transform=self.page.transFigure, facecolor=fill, edgecolor=edge, linewidth=width)
        self.page.add_artist(box)

    def _scale(self, axes: Axes, narrow: float, west: float, east: float, south: float, north: float) -> None:
        across_m = (east - west) * 111_320 * narrow
        length_m = next(n for n in (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 0) if n <= across_m / 4)
        if not length_m:
            return
        long = length_m / (111_320 * narrow)
        y, tick = south - 0.0, 0.006 * (north - south)
        x = west
        axes.plot(
            [x, x, x + long, x + long], [y + tick, y, y, y + tick], color=INK, linewidth=0.9, clip_on=False, zorder=7
        )
        said = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m} m"
        axes.text(
            x + long / 2, y + 1.6 * tick, said, fontsize=SIZES["small"], ha="center", va="bottom", color=INK, zorder=7
        )

    def _days(self, y: float, high: float) -> None:
        wide = (WIDE_MM - 2 * EDGE_MM) * 0.44
        self.text(EDGE_MM, y, self.words.days_title, "text", fontweight="bold")
        days = self.shown.days
        if not len(days) or self.shown.first is None:
            return
        axes = self.axes(EDGE_MM, y + 3, wide, high - 5)
        axes.bar(np.arange(len(days)), days, width=0.8, color=ACCENT)
        axes.set(xlim=(-0.6, len(days) - 0.4), ylim=(0, max(int(days.max()) * 1.12, 1)))
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(SOFT)
        axes.tick_params(length=0, labelsize=SIZES["small"], labelcolor=SOFT)
        axes.set_xticks(*self.words.day_ticks(len(days)))
        axes.set_yticks([])
        top = int(days.argmax())
        said = f"{int(days.max()):,}"
        axes.text(top, int(days.max()), said, fontsize=SIZES["small"], ha="center", va="bottom", color=INK)
        if self.shown.before_total is not None:
            usual = self.shown.before_total / len(days)
            axes.axhline(usual, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)))

    def _list(self, y: float, high: float) -> None:
        x = EDGE_MM + (WIDE_MM - 2 * EDGE_MM) * 0.5
        self.text(x, y, self.words.list_title, "text", fontweight="bold")
        at = y + 6
        for name, value, change in self.words.listed:
            if at > y + high:
                break
            self.text(x, at, _cut(name, 64, SIZES["small"]), "small")
            self.text(
                WIDE_MM - EDGE_MM - (13 if any(one[2] for one in self.words.listed) else 0),
                at,
                value,
                "small",
                ha="right",
            )
            self.text(WIDE_MM - EDGE_MM, at, change, "small", ha="right", color=SOFT)
            at += 4.6

    def _wrapped(self) -> list[list[str]]:
        return [_lines(one, WIDE_MM - 2 * EDGE_MM - 1, SIZES["text"]) for one in self.words.sentences]

    def _sentences(self, y: float, sentences: Sequence[Sequence[str]]) -> None:
        at = y + 3
        for lines in sentences:
            for line in lines:
                self.text(EDGE_MM, at, line)
                at += 4.4
            at += 1.2

    def _foot(self, y: float) -> None:
        self.rule(y)
        at = y + 4.5
        for line in [
            part for one in self.words.foot for part in _lines(one, WIDE_MM - 2 * EDGE_MM - 5, SIZES["small"])
        ]:
            self.text(EDGE_MM, at, line, "small", color=SOFT)
            at += 3.6


def _wide_mm(text: str, size: float) -> float:
    """About how wide a text is: a Chinese character one em, others a little over half."""
    return sum(1.0 if ord(letter) > 0x2E80 else 0.5 for letter in text) * size * PT_MM


def _lines(text: str, wide_mm: float, size: float) -> list[str]:
    """Breaks between words, and between any two Chinese characters, but not before what closes a clause."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _wide_mm(line + piece.rstrip(), size) > wide_mm:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in text:
        own = ord(letter) > 0x2E80
        closing = letter in "，。；：、）％%）.,;:)!?”"
        if pieces and (closing or (not own and not pieces[-1].endswith(" ") and ord(pieces[-1][-1]) <= 0x2E80)):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _cut(text: str, wide_mm: float, size: float) -> str:
    if _wide_mm(text, size) <= wide_mm:
        return text
    while text and _wide_mm(text + "…", size) > wide_mm:
        text = text[:-1]
    return text + "…"


def _parts(shape: Any) -> Iterable[Any]:
    return list(getattr(shape, "geoms", [shape]))


def _outline(shape: Any) -> Outline:
    """Rings of a polygon or of several as one path; holes by the winding that shapely gives them."""
    rings = []
    for part in _parts(shapely.orient_polygons(shape)):
        if part.geom_type == "Polygon" and not part.is_empty:
            rings += [np.asarray(ring.coords)[:, :2] for ring in (part.exterior, *part.interiors)]
    if not rings:
        return Outline(np.zeros((0, 2)))
    codes = [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
    return Outline(np.concatenate(rings), np.concatenate(codes))
