// Owns the heat layer: from transparent to one hue, measured against the city's own mean so that it reads alike in every city and at every zoom.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { heatHue } from "../features/analytics/ramp";
import { zoomed } from "./expressions";
import type { Look } from "./look";

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

export function heat(look: Look): LayerSpecification {
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
