// Owns the shape of what is rising against the usual for weekday and season; of areas and kinds of matter as findings name them.
import { bool, type Decoded, id, list, names, nullable, num, object, str } from "./check";
import type { Level } from "./city";
import { getJson, type Params } from "./http";

/** An area that a finding names. */
export const where = object({ id, code: str, names });
/** A group of the catalogue that a finding names. */
export const kind = object({ code: str, names });

const riseItem = object({
  /** null = all matters. */
  group: nullable(kind),
  /** null = the whole of what may be seen. */
  area: nullable(where),
  count: num,
  expected: num,
  ratio: nullable(num),
  low: nullable(num),
  high: nullable(num),
  p: num,
  /** Kept after correction for having looked at so many. */
  rising: bool,
  said: names,
});
export type RiseItem = Decoded<typeof riseItem>;

const rising = object({
  level: str,
  first: nullable(str),
  last: nullable(str),
  history_days: num,
  /** Whether the history is long enough for anything to be said. */
  enough: bool,
  seasonal: bool,
  false_share: num,
  compared: num,
  said: names,
  items: list(riseItem),
});
export type Rising = Decoded<typeof rising>;

/** The window of the view, of which the server takes the last four weeks at most; the last seven days where it is open. */
export const fetchRising = (level: Level, asked: Params, signal?: AbortSignal): Promise<Rising> =>
  getJson("/density/rising", { level, limit: 60, ...asked }, rising, signal);

const series = object({ ids: nullable(list(id)), codes: list(str), then_codes: nullable(list(str)), counts: list(num) });
/** Counts by area (its id) and day; days without any are left out. */
export type Series = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The days of every area of a level at once, of one group of matters or of all. */
export async function fetchSeries(level: Level, group: string | null, asked: Params, signal?: AbortSignal): Promise<Series> {
  const { ids, then_codes, counts } = await getJson("/counts", { by: level, then: "day", ...asked, ...(group === null ? {} : { category: group }) }, series, signal);
  const found = new Map<string, Map<string, number>>();
  counts.forEach((count, index) => {
    const area = ids?.[index];
    const day = then_codes?.[index];
    if (area === undefined || day === undefined) return;
    const days = found.get(area) ?? new Map<string, number>();
    found.set(area, days.set(day, count));
  });
  return found;
}
