// Owns what the whole of a comparison is in figures: means over grids, each community by its number of grids. Pure.
import type { Compared } from "../../api/effects";

export const MEASURES = ["in_band", "deviation", "compactness", "on_street", "contiguity"] as const;
export type Measure = (typeof MEASURES)[number];

export interface Total {
  readonly measure: Measure;
  readonly before: number | null;
  readonly after: number | null;
}

/** How many grids there are on one side. */
export const gridsOn = (compared: readonly Compared[], side: "before" | "after"): number => compared.reduce((sum, one) => sum + one.grids.filter((pair) => pair[side] !== null).length, 0);

/** The mean over grids of what each community says of its own; null: no community says it. */
function mean(compared: readonly Compared[], side: "before" | "after", measure: Measure): number | null {
  let [sum, weight] = [0, 0];
  for (const one of compared) {
    const value = (side === "before" ? one.totals_before : one.totals_after)[measure];
    const grids = one.grids.filter((pair) => pair[side] !== null).length;
    if (value === undefined || grids === 0) continue;
    sum += value * grids;
    weight += grids;
  }
  return weight === 0 ? null : sum / weight;
}

export const totalsOf = (compared: readonly Compared[]): Total[] =>
  MEASURES.map((measure) => ({ measure, before: mean(compared, "before", measure), after: mean(compared, "after", measure) })).filter((one) => one.before !== null || one.after !== null);
