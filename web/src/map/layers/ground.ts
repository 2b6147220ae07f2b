// Owns the base map: ground, blocks, buildings, water, streets and their names. Low contrast, so that the data stands out.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { name, zoomed } from "../expressions";
import { FONT, PALETTES } from "../palette";
import { type Base, type Fragment, tiled } from "./fragment";

const STREET: ExpressionSpecification = [
  "match",
  ["get", "class"],
  ["motorway", "trunk", "expressway", "primary", "arterial"],
  3,
  ["secondary", "tertiary", "collector"],
  2,
  ["lane", "service", "alley", "track", "path", "footway", "cycleway", "steps", "driveway"],
  0.6,
  1,
];

const streetWidth = (extra: number): ExpressionSpecification =>
  zoomed(11, ["+", ["*", 0.35, STREET], extra / 2], 16, ["+", ["*", 4, STREET], extra], 19, ["+", ["*", 14, STREET], extra * 2]);

const WATER = ["water", "river", "lake", "canal", "reservoir"];
const GREEN = ["park", "green", "forest", "grass", "wood", "orchard"];
const FARMED = ["field", "farmland", "vacant"];

export function ground(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const kind: ExpressionSpecification = ["get", "class"];
  const layers: LayerSpecification[] = [
    { id: "ground", type: "background", paint: { "background-color": palette.ground } },
    {
      id: "blocks",
      type: "fill",
      source: "blocks",
      "source-layer": "blocks",
      paint: {
        "fill-color": ["match", kind, GREEN, palette.park, FARMED, palette.field, palette.block],
      },
    },
    {
      id: "buildings",
      type: "fill",
      source: "buildings",
      "source-layer": "buildings",
      minzoom: 14,
      paint: { "fill-color": palette.building, "fill-outline-color": palette.buildingEdge },
    },
  ];
  return { sources: tiled(base, "blocks", "buildings"), layers };
}

/** Water lies above the classes: nobody lives on it, and a river is how people find their way on a map. */
export function water(base: Base, onData: boolean): Fragment {
  const palette = PALETTES[base.theme];
  const layer: LayerSpecification = {
    id: "water",
    type: "fill",
    source: "blocks",
    "source-layer": "blocks",
    filter: ["in", ["get", "class"], ["literal", WATER]],
    paint: { "fill-color": onData ? palette.waterOnData : palette.water },
  };
  return { sources: tiled(base, "blocks"), layers: [layer] };
}

/** `onData`: above coloured areas, where streets recede. */
export function streets(base: Base, onData: boolean): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "street-case",
      type: "line",
      source: "streets",
      "source-layer": "streets",
      minzoom: 13,
      layout: { "line-cap": "round", "line-join": "round", visibility: onData ? "none" : "visible" },
      paint: { "line-color": palette.streetCase, "line-width": streetWidth(1.5) },
    },
    {
      id: "street",
      type: "line",
      source: "streets",
      "source-layer": "streets",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": onData ? palette.streetOnData : palette.street,
        "line-width": streetWidth(0),
        "line-opacity": onData ? zoomed(11, 0.35, 15, 0.7) : 1,
      },
    },
  ];
  return { sources: tiled(base, "streets"), layers };
}

export function streetNames(base: Base): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "street-name",
      type: "symbol",
      source: "streets",
      "source-layer": "streets",
      minzoom: 14,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 400,
        "text-field": name(base.lang),
        "text-font": [FONT],
        "text-size": 12,
        "text-letter-spacing": base.lang === "zh" ? 0.1 : 0,
      },
      paint: { "text-color": palette.inkSoft, "text-halo-color": palette.halo, "text-halo-width": 1.5 },
    },
  ];
  return { sources: tiled(base, "streets"), layers };
}
