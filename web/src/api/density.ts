// Owns the shapes of density: by area, by day, by hexagon, and as a surface.
import { type Decoded, type Decoder, id, list, names, nullable, num, object, oneOf, str, withDefault } from "./check";
import type { Level } from "./city";
import { getJson, type Params } from "./http";

const densityItem = object({
  id,
  code: str,
  names,
  count: num,
  households: nullable(num),
  per_100_households: nullable(num),
});
export type DensityItem = Decoded<typeof densityItem>;

const density = object({
  level: str,
  from: nullable(str),
  to: nullable(str),
  total: num,
  /** Counted in the total, but in no area at all. */
  unlocated: withDefault(num, 0),
  /** Counted in the total, but in an area above the asked level (a district without sub-districts). */
  above_level: withDefault(num, 0),
  items: list(densityItem),
});
export type Density = Decoded<typeof density>;

/** Days of the city (YYYY-MM-DD); `to` is excluded; null = open. */
export interface Period {
  readonly from: string | null;
  readonly to: string | null;
}

export const fetchDensity = (level: Level, period: Period, category: string | null, signal?: AbortSignal): Promise<Density> =>
  getJson("/density", { level, ...period, category }, density, signal);

const days = object({ items: list(object({ day: str, count: num })) });
export type DayCount = Decoded<typeof days>["items"][number];

export const fetchDays = async (period: Period, category: string | null, signal?: AbortSignal): Promise<DayCount[]> =>
  (await getJson("/density/days", { ...period, category }, days, signal)).items;

const hexagons = object({
  total: num,
  unlocated: withDefault(num, 0),
  /** Cells that have any; `ring`: their corners, lon and lat. */
  items: list(object({ cell: str, count: num, ring: list(list(num)) })),
});
export type Hexagons = Decoded<typeof hexagons>;

export const fetchHexagons = (resolution: number, params: Params, signal?: AbortSignal): Promise<Hexagons> =>
  getJson("/density", { level: "hexagon", resolution, ...params }, hexagons, signal);

const rings: Decoder<number[][][][]> = list(list(list(list(num))));
const surface = object({
  bandwidth_m: num,
  total: num,
  peak_per_km2: num,
  /** Bands of equal density, the sparsest first. */
  features: list(object({ geometry: object({ type: oneOf("MultiPolygon"), coordinates: rings }), properties: object({ from_per_km2: num, to_per_km2: nullable(num) }) })),
});
export type Surface = Decoded<typeof surface>;

export const fetchSurface = (params: Params, signal?: AbortSignal): Promise<Surface> => getJson("/density/surface", params, surface, signal);
