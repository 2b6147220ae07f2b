// Owns how plans are drawn: their grids by class, what is chosen, ground that changes its grid, communities to choose, places of findings.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { zoomed } from "../expressions";
import { FONT, PALETTES } from "../palette";
import { type Base, drawn, type Fragment, tiled } from "./fragment";

export const GRIDS = "plan-grids";
export const GRID_NAMES = "plan-names";
export const MOVED = "plan-moved";
export const MARKS = "plan-marks";
/** The layers in which a grid, or a community, can be pointed at. */
export const GRID_FILL = "plan-fill";
export const COMMUNITY_FILL = "plan-community";

interface Look {
  /** Colour of each class that a grid may have (property `class`). */
  readonly colours: Readonly<Record<string, string>>;
  /** Classes that are switched off. */
  readonly hidden: readonly string[];
}

/** Grids of a plan, from the features that the page gives as `plan-grids` (properties: key, class). */
export function planGrids(base: Base, { colours, hidden }: Look): Fragment {
  const palette = PALETTES[base.theme];
  const pairs = Object.entries(colours).flat();
  const colour = (pairs.length === 0 ? palette.block : ["match", ["get", "class"], ...pairs, palette.block]) as DataDrivenPropertyValueSpecification<string>;
  const seen: ExpressionSpecification = ["case", ["in", ["get", "class"], ["literal", [...hidden]]], 0.08, 0.78];
  return { sources: drawn(GRIDS), layers: [{ id: GRID_FILL, type: "fill", source: GRIDS, paint: { "fill-color": colour, "fill-opacity": seen } }] };
}

/** Their borders, above streets; those that are chosen are outlined, by their `key`. */
export function planEdges(base: Base, chosen: readonly string[]): Fragment {
  const palette = PALETTES[base.theme];
  const picked: ExpressionSpecification = ["in", ["get", "key"], ["literal", [...chosen]]];
  const layers: LayerSpecification[] = [
    {
      id: "plan-edge",
      type: "line",
      source: GRIDS,
      layout: { "line-join": "round" },
      paint: { "line-color": palette.edge, "line-opacity": 0.85, "line-width": zoomed(11, 0.6, 16, 2) },
    },
    { id: "plan-chosen-halo", type: "line", source: GRIDS, filter: picked, layout: { "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 6 } },
    { id: "plan-chosen", type: "line", source: GRIDS, filter: picked, layout: { "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": 3 } },
  ];
  return { sources: drawn(GRIDS), layers };
}

/** Names and figures of grids, where they fit: points given as `plan-names` (properties: name, figure, weight). */
export function planNames(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layer: LayerSpecification = {
    id: "plan-name",
    type: "symbol",
    source: GRID_NAMES,
    minzoom: 13,
    layout: {
      "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "figure"], { "font-scale": 0.92 }] as ExpressionSpecification,
      "text-font": [FONT],
      "text-size": 12,
      "text-max-width": 8,
      "text-padding": 4,
      "symbol-sort-key": ["-", 0, ["get", "weight"]],
    },
    paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 1.75 },
  };
  return { sources: drawn(GRID_NAMES), layers: [layer] };
}

/** Ground that changes its grid: its outline where that is known, else a dot as large as its households. */
export function movedGround(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const outlined: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
  const layers: LayerSpecification[] = [
    { id: "plan-moved", type: "fill", source: MOVED, filter: outlined, paint: { "fill-color": palette.accent, "fill-opacity": 0.38 } },
    { id: "plan-moved-edge", type: "line", source: MOVED, filter: outlined, paint: { "line-color": palette.accent, "line-width": 1.2 } },
    {
      id: "plan-moved-dot",
      type: "circle",
      source: MOVED,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "households"]], 0, 2, 15, 12],
        "circle-color": palette.accent,
        "circle-opacity": 0.55,
        "circle-stroke-color": palette.halo,
        "circle-stroke-width": 1,
      },
    },
  ];
  return { sources: drawn(MOVED), layers };
}

/** Where there is something to look at: points given as `plan-marks`. */
export function marks(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    { id: "plan-mark", type: "circle", source: MARKS, paint: { "circle-radius": 9, "circle-color": palette.halo, "circle-stroke-color": palette.ink, "circle-stroke-width": 2 } },
    { id: "plan-mark-sign", type: "symbol", source: MARKS, layout: { "text-field": "!", "text-font": [FONT], "text-size": 13, "text-allow-overlap": true }, paint: { "text-color": palette.ink } },
  ];
  return { sources: drawn(MARKS), layers };
}

/** Communities as ground: chosen ones in the accent, those of a plan in a light wash (feature states `chosen`, `there`). */
export function communities(base: Base, pickable: boolean): Fragment {
  const palette = PALETTES[base.theme];
  const state = (name: string): ExpressionSpecification => ["boolean", ["feature-state", name], false];
  const layer: LayerSpecification = {
    id: COMMUNITY_FILL,
    type: "fill",
    source: "areas",
    "source-layer": "areas",
    filter: ["==", ["get", "level"], "community"],
    paint: {
      "fill-color": palette.accent,
      "fill-opacity": ["case", state("chosen"), 0.45, state("there"), 0.2, pickable ? 0.04 : 0.0] as ExpressionSpecification,
    },
  };
  return { sources: tiled(base, "areas"), layers: [layer] };
}
