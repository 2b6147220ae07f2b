"""What is wrong with a page for somebody who reads it by ear or works it by keyboard.

Owns axe's rules run on a page (axe-core, MPL-2.0, used while developing alone and shipped to nobody) and the walk along
the Tab key. Does not own which pages are looked at (`pages.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

MOST_STOPS, MOST_PARTS = 1500, 8

# Every element that the Tab key should reach: visible, enabled, not taken out by hand; of a group of radio buttons the
# one that stands for it. The list is kept in the page, where each stop is looked up in it.
REACHABLE = """() => {
  const all = [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]"
  )].filter((item) => item.tabIndex >= 0 && !item.disabled && !item.closest("[inert], [disabled]")
    && item.type !== "hidden" && item.checkVisibility({ visibilityProperty: true }));
  const groups = new Map();
  const stops = all.filter((item) => {
    if (item.type !== "radio" || item.name === "") return true;
    const key = item.name + "/" + (item.form?.id ?? "");
    const group = groups.get(key) ?? [];
    groups.set(key, [...group, item]);
    return false;
  });
  for (const group of groups.values()) stops.push(group.find((item) => item.checked) ?? group[0]);
  window.__stops = stops;
  window.__seen = new Set();
  const scope = document.querySelector("dialog[open]:modal");
  window.__wanted = scope === null ? stops : stops.filter((item) => scope.contains(item));
  return window.__wanted.length;
}"""

# What stands around an element, as far as it can tell that it has the focus: styles of itself, of its label, of what is
# around and beside it, and the crosshair of a map.
LOOK = """
  const look = (item) => {
    const map = item.closest(".map-canvas, .map-view")?.parentElement;
    const near = [item, ...(item.labels ?? []), item.parentElement, item.parentElement?.parentElement,
      item.matches("[type=radio], [type=checkbox]") ? item.nextElementSibling : null, item.closest(".segmented"),
      ...(map?.querySelectorAll(".crosshair") ?? [])].filter((one) => one instanceof Element);
    return near.map((one) => {
      const style = getComputedStyle(one);
      return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor,
        style.backgroundColor, style.visibility, style.opacity, style.clipPath, style.transform, style.top].join(" ");
    }).join("|");
  };
"""
STOP = (
    """() => {
"""
    + LOOK
    + """
  const before = window.__at ?? null;
  const lost = before !== null && before.isConnected && window.__look === look(before) ? before : null;
  const at = document.activeElement;
  if (at === null || at === document.body || at === document.documentElement) {
    window.__at = null;
    return { end: true, unmarked: lost?.outerHTML.slice(0, 160) ?? null };
  }
  const again = window.__seen.has(at);
  window.__seen.add(at);
  window.__at = at;
  if (before !== at) window.__look = look(at);
  const box = at.getBoundingClientRect();
  const labelled = (at.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const name = at.getAttribute("aria-label") || labelled || at.labels?.[0]?.textContent || at.textContent || at.title;
  const host = at.labels?.[0]?.getBoundingClientRect() ?? box;
  const seen = [box, host].some((one) => one.right > 0 && one.bottom > 0 && one.left < innerWidth
    && one.top < innerHeight);
  const same = before === at;
  return { end: false, again: again && !same, same, name: (name ?? "").trim(), inside: seen,
    what: at.outerHTML.slice(0, 160), unmarked: lost === null || lost === at ? null : lost.outerHTML.slice(0, 160) };
}"""
)
MISSED = """() => window.__wanted.filter((item) => item.isConnected && !window.__seen.has(item)
    && !(item.type === "radio" && [...window.__seen].some((one) => one.type === "radio" && one.name === item.name)))
  .map((item) => item.outerHTML.slice(0, 160))"""


def faults(page: Page) -> list[str]:
    """Everything that axe finds: rule, place, and what is wrong there."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for item in found
        for node in item["nodes"]
    ]


@dataclass(frozen=True)
class Walked:
    """A walk along the Tab key. Each list names elements by their HTML: with no name, outside the screen, without a
    mark while they have the focus, not reached; `trap`: where the walk went on for ever."""

    stops: int
    nameless: list[str]
    outside: list[str]
    unmarked: list[str]
    missed: list[str]
    trap: str | None

    @property
    def wrong(self) -> list[str]:
        said = {"no name": self.nameless, "outside the screen": self.outside, "focus not seen": self.unmarked}
        found = [f"{what}: {item}" for what, items in (said | {"not reached": self.missed}).items() for item in items]
        return found + ([f"trap: {self.trap}"] if self.trap else [])


def walk(page: Page) -> Walked:
    """By Tab through the whole page: from where the focus was, over the end, where the browser's own controls begin, to
    the first stop again. Coming to a stop again without all others in between is a trap."""
    page.evaluate("() => { document.activeElement?.blur(); window.__at = null; }")
    page.evaluate(REACHABLE)
    nameless, outside, unmarked = [], [], []
    stops = ends = parts = 0
    again: str | None = None
    while again is None and ends < 3 and stops < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop["unmarked"]:
            unmarked.append(stop["unmarked"])
        parts = parts + 1 if stop.get("same") else 0
        if stop["end"]:
            ends += 1
        elif parts:  # year, month, day … of a field for dates
            again = stop["what"] if parts > MOST_PARTS else None
        elif stop["again"]:
            again = stop["what"]
        else:
            stops += 1
            nameless += [] if stop["name"] else [stop["what"]]
            outside += [] if stop["inside"] else [stop["what"]]
    missed = list(page.evaluate(MISSED))
    trapped = bool(missed) and ends < 2 and again is not None
    return Walked(stops, nameless, outside, unmarked, missed, again if trapped else None)
