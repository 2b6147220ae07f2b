// Owns what an operation does to a sheet, where that can be known without the server; the same meaning as gridgov/planning/effects.py.
// Does not own dividing along lines, sliding and corners: the server says what these did.
import type { Operation } from "../../api/operations";
import { at, NOBODY } from "./ground";
import { type Change, type Draft, newDraft, type Sheet } from "./sheet";

/** What the server would refuse it for. */
export interface Refusal {
  readonly refused: "grid-locked" | "grid-unknown" | "nothing-named" | "atom-unknown";
  readonly grid: number | null;
}

/** The change; why it may not be; null: only the server knows. */
export type Effect = Change | Refusal | null;

export const isRefusal = (effect: Effect): effect is Refusal => effect !== null && "refused" in effect;

const refusal = (refused: Refusal["refused"], grid: number | null = null): Refusal => ({ refused, grid });

export function effectOf(sheet: Sheet, operation: Operation): Effect {
  switch (operation.kind) {
    case "assign":
      return assign(sheet, operation.payload.atoms, operation.payload.grid);
    case "merge":
      return merge(sheet, operation.payload.grids, operation.payload.into);
    case "lock":
      return said(sheet, operation.payload.grids, (draft) => ({ ...draft, locked: operation.payload.locked }));
    case "rename":
      return said(sheet, [operation.payload.grid], (draft) => ({ ...draft, names: operation.payload.names }));
    case "kind":
      return said(sheet, [operation.payload.grid], (draft) => ({ ...draft, kind: operation.payload.to }));
    case "target": {
      const { to } = operation.payload;
      return said(sheet, [operation.payload.grid], (draft) => ({ ...draft, target: to === null ? null : { households: to[0], band: to[1] } }));
    }
    case "split":
    case "slide":
    case "move_corner":
    case "move_edge":
      return null;
  }
}

function assign(sheet: Sheet, named: readonly number[], grid: number): Effect {
  if (named.length === 0) return refusal("nothing-named");
  const atoms = [...new Set(named)].sort((one, other) => one - other);
  if (at(atoms, 0) < 0 || at(atoms, atoms.length - 1) >= sheet.assignment.length) return refusal("atom-unknown");
  const moving = atoms.filter((atom) => sheet.assignment[atom] !== grid);
  const sources = new Set(moving.map((atom) => at(sheet.assignment, atom)));
  for (const number of [...sources, ...(moving.length > 0 ? [grid] : [])]) if (sheet.drafts.get(number)?.locked === true) return refusal("grid-locked", number);
  const draft = grid === NOBODY ? null : (sheet.drafts.get(grid) ?? draftFor(sheet, grid, atoms));
  return moved(sheet, moving, grid, draft);
}

function merge(sheet: Sheet, named: readonly number[], into: number): Effect {
  const grids = new Set(named);
  if (grids.size < 2) return refusal("nothing-named");
  for (const number of [...grids, into]) if (!sheet.drafts.has(number) || !grids.has(number)) return refusal("grid-unknown", number);
  for (const number of grids) if (sheet.drafts.get(number)?.locked === true) return refusal("grid-locked", number);
  const moving: number[] = [];
  for (let atom = 0; atom < sheet.assignment.length; atom += 1) {
    const grid = at(sheet.assignment, atom);
    if (grid !== into && grids.has(grid)) moving.push(atom);
  }
  const change = moved(sheet, moving, into, sheet.drafts.get(into) ?? null);
  const drafts = new Map(change.drafts);
  for (const number of grids) if (number !== into) drafts.set(number, null);
  return { ...change, drafts };
}

/** Atoms go to a grid; one that loses its last atom ceases to be. */
function moved(sheet: Sheet, moving: readonly number[], grid: number, draft: Draft | null): Change {
  const drafts = new Map<number, Draft | null>();
  if (moving.length > 0 && draft !== null) drafts.set(grid, draft);
  const leaving = new Map<number, number>();
  for (const atom of moving) leaving.set(at(sheet.assignment, atom), (leaving.get(at(sheet.assignment, atom)) ?? 0) + 1);
  leaving.delete(NOBODY);
  const left = new Map<number, number>([...leaving.keys()].map((number) => [number, 0]));
  if (left.size > 0) {
    for (const number of sheet.assignment) {
      const counted = left.get(number);
      if (counted !== undefined) left.set(number, counted + 1);
    }
  }
  for (const [number, before] of left) if (before === leaving.get(number)) drafts.set(number, null);
  return { atoms: moving, to: moving.map(() => grid), drafts };
}

/** A new grid is as those are that its atoms come from, where they agree. */
function draftFor(sheet: Sheet, grid: number, atoms: readonly number[]): Draft {
  const sources = [...new Set(atoms.map((atom) => at(sheet.assignment, atom)))].flatMap((number) => sheet.drafts.get(number) ?? []);
  const [first] = sources;
  const agree = first !== undefined && sources.every((one) => one.kind === first.kind && sameAs(one, first));
  return agree && first.kind !== "special" ? { ...newDraft(grid), kind: first.kind, target: first.target } : newDraft(grid);
}

const sameAs = (one: Draft, other: Draft): boolean => one.target?.households === other.target?.households && one.target?.band === other.target?.band;

function said(sheet: Sheet, numbers: readonly number[], as: (draft: Draft) => Draft): Effect {
  if (numbers.length === 0) return refusal("nothing-named");
  const drafts = new Map<number, Draft | null>();
  for (const number of numbers) {
    const draft = sheet.drafts.get(number);
    if (draft === undefined) return refusal("grid-unknown", number);
    drafts.set(number, as(draft));
  }
  return { atoms: [], to: [], drafts };
}
