// Owns the live figures of a grid and of a sheet, by the names of the server's registry (gridgov/planning/metrics.py). Pure.
import type { Target } from "../../api/boards";
import { type Ground, MICRO } from "./ground";
import { leastOf, mostOf } from "./sheet";

/** Sums of a grid, whole numbers; `inner`: every border between two of its atoms, once. */
export interface Tally {
  atoms: number;
  households: number;
  area: number;
  perimeter: number;
  inner: number;
  cases: number;
  openCases: number;
  moved: number;
  openMoved: number;
}

export const tallyOf = (): Tally => ({ atoms: 0, households: 0, area: 0, perimeter: 0, inner: 0, cases: 0, openCases: 0, moved: 0, openMoved: 0 });

export const METRICS = [
  "households", "deviation", "in_band", "cases_month", "compactness", "contiguity", "households_moved", "open_cases", "open_cases_moved",
] as const;
type Totals = "grids" | "unassigned_atoms" | "unassigned_households";

/** What has no value (no cases given, nothing to compare with) is left out, never nought. */
export type Metrics = Readonly<Partial<Record<(typeof METRICS)[number] | Totals, number>>>;

export function metricsOf(tally: Tally, target: Target, pieces: number, ground: Ground): Metrics {
  const perimeterM = (tally.perimeter - 2 * tally.inner) / MICRO;
  const { households } = tally;
  return {
    households,
    deviation: (households - target.households) / target.households,
    in_band: Number(leastOf(target) <= households && households <= mostOf(target)),
    ...(ground.casesMonth === null ? {} : { cases_month: tally.cases / MICRO }),
    ...(perimeterM === 0 ? {} : { compactness: (4 * Math.PI * (tally.area / MICRO)) / perimeterM ** 2 }),
    contiguity: Number(pieces === 1),
    ...(ground.original === null ? {} : { households_moved: tally.moved }),
    ...(ground.openCases === null ? {} : { open_cases: tally.openCases }),
    ...(ground.original === null || ground.openCases === null ? {} : { open_cases_moved: tally.openMoved }),
  };
}

/** Of the whole sheet; `nobody`: what lies in no grid. */
export function totalsOf(grids: readonly Metrics[], nobody: Tally, ground: Ground): Metrics {
  const sum = (of: (grid: Metrics) => number | undefined): { sum: number; counted: number } => {
    let total = 0;
    let counted = 0;
    for (const grid of grids) {
      const value = of(grid);
      if (value === undefined) continue;
      total += value;
      counted += 1;
    }
    return { sum: total, counted };
  };
  const mean = (name: keyof Metrics, of = (grid: Metrics) => grid[name]) => {
    const found = sum(of);
    return found.counted === 0 ? {} : { [name]: found.sum / found.counted };
  };
  const whole = (name: keyof Metrics, beside = 0) => {
    const found = sum((grid) => grid[name]);
    return found.counted === 0 && beside === 0 ? {} : { [name]: found.sum + beside };
  };
  return {
    ...whole("households"),
    ...mean("deviation", (grid) => (grid.deviation === undefined ? undefined : Math.abs(grid.deviation))),
    ...mean("in_band"),
    ...whole("cases_month"),
    ...mean("compactness"),
    ...mean("contiguity"),
    ...(ground.original === null ? {} : whole("households_moved", nobody.moved)),
    ...whole("open_cases"),
    ...(ground.original === null || ground.openCases === null ? {} : whole("open_cases_moved", nobody.openMoved)),
    grids: grids.length,
    unassigned_atoms: nobody.atoms,
    unassigned_households: nobody.households,
  };
}
