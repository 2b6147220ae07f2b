// Owns the map's style as a pure function of what is to be seen. The layers keep their ids, so MapLibre only applies what differs.
// No glyphs, no sprites, no outside tiles: text is drawn by the browser, everything else comes from our own tiles.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { LEVELS, type Level } from "../api/city";
import { ramp } from "../features/analytics/ramp";
import { name, zoomed } from "./expressions";
import { heat } from "./heat";
import type { Look, TileLayer } from "./look";
import { FONT, PALETTES, type Palette } from "./palette";

const EDGE_WIDTH: Readonly<Record<Level, number>> = { district: 3, subdistrict: 2, community: 1.25, grid: 0.6 };
const EDGE_FROM: Readonly<Record<Level, number>> = { district: 0, subdistrict: 0, community: 0, grid: 12.5 };

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

export function styleOf(look: Look): StyleSpecification {
  const palette = PALETTES[look.theme];
  const vector = (layer: TileLayer, minzoom: number, maxzoom: number) => ({
    type: "vector" as const,
    tiles: [look.tiles(layer)],
    minzoom,
    maxzoom,
    bounds: [...look.bounds] as [number, number, number, number],
  });
  return {
    version: 8,
    name: "gridgov",
    sources: {
      areas: { ...vector("areas", 0, 16), promoteId: { areas: "id" } },
      blocks: vector("blocks", 12, 16),
      streets: vector("streets", 6, 16),
      buildings: vector("buildings", 14, 16),
      facilities: vector("facilities", 16, 16),
      sites: vector("sites", 10, 16),
      ...(look.counts ? { incidents: vector("incidents", 0, 18) } : {}),
      labels: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      pin: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    layers: [
      ...ground(palette),
      choropleth(look, palette),
      water(look, palette),
      ...streets(look, palette),
      ...(look.counts ? [heat(look)] : []),
      ...edges(look, palette),
      ...(look.counts ? incidents(look, palette) : []),
      outline("outline-halo", look, palette.halo, 7),
      outline("outline", look, palette.accent, 3.5),
      ...names(look, palette),
      ...pin(palette),
    ],
  };
}

const WATER = ["water", "river", "lake", "canal", "reservoir"];
const GREEN = ["park", "green", "forest", "grass", "wood", "orchard"];
const FARMED = ["field", "farmland", "vacant"];

function ground(palette: Palette): LayerSpecification[] {
  const kind: ExpressionSpecification = ["get", "class"];
  return [
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
}

/** Water lies above the classes: nobody lives on it, and a river is how people find their way on a map. */
function water(look: Look, palette: Palette): LayerSpecification {
  return {
    id: "water",
    type: "fill",
    source: "blocks",
    "source-layer": "blocks",
    filter: ["in", ["get", "class"], ["literal", WATER]],
    paint: { "fill-color": look.paint === "areas" ? palette.waterOnData : palette.water },
  };
}

/** The class of an area is put on it as feature state `c`; the areas of other levels and of hidden classes are not filled. */
function choropleth(look: Look, palette: Palette): LayerSpecification {
  const colours = ramp(look.theme, look.classes);
  const pairs = colours.flatMap((colour, index) => [index, colour]);
  const state: ExpressionSpecification = ["coalesce", ["feature-state", "c"], -1];
  const off: ExpressionSpecification[] = look.hidden.map((index) => ["==", state, index]);
  /** From street level on the base map shows through. */
  const seen = (opacity: number): ExpressionSpecification => ["case", ["any", ["<", state, 0], ...off], 0, opacity];
  return {
    id: "choropleth",
    type: "fill",
    source: "areas",
    "source-layer": "areas",
    filter: ofLevel(look.level),
    layout: { visibility: look.paint === "areas" ? "visible" : "none" },
    paint: {
      "fill-color": (pairs.length === 0
        ? palette.ground
        : ["match", state, ...pairs, palette.block]) as DataDrivenPropertyValueSpecification<string>,
      "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14, seen(0.82), 16, seen(0.5)] as unknown as ExpressionSpecification,
    },
  };
}

const ofLevel = (level: Level): FilterSpecification => ["==", ["get", "level"], level];

function streets(look: Look, palette: Palette): LayerSpecification[] {
  const onData = look.paint === "areas";
  return [
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
}

function edges(look: Look, palette: Palette): LayerSpecification[] {
  const drawn = LEVELS.slice(0, LEVELS.indexOf(look.level) + 1).filter((level) => look.levels.includes(level));
  return LEVELS.toReversed().map((level): LayerSpecification => ({
    id: `edge-${level}`,
    type: "line",
    source: "areas",
    "source-layer": "areas",
    minzoom: level === look.level ? 0 : EDGE_FROM[level],
    filter: ofLevel(level),
    layout: { "line-join": "round", visibility: drawn.includes(level) ? "visible" : "none" },
    paint: {
      "line-color": palette.edge,
      "line-opacity": level === "grid" ? 0.45 : 0.7,
      "line-width": zoomed(10, EDGE_WIDTH[level] * 0.6, 16, EDGE_WIDTH[level] * 1.4),
    },
  }));
}

function outline(id: string, look: Look, colour: string, width: number): LayerSpecification {
  return {
    id,
    type: "line",
    source: "areas",
    "source-layer": "areas",
    filter: look.outlined === null ? ["boolean", false] : ["==", ["to-string", ["get", "id"]], look.outlined],
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  };
}

/** Single incidents where the tiles hold them singly (no `count`), public facilities and sites, from street level on. */
function incidents(look: Look, palette: Palette): LayerSpecification[] {
  return [
    {
      id: "incident",
      type: "circle",
      source: "incidents",
      "source-layer": "incidents",
      minzoom: 15,
      filter: ["!", ["has", "count"]],
      layout: { visibility: look.hidden.length > 0 && look.paint === "areas" ? "none" : "visible" },
      paint: {
        "circle-radius": zoomed(15, 2.5, 18, 5),
        "circle-color": palette.incident,
        "circle-stroke-color": palette.halo,
        "circle-stroke-width": 1,
        "circle-opacity": 0.85,
      },
    },
    {
      id: "facility",
      type: "circle",
      source: "facilities",
      "source-layer": "facilities",
      minzoom: 16.5,
      paint: { "circle-radius": 2.5, "circle-color": palette.ground, "circle-stroke-color": palette.inkSoft, "circle-stroke-width": 1.25 },
    },
    {
      id: "site",
      type: "symbol",
      source: "sites",
      "source-layer": "sites",
      minzoom: 14.5,
      filter: ["!=", ["to-string", ["get", "id"]], look.site ?? ""],
      layout: {
        "text-field": ["concat", "◆ ", name(look.lang)] as ExpressionSpecification,
        "text-font": [FONT],
        "text-size": 12,
        "text-anchor": "left",
        "text-optional": true,
      },
      paint: { "text-color": palette.site, "text-halo-color": palette.halo, "text-halo-width": 1.5 },
    },
  ];
}

function names(look: Look, palette: Palette): LayerSpecification[] {
  return [
    {
      id: "street-name",
      type: "symbol",
      source: "streets",
      "source-layer": "streets",
      minzoom: 14,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 400,
        "text-field": name(look.lang),
        "text-font": [FONT],
        "text-size": 12,
        "text-letter-spacing": look.lang === "zh" ? 0.1 : 0,
      },
      paint: { "text-color": palette.inkSoft, "text-halo-color": palette.halo, "text-halo-width": 1.5 },
    },
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
}

function pin(palette: Palette): LayerSpecification[] {
  return [
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
}
