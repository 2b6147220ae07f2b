// Owns the areas of the city on the map: filled by class, their borders, the one that is outlined, their names.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import { LEVELS, type Level } from "../../api/city";
import { zoomed } from "../expressions";
import { FONT, PALETTES } from "../palette";
import { type Base, drawn, type Fragment, tiled } from "./fragment";

const EDGE_WIDTH: Readonly<Record<Level, number>> = { district: 3, subdistrict: 2, community: 1.25, grid: 0.6 };
const EDGE_FROM: Readonly<Record<Level, number>> = { district: 0, subdistrict: 0, community: 0, grid: 12.5 };

const ofLevel = (level: Level): FilterSpecification => ["==", ["get", "level"], level];

interface Choropleth {
  readonly level: Level;
  /** One a class, from low to high. */
  readonly colours: readonly string[];
  /** Classes that are switched off. */
  readonly hidden: readonly number[];
  readonly shown: boolean;
  readonly opacity?: number;
}

/** The class of an area is put on it as feature state `c`; the areas of other levels and of hidden classes are not filled. */
export function choropleth(base: Base, { level, colours, hidden, shown, opacity = 0.82 }: Choropleth): Fragment {
  const palette = PALETTES[base.theme];
  const pairs = colours.flatMap((colour, index) => [index, colour]);
  const state: ExpressionSpecification = ["coalesce", ["feature-state", "c"], -1];
  const off: ExpressionSpecification[] = hidden.map((index) => ["==", state, index]);
  /** From street level on the base map shows through. */
  const seen = (full: number): ExpressionSpecification => ["case", ["any", ["<", state, 0], ...off], 0, full];
  const layer: LayerSpecification = {
    id: "choropleth",
    type: "fill",
    source: "areas",
    "source-layer": "areas",
    filter: ofLevel(level),
    layout: { visibility: shown ? "visible" : "none" },
    paint: {
      "fill-color": (pairs.length === 0
        ? palette.ground
        : ["match", state, ...pairs, palette.block]) as DataDrivenPropertyValueSpecification<string>,
      "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14, seen(opacity), 16, seen(opacity * 0.6)] as unknown as ExpressionSpecification,
    },
  };
  return { sources: tiled(base, "areas"), layers: [layer] };
}

/** Borders of the shown level and those above it, thicker with the level. */
export function edges(base: Base, shown: Level, levels: readonly Level[]): Fragment {
  const palette = PALETTES[base.theme];
  const drawn = LEVELS.slice(0, LEVELS.indexOf(shown) + 1).filter((level) => levels.includes(level));
  const layers = LEVELS.toReversed().map((level): LayerSpecification => ({
    id: `edge-${level}`,
    type: "line",
    source: "areas",
    "source-layer": "areas",
    minzoom: level === shown ? 0 : EDGE_FROM[level],
    filter: ofLevel(level),
    layout: { "line-join": "round", visibility: drawn.includes(level) ? "visible" : "none" },
    paint: {
      "line-color": palette.edge,
      "line-opacity": level === "grid" ? 0.45 : 0.7,
      "line-width": zoomed(10, EDGE_WIDTH[level] * 0.6, 16, EDGE_WIDTH[level] * 1.4),
    },
  }));
  return { sources: tiled(base, "areas"), layers };
}

/** The chosen area by its tile id: outlined, not filled. null = none. */
export function outline(base: Base, id: string | null): Fragment {
  const palette = PALETTES[base.theme];
  const line = (layer: string, colour: string, width: number): LayerSpecification => ({
    id: layer,
    type: "line",
    source: "areas",
    "source-layer": "areas",
    filter: id === null ? ["boolean", false] : ["==", ["to-string", ["get", "id"]], id],
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  return { sources: tiled(base, "areas"), layers: [line("outline-halo", palette.halo, 7), line("outline", palette.accent, 3.5)] };
}

/** Names with a figure beneath, from the points that the page gives as `labels` (properties: name, figure, weight). */
export function areaNames(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "area-name",
      type: "symbol",
      source: "labels",
      layout: {
        "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "figure"], { "font-scale": 0.92 }] as ExpressionSpecification,
        "text-font": [FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, 12, 16, 14],
        "text-max-width": 9,
        "text-padding": 6,
        "symbol-sort-key": ["-", 0, ["get", "weight"]],
      },
      paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 1.75 },
    },
  ];
  return { sources: drawn("labels"), layers };
}
