// Owns hexagons and surfaces of equal density on the map: both are drawn from GeoJSON whose features carry their class `c`.
import type { DataDrivenPropertyValueSpecification, LayerSpecification } from "maplibre-gl";
import { PALETTES } from "../palette";
import { type Base, drawn, type Fragment } from "./fragment";

interface Classed {
  /** One a class, from low to high. */
  readonly colours: readonly string[];
  readonly hidden: readonly number[];
  readonly opacity?: number;
}

const SOURCES = ["hexagons", "surface"] as const;

/** One of the two sources; `null` = neither is shown. Both are always there, so that switching changes layers alone. */
export function classedShapes(base: Base, shown: (typeof SOURCES)[number] | null, { colours, hidden, opacity = 0.75 }: Classed): Fragment {
  const palette = PALETTES[base.theme];
  const pairs = colours.flatMap((colour, index) => [index, colour]);
  const layers = SOURCES.map((source): LayerSpecification => ({
    id: source,
    type: "fill",
    source,
    layout: { visibility: shown === source ? "visible" : "none" },
    filter: ["!", ["in", ["get", "c"], ["literal", [...hidden]]]],
    paint: {
      "fill-color": (pairs.length === 0 ? palette.block : ["match", ["get", "c"], ...pairs, palette.block]) as DataDrivenPropertyValueSpecification<string>,
      "fill-opacity": opacity,
      ...(source === "hexagons" ? { "fill-outline-color": palette.halo } : {}),
    },
  }));
  return { sources: { ...drawn("hexagons"), ...drawn("surface") }, layers };
}
