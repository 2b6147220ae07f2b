// Owns the shape of places where the same kind of matter comes back; spots for who may read incidents, counts of grids for who may only count.
import { bool, type Decoded, list, names, nullable, num, object, str } from "./check";
import { getJson, type Params } from "./http";
import { kind, where } from "./rising";

const repeat = object({
  group: kind,
  area: nullable(where),
  spots: num,
  count: num,
  days: num,
  first: str,
  last: str,
  gap_days: nullable(num),
  /** null = to be told as a count of the grid alone. */
  lon: nullable(num),
  lat: nullable(num),
  said: names,
});
export type Repeat = Decoded<typeof repeat>;

const repeats = object({
  first: nullable(str),
  last: nullable(str),
  radius_m: num,
  least_days: num,
  found: num,
  /** There was too much to read all of it. */
  cut: bool,
  items: list(repeat),
});
export type Repeats = Decoded<typeof repeats>;

export const fetchRepeats = (asked: Params, signal?: AbortSignal): Promise<Repeats> => getJson("/density/repeats", { limit: 50, ...asked }, repeats, signal);
