"""`python -m tests.bench.growth_plot`: draws build/growth.json as docs/img/growth.svg, and says the exponents.

Curves on doubly logarithmic axes: a straight line of slope 1 grows with the number of rows, a level one not at all.
Colours are read on white and on black alike.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parents[2]
FIGURES, OUT = ROOT / "build" / "growth.json", ROOT / "docs" / "img" / "growth.svg"
GREY = "#7a7f87"
COLOURS = ("#3b82c4", "#d9822b", "#3f9a6c", "#b8567f", "#8a6fc2")
FROM = 100_000  # exponents are told from here on


def main() -> None:
    decades = json.loads(FIGURES.read_text(encoding="utf-8"))
    panels: list[tuple[str, dict[str, list[tuple[float, float]]]]] = [
        ("load, seconds", {
            "durable": series(decades, "load_s"), "indexed": series(decades, "index_s"),
            "part of the city": series(decades, "attach_s"),
        }),
        ("counts, ms", {
            "by grid": of(decades, "choropleth"), "another filter": of(decades, "choropleth, closed alone"),
            "SQL": series(decades, "sql_ms"),
        }),
        ("tiles, ms", {f"z {zoom}": of(decades, f"tile z{zoom}") for zoom in (10, 12, 14)}),
        ("page of a list, ms", {"50 rows": of(decades, "page of a list")}),
        ("memory of the server, MB", {
            "its own": series(decades, "server_mb"), "mapped files too": series(decades, "resident_mb"),
        }),
        ("disk, bytes a row", {
            "all": disk(decades, "all"), "rows": disk(decades, "rows"), "keys": disk(decades, "keys"),
        }),
    ]  # fmt: skip
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
    figure, axes = plt.subplots(2, 3, figsize=(9, 5.2), layout="constrained")
    figure.patch.set_alpha(0.0)
    for axis, (title, lines) in zip(axes.flat, panels, strict=True):
        panel(axis, title, lines)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT, transparent=True, metadata={"Date": None})
    for title, lines in panels:
        for name, points in lines.items():
            sys.stdout.write(f"{title}, {name}: {exponent(points):.2f}\n")


def series(decades: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(one["n"], one[name]) for one in decades if one[name] > 0]


def of(decades: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(one["n"], one["ms"][name]) for one in decades if name in one["ms"]]


def disk(decades: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(one["n"], one["disk"][name] / one["n"]) for one in decades if name in one["disk"]]


def exponent(points: list[tuple[float, float]]) -> float:
    """The slope of the line through the logarithms, from 10^5 on; NaN with fewer than two points."""
    late = np.log10(np.array([one for one in points if one[0] >= FROM]))
    return float(np.polyfit(late[:, 0], late[:, 1], 1)[0]) if len(late) > 1 else float("nan")


def panel(axis: Any, title: str, lines: dict[str, list[tuple[float, float]]]) -> None:
    axis.patch.set_alpha(0.0)
    axis.set_title(title, color=GREY, fontsize=10)
    axis.set(xscale="log", yscale="log")
    for colour, (name, points) in zip(COLOURS, lines.items(), strict=False):
        if points:
            x, y = zip(*points, strict=True)
            axis.plot(x, y, "o-", color=colour, label=name, markersize=4, linewidth=1.6)
    axis.tick_params(colors=GREY, which="both")
    axis.grid(True, which="major", color=GREY, alpha=0.25)
    for spine in axis.spines.values():
        spine.set_color(GREY)
    axis.legend(frameon=False, labelcolor=GREY, fontsize=8)


if __name__ == "__main__":
    main()
