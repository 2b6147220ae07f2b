// Owns a community that is being drawn, on the map: atoms by the class of their grid, the borders between grids, numbers, sketches.
// State: `c` the class of an atom (-1: in no grid). Whatever a layer draws of all atoms is drawn each frame: what few have (borders of
// grids, the chosen one, what is disputed) lies in small sources of its own, of which a change sends only what differs.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { disputeColours, gridColours, nobodyColour, offColours } from "../../features/drawing/ramp";
import { FONT, PALETTES } from "../palette";
import { zoomed } from "../expressions";
import { type Base, drawn, type Fragment } from "./fragment";

const CLASS: ExpressionSpecification = ["coalesce", ["feature-state", "c"], -1];
/** Pixels of a tile that what lies beside it reaches into: half the widest line. All that is in the buffers of two tiles is drawn twice. */
const LINES = { tolerance: 0.2, buffer: 8 };
/** A colour with how much of it is seen, from 0 to 1: one value a feature instead of two. */
const seen = (colour: string, share: number): string => colour + Math.round(share * 255).toString(16).padStart(2, "0");

/** Beneath the streets: the ground of the grids. `linesFrom`: from which zoom atoms are told apart by lines. */
export function drawnAtoms(base: Base, by: "grid" | "off", linesFrom: number): Fragment {
  const palette = PALETTES[base.theme];
  const colours = by === "grid" ? gridColours(base.theme) : offColours(base.theme);
  const share = base.theme === "light" ? 0.55 : 0.6;
  const pairs = colours.flatMap((colour, index) => [index, seen(colour, share)]);
  const layers: LayerSpecification[] = [
    {
      id: "atoms",
      type: "fill",
      source: "atoms",
      paint: {
        "fill-color": ["match", CLASS, ...pairs, seen(nobodyColour(base.theme), 0.35)] as DataDrivenPropertyValueSpecification<string>,
        "fill-antialias": false,
      },
    },
    {
      id: "atom-lines",
      type: "line",
      source: "lines",
      minzoom: linesFrom,
      paint: { "line-color": palette.edge, "line-width": 0.6, "line-opacity": zoomed(linesFrom, 0.12, linesFrom + 2, 0.4) },
    },
  ];
  return { sources: { ...drawn("atoms", { tolerance: 0.2, buffer: 1 }), ...drawn("lines", LINES) }, layers };
}

/** Above the streets: borders of grids and of the community, what is disputed, and the chosen grid. */
export function drawnBorders(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const [theirs, ours] = disputeColours(base.theme);
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
      paint: { "line-color": palette.edge, "line-width": zoomed(12, 1, 16, 2.5, 19, 4) },
    },
    { id: "rim", type: "line", source: "rim", layout: { "line-join": "round" }, paint: { "line-color": palette.edge, "line-width": zoomed(12, 1.5, 16, 3.5, 19, 5) } },
    { id: "chosen-halo", type: "line", source: "chosen", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 7 } },
    { id: "chosen", type: "line", source: "chosen", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": 4 } },
  ];
  return { sources: { ...drawn("borders", LINES), ...drawn("rim", LINES), ...drawn("chosen", LINES), ...drawn("disputed", LINES) }, layers };
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
