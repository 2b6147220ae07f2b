// Owns incidents on the map: heat from far, single points from street level on.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { heatHue } from "../../features/analytics/ramp";
import { zoomed } from "../expressions";
import { PALETTES } from "../palette";
import { type Base, type Fragment, tiled } from "./fragment";

/** Single incidents where the tiles hold them singly (no `count`). */
export function points(base: Base, shown: boolean): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
    {
      id: "incident",
      type: "circle",
      source: "incidents",
      "source-layer": "incidents",
      minzoom: 15,
      filter: ["!", ["has", "count"]],
      layout: { visibility: shown ? "visible" : "none" },
      paint: {
        "circle-radius": zoomed(15, 2.5, 18, 5),
        "circle-color": palette.incident,
        "circle-stroke-color": palette.halo,
        "circle-stroke-width": 1,
        "circle-opacity": 0.85,
      },
    },
  ];
  return { sources: tiled(base, "incidents"), layers };
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
function heatIntensity(base: Base, total: number, zoom: number): number {
  const [west, south, east, north] = base.bounds;
  const metresPerDegree = 111_320;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const areaM2 = (east - west) * squeeze * (north - south) * metresPerDegree ** 2;
  const metresPerPx = (78_271.5 * squeeze) / 2 ** Math.min(zoom, HEAT_SINGLE_FROM);
  const perPx2 = (Math.max(total, 1) * metresPerPx ** 2) / Math.max(areaM2, 1);
  return 1 / (HEAT_FULL * perPx2 * KERNEL * heatRadius(zoom) ** 2);
}

/** From transparent to one hue, measured against the city's own mean (`total` incidents over the bounds), so that it reads alike everywhere. */
export function heat(base: Base, total: number, shown: boolean): Fragment {
  const hue = heatHue(base.theme);
  const clear = `${hue}00`;
  const layer: LayerSpecification = {
    id: "heat",
    type: "heatmap",
    source: "incidents",
    "source-layer": "incidents",
    layout: { visibility: shown ? "visible" : "none" },
    paint: {
      "heatmap-weight": ["coalesce", ["get", "count"], 1],
      "heatmap-intensity": zoomed(...HEAT_ZOOMS.flatMap((zoom) => [zoom, heatIntensity(base, total, zoom)])),
      "heatmap-radius": ["interpolate", ["linear"], ["zoom"], ...HEAT_ZOOMS.flatMap((zoom) => [zoom, heatRadius(zoom)])] as unknown as ExpressionSpecification,
      "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], 0, clear, 0.08, `${hue}26`, 0.35, `${hue}80`, 0.7, `${hue}cc`, 1, hue],
      "heatmap-opacity": 0.85,
    },
  };
  return { sources: tiled(base, "incidents"), layers: [layer] };
}
