// Owns a community that is being drawn, on the map: atoms by the class of their grid, the borders between grids, numbers, sketches.
// States: `c` the class of an atom (-1: in no grid); `b` of a line between two atoms: 1 where it is a border between grids. Whatever a
// layer draws of all atoms is drawn each frame: what few have (the chosen grid, what is disputed) lies in small sources of its own.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { disputeColours, gridColours, nobodyColour, offColours } from "../../features/drawing/ramp";
import { FONT, PALETTES } from "../palette";
import { zoomed } from "../expressions";
import { type Base, drawn, type Fragment } from "./fragment";

const CLASS: ExpressionSpecification = ["coalesce", ["feature-state", "c"], -1];
const LINE: ExpressionSpecification = ["coalesce", ["feature-state", "b"], 0];
/** Beneath the streets: the ground of the grids. */
export function drawnAtoms(base: Base, by: "grid" | "off"): Fragment {
  const palette = PALETTES[base.theme];
  const colours = by === "grid" ? gridColours(base.theme) : offColours(base.theme);
  const pairs = colours.flatMap((colour, index) => [index, colour]);
  const layers: LayerSpecification[] = [
    {
      id: "atoms",
      type: "fill",
      source: "atoms",
      paint: {
        "fill-color": ["match", CLASS, ...pairs, nobodyColour(base.theme)] as DataDrivenPropertyValueSpecification<string>,
        "fill-opacity": ["case", ["==", CLASS, -1], 0.35, base.theme === "light" ? 0.55 : 0.6],
        "fill-antialias": false,
      },
    },
    {
      id: "atom-lines",
      type: "line",
      source: "borders",
      minzoom: 15,
      paint: { "line-color": palette.edge, "line-width": 0.6, "line-opacity": zoomed(15, 0.12, 17, 0.4) },
    },
  ];
  return { sources: { ...drawn("atoms", { tolerance: 0.2 }), ...drawn("borders", { tolerance: 0.2 }) }, layers };
}

/** Above the streets: borders of grids and of the community, what is disputed, and the chosen grid. */
export function drawnBorders(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const [theirs, ours] = disputeColours(base.theme);
  /** A line without width is not drawn at all. */
  const wide = (px: number): ExpressionSpecification => ["case", [">=", LINE, 1], px, 0];
  const layers: LayerSpecification[] = [
    {
      id: "disputed",
      type: "fill",
      source: "disputed",
      paint: { "fill-color": ["match", ["get", "whose"], "ours", ours, theirs], "fill-opacity": 0.6 },
    },
    {
      id: "grid-lines",
      type: "line",
      source: "borders",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.edge, "line-width": zoomed(12, wide(1), 16, wide(2.5), 19, wide(4)) },
    },
    { id: "rim", type: "line", source: "rim", layout: { "line-join": "round" }, paint: { "line-color": palette.edge, "line-width": zoomed(12, 1.5, 16, 3.5, 19, 5) } },
    { id: "chosen-halo", type: "line", source: "chosen", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 7 } },
    { id: "chosen", type: "line", source: "chosen", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": 4 } },
  ];
  const line = { tolerance: 0.2 };
  return { sources: { ...drawn("borders", line), ...drawn("rim", line), ...drawn("chosen", line), ...drawn("disputed", line) }, layers };
}

/** Numbers of the grids with their households beneath; on top of all what is being sketched. */
export function drawnNumbers(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "numbers",
      type: "symbol",
      source: "numbers",
      layout: {
        "text-field": ["format", ["get", "number"], { "font-scale": 1.1 }, "\n", {}, ["to-string", ["get", "households"]], { "font-scale": 0.85 }] as ExpressionSpecification,
        "text-font": [FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 13, 11, 16, 14, 18, 16],
        "text-line-height": 1.15,
        "text-padding": 2,
      },
      paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 1.75 },
    },
    { id: "sketch-fill", type: "fill", source: "sketch", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": palette.accent, "fill-opacity": 0.12 } },
    { id: "sketch-halo", type: "line", source: "sketch", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 5, "line-opacity": 0.8 } },
    { id: "sketch-line", type: "line", source: "sketch", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": 2.5, "line-dasharray": [2, 1.5] } },
    {
      id: "sketch-point",
      type: "circle",
      source: "sketch",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 5.5, "circle-color": palette.halo, "circle-stroke-color": palette.accent, "circle-stroke-width": 2.5 },
    },
  ];
  return { sources: { ...drawn("numbers"), ...drawn("sketch", { tolerance: 0 }) }, layers };
}
