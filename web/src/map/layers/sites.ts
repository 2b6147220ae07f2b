// Owns the sites of agencies and public facilities, from street level on.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { name } from "../expressions";
import { FONT, PALETTES } from "../palette";
import { type Base, type Fragment, tiled } from "./fragment";

/** `except`: the site that is named by the pin, and not twice. */
export function sites(base: Base, except: string | null): Fragment {
  const palette = PALETTES[base.theme];
  const layers: LayerSpecification[] = [
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
      filter: ["!=", ["to-string", ["get", "id"]], except ?? ""],
      layout: {
        "text-field": ["concat", "◆ ", name(base.lang)] as ExpressionSpecification,
        "text-font": [FONT],
        "text-size": 12,
        "text-anchor": "left",
        "text-optional": true,
      },
      paint: { "text-color": palette.site, "text-halo-color": palette.halo, "text-halo-width": 1.5 },
    },
  ];
  return { sources: tiled(base, "facilities", "sites"), layers };
}
