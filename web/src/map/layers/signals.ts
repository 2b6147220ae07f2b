// Owns what findings look like on the map: hot and cold spots edged, clusters as circles with their number, spots that come back,
// areas above a threshold with ring and figure. Told apart by line and sign, never by colour alone.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { FONT, PALETTES } from "../palette";
import { DIVERGING } from "../../features/comparison/ramp";
import { type Base, drawn, type Fragment, tiled } from "./fragment";

/** Hot spots with a solid edge, cold ones with a broken one; by tile id, of the level that is shown. `size`: 1 on a desk, more on a wall. */
export function hotEdges(base: Base, hot: readonly string[], cold: readonly string[], size = 1): Fragment {
  const palette = PALETTES[base.theme];
  const ramp = DIVERGING[base.theme];
  const line = (id: string, ids: readonly string[], color: string, width: number, dash?: number[]): LayerSpecification => ({
    id,
    type: "line",
    source: "areas",
    "source-layer": "areas",
    filter: ["in", ["to-string", ["get", "id"]], ["literal", [...ids]]],
    layout: { "line-join": "round" },
    paint: { "line-color": color, "line-width": width * size, ...(dash === undefined ? {} : { "line-dasharray": dash }) },
  });
  return {
    sources: tiled(base, "areas"),
    layers: [
      line("cold-halo", cold, palette.halo, 5),
      line("cold", cold, ramp.edgeLess, 2.75, [2, 1.25]),
      line("hot-halo", hot, palette.halo, 6.5),
      line("hot", hot, ramp.edgeMore, 3.75),
    ],
  };
}

/** Source `clusters`: circles (role "circle") and their numbers (role "number", n), the chosen one with `chosen` true. */
export function clusterCircles(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const colour = DIVERGING[base.theme].edgeMore;
  return {
    sources: drawn("clusters"),
    layers: [
      {
        id: "cluster-area",
        type: "fill",
        source: "clusters",
        filter: ["==", ["get", "role"], "circle"],
        paint: { "fill-color": colour, "fill-opacity": ["case", ["get", "chosen"], 0.16, 0] },
      },
      {
        id: "cluster-edge",
        type: "line",
        source: "clusters",
        filter: ["==", ["get", "role"], "circle"],
        paint: { "line-color": colour, "line-width": ["case", ["get", "chosen"], 3, 1.5] },
      },
      ...badge("cluster", "clusters", palette.halo, colour),
    ],
  };
}

/** Source `spots`: places that come back (role "number", n = how often). */
export function spotMarks(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  return { sources: drawn("spots"), layers: badge("spot", "spots", palette.halo, palette.ink) };
}

/** Source `alerts`: a ring and the figure over each area above its threshold; `lift`: px above where its name stands. */
export function alertMarks(base: Base, { size = 1, lift = 0 }: { readonly size?: number; readonly lift?: number } = {}): Fragment {
  const palette = PALETTES[base.theme];
  const lifted: [number, number] = [0, -lift];
  return {
    sources: drawn("alerts"),
    layers: [
      {
        id: "alert-ring",
        type: "circle",
        source: "alerts",
        paint: { "circle-radius": 19 * size, "circle-opacity": 0, "circle-stroke-width": 2.5 * size, "circle-stroke-color": palette.alert, "circle-translate": lifted },
      },
      {
        id: "alert-badge",
        type: "circle",
        source: "alerts",
        paint: { "circle-radius": 15 * size, "circle-color": palette.alert, "circle-stroke-width": 1.5, "circle-stroke-color": palette.halo, "circle-translate": lifted },
      },
      {
        id: "alert-figure",
        type: "symbol",
        source: "alerts",
        layout: {
          "text-field": ["concat", "▲\n", ["get", "n"]],
          "text-font": [FONT],
          "text-size": 11 * size,
          "text-line-height": 1,
          "text-allow-overlap": true,
          "text-ignore-placement": true,
        },
        paint: { "text-color": palette.halo, "text-translate": lifted },
      },
    ],
  };
}

/** Names with their figure to be read from across a room; source `labels` as on every map. */
export function wallNames(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  return {
    sources: drawn("labels"),
    layers: [
      // Beneath, and so placed later: where a name finds no room, its figure alone may.
      {
        id: "wall-figure",
        type: "symbol",
        source: "labels",
        layout: { "text-field": ["get", "figure"], "text-font": [FONT], "text-size": 24, "text-padding": 4, "symbol-sort-key": ["-", 0, ["get", "weight"]] },
        paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 2.5 },
      },
      {
        id: "wall-name",
        type: "symbol",
        source: "labels",
        layout: {
          "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "figure"], { "font-scale": 1.25 }] as ExpressionSpecification,
          "text-font": [FONT],
          "text-size": 22,
          "text-max-width": 8,
          "text-padding": 10,
          "symbol-sort-key": ["-", 0, ["get", "weight"]],
        },
        paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 2.5 },
      },
    ],
  };
}

function badge(name: string, source: string, ink: string, ground: string): LayerSpecification[] {
  return [
    {
      id: `${name}-badge`,
      type: "circle",
      source,
      filter: ["==", ["get", "role"], "number"],
      paint: { "circle-radius": 11, "circle-color": ground, "circle-stroke-width": 1.5, "circle-stroke-color": ink },
    },
    {
      id: `${name}-number`,
      type: "symbol",
      source,
      filter: ["==", ["get", "role"], "number"],
      layout: { "text-field": ["to-string", ["get", "n"]], "text-font": [FONT], "text-size": 12, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": ink },
    },
  ];
}
