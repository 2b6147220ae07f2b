// Owns the map's style as a pure function of what is to be seen. The layers keep their ids, so MapLibre only applies what differs.
// No glyphs, no sprites, no outside tiles: text is drawn by the browser, everything else comes from our own tiles.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { LEVELS, type Level } from "../api/city";
import { heatHue, ramp } from "../features/analytics/ramp";
import type { Lang } from "../i18n/text";
import type { Theme } from "../state/theme";
import { FONT, PALETTES, type Palette } from "./palette";

export type TileLayer = "areas" | "streets" | "buildings" | "blocks" | "facilities" | "sites" | "incidents";

export interface Look {
  readonly theme: Theme;
  readonly lang: Lang;
  readonly level: Level;
  /** Levels that the city has, from the top down. */
  readonly levels: readonly Level[];
  readonly paint: "areas" | "heat";
  readonly classes: number;
  readonly hidden: readonly number[];
  /** The area that is outlined, as its tile id; null = none. */
  readonly outlined: string | null;
  /** The site that serves the chosen place: named by the pin, not twice. */
  readonly site: string | null;
  /** Address templates of our tiles by layer. */
  readonly tiles: (layer: TileLayer) => string;
  /** Changes with the city's data, so that stored tiles are not mixed. */
  readonly bounds: readonly [number, number, number, number];
  /** How many incidents are drawn; heat is measured against their mean over the bounds. */
  readonly total: number;
}

const EDGE_WIDTH: Readonly<Record<Level, number>> = { district: 3, subdistrict: 2, community: 1.25, grid: 0.6 };
const EDGE_FROM: Readonly<Record<Level, number>> = { district: 0, subdistrict: 0, community: 0, grid: 12.5 };

const zoomed = (...stops: (number | ExpressionSpecification)[]): ExpressionSpecification =>
  ["interpolate", ["exponential", 1.5], ["zoom"], ...stops] as unknown as ExpressionSpecification;

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
      incidents: vector("incidents", 0, 18),
      labels: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      pin: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    layers: [
      ...ground(palette),
      choropleth(look, palette),
      water(look, palette),
      ...streets(look, palette),
      heat(look),
      ...edges(look, palette),
      ...incidents(look, palette),
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

const HEAT_ZOOMS = [4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
/** A place is drawn in full colour when its density is so many times the city's mean. */
const HEAT_FULL = 11;
/** From here on single reports stand apart: the colour grows less than the density falls, so that sparse stays sparse. */
const HEAT_SINGLE_FROM = 14;
/** The volume under MapLibre's kernel of radius 1 px. */
const KERNEL = 0.2785;

const heatRadius = (zoom: number): number => 8 + 3 * Math.max(0, zoom - 8) ** 1.1;

/** Chosen so that the mean density draws 1 / HEAT_FULL of the full colour at every zoom, whatever the city's size. */
function heatIntensity(look: Look, zoom: number): number {
  const [west, south, east, north] = look.bounds;
  const metresPerDegree = 111_320;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const areaM2 = (east - west) * squeeze * (north - south) * metresPerDegree ** 2;
  const metresPerPx = (78_271.5 * squeeze) / 2 ** Math.min(zoom, HEAT_SINGLE_FROM);
  const perPx2 = (Math.max(look.total, 1) * metresPerPx ** 2) / Math.max(areaM2, 1);
  return 1 / (HEAT_FULL * perPx2 * KERNEL * heatRadius(zoom) ** 2);
}

function heat(look: Look): LayerSpecification {
  const hue = heatHue(look.theme);
  const clear = `${hue}00`;
  return {
    id: "heat",
    type: "heatmap",
    source: "incidents",
    "source-layer": "incidents",
    layout: { visibility: look.paint === "heat" ? "visible" : "none" },
    paint: {
      "heatmap-weight": ["coalesce", ["get", "count"], 1],
      "heatmap-intensity": zoomed(...HEAT_ZOOMS.flatMap((zoom) => [zoom, heatIntensity(look, zoom)])),
      "heatmap-radius": ["interpolate", ["linear"], ["zoom"], ...HEAT_ZOOMS.flatMap((zoom) => [zoom, heatRadius(zoom)])] as unknown as ExpressionSpecification,
      "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], 0, clear, 0.08, `${hue}26`, 0.35, `${hue}80`, 0.7, `${hue}cc`, 1, hue],
      "heatmap-opacity": 0.85,
    },
  };
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

const name = (lang: Lang): ExpressionSpecification =>
  lang === "zh" ? ["coalesce", ["get", "name_zh"], ["get", "name_en"], ""] : ["coalesce", ["get", "name_en"], ["get", "name_zh"], ""];

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
