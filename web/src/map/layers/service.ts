// Owns agencies' sites, the ground that each serves, and the ways from a place to them.
import type { ExpressionSpecification } from "maplibre-gl";
import { FONT, PALETTES } from "../palette";
import { QUALITATIVE } from "../qualitative";
import { type Base, drawn, type Fragment } from "./fragment";

/** Filled from source `service` (properties: c, a small number; id). `outlined`: the site whose ground is outlined. */
export function serviceGround(base: Base, outlined: string | null): Fragment {
  const palette = PALETTES[base.theme];
  const pairs = QUALITATIVE[base.theme].flatMap((colour, index) => [index, colour]);
  const fill = ["match", ["%", ["get", "c"], QUALITATIVE[base.theme].length], ...pairs, palette.block] as unknown as ExpressionSpecification;
  return {
    sources: drawn("service"),
    layers: [
      { id: "service-fill", type: "fill", source: "service", paint: { "fill-color": fill, "fill-opacity": 0.62 } },
      { id: "service-edge", type: "line", source: "service", layout: { "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 1.5 } },
      {
        id: "service-chosen",
        type: "line",
        source: "service",
        filter: ["==", ["get", "id"], outlined ?? ""],
        layout: { "line-join": "round" },
        paint: { "line-color": palette.accent, "line-width": 3 },
      },
    ],
  };
}

/** Points of source `posts` (properties: id, name, chosen). */
export function servicePosts(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const chosen: ExpressionSpecification = ["boolean", ["get", "chosen"], false];
  return {
    sources: drawn("posts"),
    layers: [
      {
        id: "post-dot",
        type: "circle",
        source: "posts",
        paint: {
          "circle-radius": ["case", chosen, 8, 5.5],
          "circle-color": ["case", chosen, palette.accent, palette.site],
          "circle-stroke-color": palette.halo,
          "circle-stroke-width": 2,
        },
      },
      {
        id: "post-name",
        type: "symbol",
        source: "posts",
        layout: {
          "text-field": ["get", "name"],
          "text-font": [FONT],
          "text-size": 12,
          "text-anchor": "top",
          "text-offset": [0, 0.75],
          "text-max-width": 9,
          "symbol-sort-key": ["case", chosen, 0, 1],
        },
        paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 1.75 },
      },
    ],
  };
}

/** Lines of source `ways` (properties: role road | straight, chosen) and their distances (points: role label, label). */
export function serviceWays(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const chosen: ExpressionSpecification = ["boolean", ["get", "chosen"], false];
  return {
    sources: drawn("ways"),
    layers: [
      {
        id: "way-halo",
        type: "line",
        source: "ways",
        filter: ["==", ["get", "role"], "road"],
        layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": palette.halo, "line-width": ["case", chosen, 8, 5] },
      },
      {
        id: "way-road",
        type: "line",
        source: "ways",
        filter: ["==", ["get", "role"], "road"],
        layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": ["case", chosen, palette.incident, palette.inkSoft], "line-width": ["case", chosen, 4, 2] },
      },
      {
        id: "way-straight",
        type: "line",
        source: "ways",
        filter: ["==", ["get", "role"], "straight"],
        paint: { "line-color": ["case", chosen, palette.incident, palette.inkSoft], "line-width": 1.5, "line-dasharray": [3, 2] },
      },
      {
        id: "way-label",
        type: "symbol",
        source: "ways",
        filter: ["==", ["get", "role"], "label"],
        layout: { "text-field": ["get", "label"], "text-font": [FONT], "text-size": 13, "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 0.4 },
        paint: { "text-color": palette.incident, "text-halo-color": palette.halo, "text-halo-width": 2.5 },
      },
    ],
  };
}
