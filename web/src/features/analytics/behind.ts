// Owns what is behind a number: which incidents or cases it counts, as the lists of the server take it, and how many they are. Pure.
import type { Counts, Dimension, MeasureName } from "../../api/counts";
import type { Params } from "../../api/http";
import { type Asked, filtersOf, paramsBy, paramsOf } from "./asked";

export const GROUPS = ["all", "area", "areas", "agency", "outside", "above"] as const;
export const WHICH = ["count", "overdue", "ended", "closed", "lowest"] as const;
export type Which = (typeof WHICH)[number];

/** The group that a number counts (an area, several of one level together, an agency without those below, what lies in no area, all), and which of its cases. */
export interface Behind {
  readonly group: (typeof GROUPS)[number];
  /** Of the area or the agency ("0": nobody), of areas all with dots between; null of the others. */
  readonly id: string | null;
  readonly which: Which;
}

/** Which cases a measure is about: a share is about those above the line, a median about all. */
export function whichOf(measure: MeasureName): Which {
  switch (measure) {
    case "overdue":
    case "overdue_share":
      return "overdue";
    case "closed_share":
      return "closed";
    case "lowest_share":
      return "lowest";
    case "count":
    case "per_100_households":
    case "per_km2":
    case "response_median_s":
    case "handling_median_s":
      return "count";
  }
}

/** Ids of the areas that a group is of, where they are not a filter: several, or one by other boundaries. */
export const areasOf = (asked: Asked, { group, id }: Behind): readonly string[] | null => {
  if (id === null || (group !== "areas" && !(group === "area" && asked.asBy !== null))) return null;
  return group === "areas" ? id.split(".") : [id];
};

/** Filters with the group's area. The area of the filter stays where it is the smaller one: `within` says so. */
const inGroup = (asked: Asked, { group, id }: Behind, within: boolean): Asked => (group === "area" && !within ? { ...asked, area: id } : asked);

/** For /incidents and /cases?counted=true. `level`: the one that was counted by. */
export function listParams(asked: Asked, behind: Behind, level: string, within: boolean): Params {
  const { group, id, which } = behind;
  const areas = areasOf(asked, behind);
  return {
    ...filtersOf(areas === null ? inGroup(asked, behind, within) : asked),
    lies_in: areas,
    as_by: group === "area" ? asked.asBy : null,
    held_by: group === "agency" ? id : null,
    outside: group === "outside" ? true : null,
    above: group === "above" ? level : null,
    overdue: which === "overdue" ? true : null,
    ended: which === "ended" ? true : null,
    closed: which === "closed" || which === "lowest" ? true : null,
    tier: which === "lowest" ? "grid" : null,
  };
}

interface TotalQuestion {
  readonly by: Dimension;
  readonly measures: readonly string[];
  readonly params: Params;
}

/** The counts that hold how many there are. */
export function totalQuestion(asked: Asked, behind: Behind, level: Dimension, within: boolean): TotalQuestion {
  const { group, which } = behind;
  // Counted by the level of these areas; those of a cluster by the boundaries in force.
  if (areasOf(asked, behind) !== null) return { by: level, measures: [], params: group === "area" ? paramsBy(asked) : paramsOf(asked) };
  const measures = which === "count" ? [] : [which === "lowest" ? "closed" : which];
  const groupBy: Dimension = group === "agency" ? "agency" : group === "outside" || group === "above" ? level : "status";
  return { by: which === "lowest" ? "tier" : groupBy, measures, params: paramsOf(inGroup(asked, behind, within)) };
}

/** And how many that is; null where the counts do not tell. */
export function totalOf(counts: Counts, asked: Asked, behind: Behind): number | null {
  const { group, id, which } = behind;
  const areas = areasOf(asked, behind);
  if (areas !== null) {
    const numbers = areas.map((one) => counts.counts[counts.ids?.indexOf(one) ?? -1]);
    return numbers.reduce<number | null>((sum, one) => (sum === null || one === undefined ? null : sum + one), 0);
  }
  const column = which === "count" ? counts.counts : counts.measures[which === "lowest" ? "closed" : which];
  if (column === undefined) return null;
  if (which === "lowest") return column[counts.codes.indexOf("grid")] ?? 0;
  if (group === "agency") return column[(counts.ids ?? []).indexOf(id ?? "0")] ?? 0;
  if (group === "outside") return counts.unlocated;
  if (group === "above") return counts.above_level;
  return column.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

const LIGHTS = ["green", "yellow", "red"] as const;
/** "late": a clock ran out once, though none of those that run now has, or none runs any more. */
export type LineLight = (typeof LIGHTS)[number] | "late";

/** What a line of a list shows: in a list of what was overdue nothing is in time. A light that is newer than these pages is not shown. */
export function lightOf(light: string | null, overdue: boolean): LineLight | null {
  const known = LIGHTS.find((one) => one === light) ?? null;
  return overdue && known !== "red" ? "late" : known;
}
