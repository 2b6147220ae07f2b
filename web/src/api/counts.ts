// Owns the shape of counts: any measure by one dimension or two, as parallel columns (docs/counts.md).
import { type Decoded, id, list, nullable, num, object, record, str } from "./check";
import { getJson, type Params } from "./http";

export const OFS = ["incidents", "cases"] as const;
export type Of = (typeof OFS)[number];

/** What the server measures of both, and of cases alone. */
const OF_BOTH = ["count", "per_100_households", "per_km2"] as const;
const OF_CASES = ["overdue", "overdue_share", "closed_share", "lowest_share", "response_median_s", "handling_median_s"] as const;
export const MEASURES = [...OF_BOTH, ...OF_CASES] as const;
/** `lowest_share`: closed by the grid, the lowest tier, of all closed; put together here from counts by tier. */
export type MeasureName = (typeof MEASURES)[number];

export const isOfCases = (measure: MeasureName): boolean => OF_CASES.some((one) => one === measure);
/** Those that need an area to be related to. */
export const isOfAreas = (measure: MeasureName): boolean => measure === "per_100_households" || measure === "per_km2";
export const measuresOf = (of: Of): readonly MeasureName[] => (of === "cases" ? MEASURES : OF_BOTH);

export type Dimension = "grid" | "community" | "subdistrict" | "district" | "city" | "category" | "agency" | "channel" | "status" | "tier" | "day" | "week" | "month";

const counts = object({
  of: str,
  by: str,
  total: num,
  /** Counted in the total, but in no area at all. */
  unlocated: num,
  /** Counted in the total, but in an area above the asked level (a district without sub-districts). */
  above_level: num,
  /** Why counts do not follow just now; empty when they do. */
  behind: str,
  ids: nullable(list(id)),
  codes: list(str),
  then_codes: nullable(list(str)),
  counts: list(num),
  measures: record(list(nullable(num))),
});
export type Counts = Decoded<typeof counts>;

export interface Question {
  readonly by: Dimension;
  readonly then?: Dimension;
  readonly measures?: readonly string[];
  /** Filters, as `paramsOf` gives them. */
  readonly params: Params;
}

export const fetchCounts = ({ by, then, measures = [], params }: Question, signal?: AbortSignal): Promise<Counts> =>
  getJson("/counts", { by, then, measure: measures.filter((one) => one !== "count"), ...params }, counts, signal);

/** One measure by one dimension: `values[i]` belongs to `ids[i]` and is null where there is nothing to divide by. */
export interface Measured {
  readonly by: Dimension;
  readonly measure: MeasureName;
  readonly counts: Counts;
  readonly values: readonly (number | null)[];
}

export async function fetchMeasured(by: Dimension, measure: MeasureName, params: Params, signal?: AbortSignal): Promise<Measured> {
  if (measure === "lowest_share") {
    const [whole, tiers] = await Promise.all([
      fetchCounts({ by, params }, signal),
      fetchCounts({ by, then: "tier", measures: ["closed"], params }, signal),
    ]);
    return { by, measure, counts: whole, values: lowestShares(whole, tiers) };
  }
  const found = await fetchCounts({ by, measures: [measure], params }, signal);
  return { by, measure, counts: found, values: measure === "count" ? found.counts : (found.measures[measure] ?? found.counts.map(() => null)) };
}

const LOWEST_TIER = "grid";

/** Closed by the lowest tier ÷ closed, of each group; null where nothing was closed. */
export function lowestShares(whole: Counts, tiers: Counts): (number | null)[] {
  const closed = new Map<string, { lowest: number; all: number }>();
  tiers.codes.forEach((code, index) => {
    const n = tiers.measures["closed"]?.[index] ?? 0;
    const sum = closed.get(code) ?? { lowest: 0, all: 0 };
    closed.set(code, { lowest: sum.lowest + (tiers.then_codes?.[index] === LOWEST_TIER ? n : 0), all: sum.all + n });
  });
  return whole.codes.map((code) => {
    const sum = closed.get(code);
    return sum === undefined || sum.all === 0 ? null : sum.lowest / sum.all;
  });
}

/** Days (of the city) with their count. */
export const daysOfCounts = (of: Counts): { day: string; count: number }[] => of.codes.map((day, index) => ({ day, count: of.counts[index] ?? 0 }));
