// Owns bringing a map from one style to the next with as little as possible, and the states of features from one set to the next.
// Does not own what is to be seen. MapLibre's own comparison walks through all GeoJSON that was ever set; ours through layers alone.
import type { GLMap, LayerSpecification, StyleSpecification, VectorTileSource } from "./gl";

export type State = Readonly<Record<string, string | number | boolean | null>>;

/** States of the features of one source, by feature id. */
export interface States {
  readonly source: string;
  /** Of a source of tiles. */
  readonly sourceLayer?: string;
  readonly values: ReadonlyMap<string, State>;
}

const same = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other);

/** Sources as they are without the addresses of their tiles and without data, which are told apart. */
function skeleton(style: StyleSpecification): string {
  const sources = Object.entries(style.sources).map(([id, source]) => [id, { ...source, tiles: undefined, data: undefined }]);
  return JSON.stringify([sources, style.layers.map(({ id, type }) => [id, type])]);
}

/** Paint, layout, filter and zooms of each layer that differ. Layers and sources are the same in both, but for addresses of tiles. */
export function restyle(map: GLMap, before: StyleSpecification, after: StyleSpecification): void {
  if (skeleton(before) !== skeleton(after)) {
    map.setStyle(withData(map, after), { diff: true });
    return;
  }
  for (const [id, source] of Object.entries(after.sources)) {
    if (source.type !== "vector" && source.type !== "raster") continue;
    const was = before.sources[id];
    if (source.tiles !== undefined && was !== undefined && "tiles" in was && !same(was.tiles, source.tiles)) {
      map.getSource<VectorTileSource>(id)?.setTiles([...source.tiles]);
    }
  }
  after.layers.forEach((layer, index) => {
    const was = before.layers[index];
    if (was !== undefined && !same(was, layer)) relayer(map, was, layer);
  });
}

interface Parts {
  readonly paint?: Readonly<Record<string, unknown>>;
  readonly layout?: Readonly<Record<string, unknown>>;
  readonly filter?: unknown;
}

/** A style says these names itself: what it has been made with is right by its own types. */
type PaintName = Parameters<GLMap["setPaintProperty"]>[1];
type LayoutName = Parameters<GLMap["setLayoutProperty"]>[1];
type PaintValue = Parameters<GLMap["setPaintProperty"]>[2];
type LayoutValue = Parameters<GLMap["setLayoutProperty"]>[2];
const namesOf = (...parts: readonly (Readonly<Record<string, unknown>> | undefined)[]): Set<string> => new Set(parts.flatMap((part) => Object.keys(part ?? {})));

function relayer(map: GLMap, before: LayerSpecification, after: LayerSpecification): void {
  const [was, is]: readonly [Parts, Parts] = [before, after];
  for (const name of namesOf(was.paint, is.paint)) {
    if (!same(was.paint?.[name], is.paint?.[name])) map.setPaintProperty(after.id, name as PaintName, is.paint?.[name] as PaintValue);
  }
  for (const name of namesOf(was.layout, is.layout)) {
    if (!same(was.layout?.[name], is.layout?.[name])) map.setLayoutProperty(after.id, name as LayoutName, is.layout?.[name] as LayoutValue);
  }
  if (!same(was.filter, is.filter)) map.setFilter(after.id, "filter" in after ? after.filter : null);
  if (before.minzoom !== after.minzoom || before.maxzoom !== after.maxzoom) map.setLayerZoomRange(after.id, after.minzoom ?? 0, after.maxzoom ?? 24);
}

/** The style with what its GeoJSON sources hold now, so that these are neither emptied nor made anew. */
function withData(map: GLMap, style: StyleSpecification): StyleSpecification {
  const sources = Object.entries(style.sources).map(([id, source]) => {
    const held = source.type === "geojson" ? map.getSource(id) : undefined;
    return [id, held === undefined ? source : (held.serialize() as typeof source)] as const;
  });
  return { ...style, sources: Object.fromEntries(sources) };
}

/** Only what differs. Returns what was applied, to be given the next time. */
export function restate(map: GLMap, before: readonly Applied[], after: readonly States[]): readonly Applied[] {
  return after.map(({ source, sourceLayer, values }) => {
    const made: unknown = map.getSource(source);
    if (made === undefined) return { source, made, values: new Map<string, State>() };
    const last = before.find((one) => one.source === source);
    const old: ReadonlyMap<string, State> = last?.made === made ? last.values : new Map<string, State>();
    const target = (id: string) => (sourceLayer === undefined ? { source, id } : { source, sourceLayer, id });
    for (const id of old.keys()) if (!values.has(id)) map.removeFeatureState(target(id));
    for (const [id, state] of values) if (!same(old.get(id), state)) map.setFeatureState(target(id), state);
    return { source, made, values };
  });
}

export interface Applied {
  readonly source: string;
  /** The source as it was: a new one of the same name knows of no states. */
  readonly made: unknown;
  readonly values: ReadonlyMap<string, State>;
}
