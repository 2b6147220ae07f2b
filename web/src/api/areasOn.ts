// Owns the shapes of areas as they were on a day: alone, all of a level, and at a point.
import { bool, type Decoded, id, list, names, nullable, num, object, str, withDefault } from "./check";
import { area, type Point } from "./areas";
import { getJson } from "./http";

const extent = object({ id, level: str, code: str, names, kind: nullable(str), population: nullable(num), households: nullable(num), area_km2: num, label: object({ lon: num, lat: num }) });
/** An area with its size and where its name stands. */
export type Extent = Decoded<typeof extent>;

/** `day` null: now. */
export const fetchAreaOn = (areaId: string, day: string | null, signal?: AbortSignal): Promise<Extent> => getJson(`/areas/${encodeURIComponent(areaId)}`, { at: day }, extent, signal);

const page = object({ items: list(extent), next: nullable(str) });

/** Every area of a level in force on a day, by id. */
export async function fetchAreasOn(level: string, day: string | null, signal?: AbortSignal): Promise<ReadonlyMap<string, Extent>> {
  const found = new Map<string, Extent>();
  let cursor: string | null = null;
  do {
    const got: Decoded<typeof page> = await getJson("/areas", { level, at: day, limit: 1000, cursor }, page, signal);
    for (const item of got.items) found.set(item.id, item);
    cursor = got.next;
  } while (cursor !== null);
  return found;
}

const locatedOn = object({ inside: bool, distance_m: num, in_force_from: nullable(str), path: withDefault(list(area), []), place: nullable(object({ text: names })) });
export type LocatedOn = Decoded<typeof locatedOn>;

export const locateOn = (at: Point, day: string | null, signal?: AbortSignal): Promise<LocatedOn> =>
  getJson("/locate", { lon: at.lon, lat: at.lat, datum: "wgs84", at: day }, locatedOn, signal);
