// Owns a provider's base map as pictures, under everything else. It stands in for our own ground, streets and water.
import { type Base, type Fragment } from "./fragment";

export interface Pictures {
  /** Address template: of our own server, whoever draws them. */
  readonly tiles: string;
  /** The deepest zoom there is; beyond it pictures are enlarged. */
  readonly maxZoom: number;
}

/** null: none is shown. In the dark theme pictures are dimmed, so that what lies on them can be read. */
export function raster(base: Base, of: Pictures | null): Fragment {
  if (of === null) return { sources: {}, layers: [] };
  return {
    sources: {
      raster: {
        type: "raster",
        tiles: [of.tiles],
        tileSize: 256,
        maxzoom: of.maxZoom,
        bounds: [...base.bounds],
      },
    },
    layers: [
      {
        id: "raster",
        type: "raster",
        source: "raster",
        paint: {
          "raster-fade-duration": 0,
          "raster-saturation": -0.35,
          "raster-brightness-max": base.theme === "dark" ? 0.55 : 1,
          "raster-contrast": base.theme === "dark" ? 0.1 : -0.1,
        },
      },
    ],
  };
}
