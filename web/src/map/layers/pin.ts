// Owns the chosen place: the point, how exact it is, the way to the site that serves it.
import type { LayerSpecification } from "maplibre-gl";
import { FONT, PALETTES } from "../palette";
import { type Base, drawn, type Fragment } from "./fragment";

/** From the features that the page gives as `pin` (pages/map/drawn.ts). */
export function pin(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "pin-line",
      type: "line",
      source: "pin",
      filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": palette.accent, "line-width": 2, "line-dasharray": [2, 1.5] },
    },
    {
      id: "pin-site",
      type: "circle",
      source: "pin",
      filter: ["==", ["get", "role"], "site"],
      paint: { "circle-radius": 7, "circle-color": palette.halo, "circle-stroke-color": palette.accent, "circle-stroke-width": 3 },
    },
    {
      id: "pin-name",
      type: "symbol",
      source: "pin",
      filter: ["has", "name"],
      layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": 13, "text-anchor": "top", "text-offset": [0, 0.9], "text-allow-overlap": true },
      paint: { "text-color": palette.ink, "text-halo-color": palette.halo, "text-halo-width": 2 },
    },
    {
      id: "pin-accuracy",
      type: "line",
      source: "pin",
      filter: ["==", ["get", "role"], "accuracy"],
      paint: { "line-color": palette.accent, "line-width": 1.5 },
    },
    {
      id: "pin",
      type: "circle",
      source: "pin",
      filter: ["==", ["get", "role"], "point"],
      paint: { "circle-radius": 8, "circle-color": palette.accent, "circle-stroke-color": palette.halo, "circle-stroke-width": 3 },
    },
  ];
  return { sources: drawn("pin"), layers };
}
