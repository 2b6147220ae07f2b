// Owns areas of other boundaries than those in force: filled by class (property `c`), edged so that nobody takes them for those in force.
import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, FilterSpecification } from "maplibre-gl";
import { zoomed } from "../expressions";
import { PALETTES } from "../palette";
import { type Base, drawn, type Fragment } from "./fragment";

interface Otherwise {
  /** null: the edges alone, over something else. */
  readonly colours: readonly string[] | null;
  readonly hidden: readonly number[];
  readonly selected: string | null;
}

/** What a pointer finds areas of other boundaries by. */
export const OTHERWISE = "as-by-fill";

/** Source `as-by`. */
export function otherAreas(base: Base, { colours, hidden, selected }: Otherwise): Fragment {
  const palette = PALETTES[base.theme];
  const pairs = (colours ?? []).flatMap((colour, index) => [index, colour]);
  const off: ExpressionSpecification[] = hidden.map((index) => ["==", ["get", "c"], index]);
  const chosen: FilterSpecification = selected === null ? ["boolean", false] : ["==", ["to-string", ["get", "id"]], selected];
  return {
    sources: drawn("as-by"),
    layers: [
      {
        id: OTHERWISE,
        type: "fill",
        source: "as-by",
        paint: {
          "fill-color": (pairs.length === 0 ? palette.ground : ["match", ["get", "c"], ...pairs, palette.block]) as DataDrivenPropertyValueSpecification<string>,
          "fill-opacity": colours === null ? 0 : ["case", ["any", ["<", ["get", "c"], 0], ...off], 0.15, 0.9],
        },
      },
      { id: "as-by-halo", type: "line", source: "as-by", layout: { "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": zoomed(11, 1.5, 16, 5) } },
      { id: "as-by-edge", type: "line", source: "as-by", layout: { "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": zoomed(11, 0.75, 16, 2.5), "line-dasharray": [4, 1.5] } },
      { id: "as-by-chosen-halo", type: "line", source: "as-by", filter: chosen, layout: { "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 7 } },
      { id: "as-by-chosen", type: "line", source: "as-by", filter: chosen, layout: { "line-join": "round" }, paint: { "line-color": palette.accent, "line-width": 3.5 } },
    ],
  };
}
