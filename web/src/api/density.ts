// Owns the shapes of the counts: by area, and by day.
import { type Decoded, id, list, names, nullable, num, object, str, withDefault } from "./check";
import type { Level } from "./city";
import { getJson } from "./http";

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
