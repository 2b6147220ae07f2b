// Owns what a style is put together from: fragments, each with the layers of one noun and the sources that these need. Pure.
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Lang } from "../../i18n/text";
import type { Theme } from "../../state/theme";

export type TileLayer = "areas" | "streets" | "buildings" | "blocks" | "facilities" | "sites" | "incidents";

/** What every fragment is told: how things look, and where our own tiles are. */
export interface Base {
  readonly theme: Theme;
  readonly lang: Lang;
  /** Address templates of our tiles by layer; they change with the city's data, so that stored tiles are not mixed. */
  readonly tiles: (layer: TileLayer) => string;
  /** Beyond these there are no tiles to ask for. */
  readonly bounds: readonly [number, number, number, number];
}

export interface Fragment {
  readonly sources: Readonly<Record<string, SourceSpecification>>;
  readonly layers: readonly LayerSpecification[];
}

/** From the ground up. A source that several fragments bring is one; layer ids must differ. No glyphs, no sprite: text is drawn by the browser. */
export const composed = (...fragments: readonly Fragment[]): StyleSpecification => ({
  version: 8,
  name: "gridgov",
  // Colours change at once: a slow change would draw the whole map a dozen times over.
  transition: { duration: 0, delay: 0 },
  sources: Object.assign({}, ...fragments.map((one) => one.sources)) as StyleSpecification["sources"],
  layers: fragments.flatMap((one) => one.layers),
});

const ZOOMS: Readonly<Record<TileLayer, readonly [min: number, max: number]>> = {
  areas: [0, 16],
  blocks: [12, 16],
  streets: [6, 16],
  buildings: [14, 16],
  facilities: [16, 16],
  sites: [10, 16],
  incidents: [0, 18],
};

/** The tile source of a layer, under the layer's name. */
export function tiled(base: Base, ...layers: readonly TileLayer[]): Fragment["sources"] {
  return Object.fromEntries(
    layers.map((layer) => {
      const [minzoom, maxzoom] = ZOOMS[layer];
      const source: SourceSpecification = { type: "vector", tiles: [base.tiles(layer)], minzoom, maxzoom, bounds: [...base.bounds] };
      return [layer, layer === "areas" ? { ...source, promoteId: { areas: "id" } } : source];
    }),
  );
}

/** A source whose data the page gives to the map view (`data`) under the same name. */
export const drawn = (id: string, more: { readonly promoteId?: string; readonly tolerance?: number; readonly buffer?: number } = {}): Fragment["sources"] => ({
  [id]: { type: "geojson", data: { type: "FeatureCollection", features: [] }, ...more },
});
