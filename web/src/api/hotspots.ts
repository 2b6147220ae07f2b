// Owns the shape of hot and cold spots: areas whose surroundings have more, or fewer, than chance gives.
import { type Decoded, id, list, names, nullable, num, object, oneOf, str } from "./check";
import type { Level } from "./city";
import { getJson, type Params } from "./http";

const hotItem = object({
  id,
  code: str,
  names,
  count: num,
  per_100_households: nullable(num),
  /** Gi* as a standard score; null = not compared. */
  score: nullable(num),
  /** Local Moran's I. */
  moran: nullable(num),
  p: nullable(num),
  verdict: nullable(oneOf("hot", "cold")),
  pattern: nullable(oneOf("high-high", "low-low", "high-low", "low-high")),
});
export type HotItem = Decoded<typeof hotItem>;

const hotSpots = object({
  level: str,
  measure: oneOf("count", "rate"),
  /** Of the findings at most so many are expected to be chance. */
  false_share: num,
  compared: num,
  hot: num,
  cold: num,
  said: names,
  items: list(hotItem),
});
export type HotSpots = Decoded<typeof hotSpots>;

/** `asked`: period and filters as the address of the API takes them. */
export const fetchHotSpots = (level: Level, measure: "count" | "rate", asked: Params, signal?: AbortSignal): Promise<HotSpots> =>
  getJson("/density/hotspots", { level, measure, ...asked }, hotSpots, signal);
