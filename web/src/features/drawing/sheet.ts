// Owns a sheet as facts: the grid of every atom, the grids, changes and their inverses. Pure.
// Does not own what an operation means (effects.ts) nor what is measured (board.ts).
import type { GridKind, SheetGrid, Target } from "../../api/boards";
import { at, NOBODY } from "./ground";

/** A grid as drawn. */
export interface Draft {
  readonly number: number;
  readonly names: Readonly<Record<string, string>>;
  readonly kind: GridKind;
  /** null = that of the plan. */
  readonly target: Target | null;
  readonly locked: boolean;
  /** The area that it goes on as; null = a new one. */
  readonly area: string | null;
  readonly code: string | null;
}

export const draftOf = (one: SheetGrid): Draft => ({
  number: one.number, names: one.names, kind: one.kind, target: one.target, locked: one.locked, area: one.area_id, code: one.code,
});

export const newDraft = (number: number): Draft => ({ number, names: {}, kind: "urban", target: null, locked: false, area: null, code: null });

const sameNames = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean => {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
};

export const sameTarget = (one: Target | null, other: Target | null): boolean =>
  one?.households === other?.households && one?.band === other?.band;

export function sameDraft(one: Draft | undefined, other: Draft | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.locked === other.locked && one.kind === other.kind && one.area === other.area && one.code === other.code && sameTarget(one.target, other.target) && sameNames(one.names, other.names);
}

/** Atom `atoms[i]` goes to grid `to[i]`; grids as they then are (null: there is none). */
export interface Change {
  readonly atoms: readonly number[];
  readonly to: readonly number[];
  readonly drafts: ReadonlyMap<number, Draft | null>;
}

export const NO_CHANGE: Change = { atoms: [], to: [], drafts: new Map() };

export interface Sheet {
  readonly assignment: Int32Array;
  readonly drafts: Map<number, Draft>;
}

export const copyOf = (sheet: Sheet): Sheet => ({ assignment: sheet.assignment.slice(), drafts: new Map(sheet.drafts) });

/** What leads from one sheet to another on the same ground. */
export function difference(before: Sheet, after: Sheet): Change {
  const atoms: number[] = [];
  const to: number[] = [];
  for (let atom = 0; atom < before.assignment.length; atom += 1) {
    const grid = at(after.assignment, atom);
    if (before.assignment[atom] !== grid) {
      atoms.push(atom);
      to.push(grid);
    }
  }
  const drafts = new Map<number, Draft | null>();
  for (const number of before.drafts.keys()) if (!after.drafts.has(number)) drafts.set(number, null);
  for (const [number, draft] of after.drafts) if (!sameDraft(before.drafts.get(number), draft)) drafts.set(number, draft);
  return { atoms, to, drafts };
}

/** Writes a change into a sheet, and says what takes it back. */
export function put(sheet: Sheet, change: Change): Change {
  const inverse = inverseOf(sheet, change);
  change.atoms.forEach((atom, place) => {
    sheet.assignment[atom] = at(change.to, place);
  });
  for (const [number, draft] of change.drafts) {
    if (draft === null) sheet.drafts.delete(number);
    else sheet.drafts.set(number, draft);
  }
  return inverse;
}

export function inverseOf(sheet: Sheet, change: Change): Change {
  return {
    atoms: change.atoms,
    to: change.atoms.map((atom) => at(sheet.assignment, atom)),
    drafts: new Map([...change.drafts.keys()].map((number) => [number, sheet.drafts.get(number) ?? null])),
  };
}

/** The number that a new grid gets. */
export function nextNumber(sheet: Sheet): number {
  let most = 0;
  for (const number of sheet.drafts.keys()) most = Math.max(most, number);
  return most + 1;
}

/** What is broken about a sheet: an atom in a grid that is not there, or more than one place for an atom; null = nothing.
 *  A sheet gives every atom exactly one number, so gaps and overlaps can only come in by a number that no grid has. */
export function broken(sheet: Sheet, atoms: number): string | null {
  if (sheet.assignment.length !== atoms) return `${String(sheet.assignment.length)} places for ${String(atoms)} atoms`;
  for (let atom = 0; atom < atoms; atom += 1) {
    const grid = at(sheet.assignment, atom);
    if (grid !== NOBODY && !sheet.drafts.has(grid)) return `atom ${String(atom)} lies in grid ${String(grid)}, which is not there`;
  }
  for (const [number, draft] of sheet.drafts) if (draft.number !== number) return `grid ${String(number)} calls itself ${String(draft.number)}`;
  return null;
}

/** The most and the least households within a target's band, as the server has them. */
export const leastOf = (target: Target): number => Math.ceil(target.households * (1 - target.band) - 1e-9);
export const mostOf = (target: Target): number => Math.floor(target.households * (1 + target.band) + 1e-9);
