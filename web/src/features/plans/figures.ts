// Owns the sums of a part from its grids. Pure.
import type { PlanGrid } from "../../api/plans";

export interface PartFigures {
  readonly grids: number;
  readonly households: number;
  /** How many grids are within the band. */
  readonly within: number;
}

export function figuresOf(grids: readonly PlanGrid[]): ReadonlyMap<string, PartFigures> {
  const found = new Map<string, PartFigures>();
  for (const one of grids) {
    const before = found.get(one.part_id) ?? { grids: 0, households: 0, within: 0 };
    found.set(one.part_id, { grids: before.grids + 1, households: before.households + one.households, within: before.within + (one.in_band ? 1 : 0) });
  }
  return found;
}
