// Owns which agencies a list shows: by kind, by words of name or code, below their parents. Pure.
import type { Unit } from "../../api/sites";

export interface Line {
  readonly unit: Unit;
  /** How far below the top. */
  readonly depth: number;
}

/** Kinds that there are, in order. */
export const kindsOf = (units: readonly Unit[]): string[] => [...new Set(units.flatMap(({ kind }) => (kind === null ? [] : [kind])))].sort();

const fits = (unit: Unit, wanted: string): boolean =>
  wanted === "" || [unit.names.zh, unit.names.en, unit.code].some((one) => one.toLowerCase().includes(wanted));

/** Every agency after its parent; one that fits keeps the parents above it, so that it is never without its place. */
export function linesOf(units: readonly Unit[], kind: string | null, question: string): Line[] {
  const wanted = question.trim().toLowerCase();
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const shown = new Set<string>();
  for (const unit of units) {
    if ((kind !== null && unit.kind !== kind) || !fits(unit, wanted)) continue;
    let step: Unit | undefined = unit;
    while (step !== undefined && !shown.has(step.id)) {
      shown.add(step.id);
      step = step.parent === null ? undefined : byId.get(step.parent);
    }
  }
  const below = new Map<string | null, Unit[]>();
  for (const unit of units) {
    const parent = unit.parent !== null && byId.has(unit.parent) ? unit.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), unit]);
  }
  const lines: Line[] = [];
  const walk = (parent: string | null, depth: number): void => {
    for (const unit of below.get(parent) ?? []) {
      if (shown.has(unit.id)) lines.push({ unit, depth });
      walk(unit.id, depth + 1);
    }
  };
  walk(null, 0);
  return lines;
}
