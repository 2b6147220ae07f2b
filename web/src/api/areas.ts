// Owns the shapes of "what is at this point" and of the search for names.
import { bool, type Decoded, type Decoder, id, list, names, nullable, num, object, oneOf, str, withDefault } from "./check";
import { getJson } from "./http";

export const area = object({
  id,
  level: str,
  code: str,
  names,
  kind: nullable(str),
  population: nullable(num),
  households: nullable(num),
});
export type Area = Decoded<typeof area>;

const place = object({
  text: names,
  street: nullable(object({ id, names, distance_m: num })),
  near: nullable(object({ names, distance_m: num })),
});

const located = object({
  wgs84: object({ lon: num, lat: num }),
  inside: bool,
  distance_m: num,
  on_edge: bool,
  path: list(area),
  candidates: withDefault(list(area), []),
  place: nullable(place),
});
export type Located = Decoded<typeof located>;

const anchor = object({ id, level: str, code: str, names, area_km2: num, label: object({ lon: num, lat: num }) });
const areaPage = object({ items: list(anchor), next: nullable(str) });
/** What an area is called, where its name stands, and how large the area is. */
export type Anchor = Decoded<typeof anchor>;

export const fetchAnchor = (areaId: string, signal?: AbortSignal): Promise<Anchor> => getJson(`/areas/${encodeURIComponent(areaId)}`, {}, anchor, signal);

/** Every number pair in coordinates of any depth. */
const corners: Decoder<(readonly [lon: number, lat: number])[]> = (value, path) => {
  const [lon, lat] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof lon === "number" && typeof lat === "number") return [[lon, lat]];
  return list(corners)(value, path).flat();
};

/** The box of an area's ground: west, south, east, north. */
export async function fetchGround(areaId: string, signal?: AbortSignal): Promise<readonly [number, number, number, number]> {
  const shape = object({ geometry: object({ coordinates: corners }) });
  const { coordinates } = (await getJson(`/areas/${encodeURIComponent(areaId)}`, {}, shape, signal)).geometry;
  const lons = coordinates.map(([lon]) => lon);
  const lats = coordinates.map(([, lat]) => lat);
  const over = (values: readonly number[], pick: (a: number, b: number) => number): number => values.reduce((best, one) => pick(best, one));
  return [over(lons, Math.min), over(lats, Math.min), over(lons, Math.max), over(lats, Math.max)];
}

/** Every area of a level in force now, page by page. */
export async function fetchAnchors(level: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Anchor>> {
  const found = new Map<string, Anchor>();
  let cursor: string | null = null;
  do {
    const page: Decoded<typeof areaPage> = await getJson("/areas", { level, limit: 1000, cursor }, areaPage, signal);
    for (const item of page.items) found.set(item.id, item);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

export interface Point {
  readonly lon: number;
  readonly lat: number;
}

export const locate = (at: Point, accuracyM: number | null, signal?: AbortSignal): Promise<Located> =>
  getJson("/locate", { lon: at.lon, lat: at.lat, datum: "wgs84", accuracy_m: accuracyM }, located, signal);

const hit = object({
  kind: oneOf("street", "area", "site", "building", "facility"),
  id,
  names,
  detail: nullable(names),
  lon: num,
  lat: num,
  bbox: nullable(list(num)),
});
export type Hit = Decoded<typeof hit>;

export const search = async (text: string, signal?: AbortSignal): Promise<Hit[]> =>
  (await getJson("/search", { q: text, limit: 12 }, object({ items: list(hit) }), signal)).items;
