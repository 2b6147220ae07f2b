// Owns what is drawn as the server has it, and what was drawn here on top of that and has not been acknowledged. Pure.
// What undoing would bring back is known for what this page has seen; for the rest the server is waited for.
import type { Changed, Operation } from "../../api/operations";
import { effectOf, isRefusal, type Refusal } from "./effects";
import { at } from "./ground";
import { type Change, copyOf, type Draft, draftOf, put, type Sheet } from "./sheet";

/** What somebody did: an operation, or a step back or forth in the log. */
export type Deed = Operation | { readonly kind: "undo" } | { readonly kind: "redo" };

export interface Entry {
  readonly id: string;
  readonly deed: Deed;
}

interface Layer {
  /** What takes back; null: only the server knows. */
  readonly change: Change | null;
  readonly below: Pile;
}
type Pile = Layer | null;

/** What can be taken back and done again, from here. */
export interface Past {
  readonly done: Pile;
  readonly undone: Pile;
}

export const NO_PAST: Past = { done: null, undone: null };

const on = (below: Pile, change: Change | null): Layer => ({ change, below });

export interface Stand {
  readonly sheet: Sheet;
  readonly past: Past;
}

/** How a deed went: its grids; why it may not be; or that only the server knows. */
export type Outcome = { readonly kind: "drawn" } | { readonly kind: "waits" } | { readonly kind: "refused"; readonly why: Refusal };

const DRAWN: Outcome = { kind: "drawn" };
const WAITS: Outcome = { kind: "waits" };

/** Does a deed to a sheet, which is written to. */
export function step(stand: Stand, deed: Deed): { readonly stand: Stand; readonly outcome: Outcome } {
  const { sheet, past } = stand;
  if (deed.kind === "undo") {
    const change = past.done?.change ?? null;
    const again = change === null ? null : put(sheet, change);
    return { stand: { sheet, past: { done: past.done?.below ?? null, undone: on(past.undone, again) } }, outcome: change === null ? WAITS : DRAWN };
  }
  if (deed.kind === "redo") {
    const change = past.undone?.change ?? null;
    const back = change === null ? null : put(sheet, change);
    return { stand: { sheet, past: { done: on(past.done, back), undone: past.undone?.below ?? null } }, outcome: change === null ? WAITS : DRAWN };
  }
  const effect = effectOf(sheet, deed);
  if (effect === null) return { stand: { sheet, past: { done: on(past.done, null), undone: null } }, outcome: WAITS };
  if (isRefusal(effect)) return { stand, outcome: { kind: "refused", why: effect } };
  return { stand: { sheet, past: { done: on(past.done, put(sheet, effect)), undone: null } }, outcome: DRAWN };
}

/** What is to be seen: what the server has, with everything since on top; and how each went. */
export function replay(confirmed: Stand, entries: readonly Entry[]): { readonly stand: Stand; readonly outcomes: readonly Outcome[] } {
  let stand: Stand = { sheet: copyOf(confirmed.sheet), past: confirmed.past };
  const outcomes: Outcome[] = [];
  for (const { deed } of entries) {
    const next = step(stand, deed);
    stand = next.stand;
    outcomes.push(next.outcome);
  }
  return { stand, outcomes };
}

/** Whether the server alone knows what it does. */
export const waits = (deed: Deed): boolean => deed.kind === "split" || deed.kind === "slide" || deed.kind === "move_corner" || deed.kind === "move_edge";

/** Whether it moves corners: then what it did is more than grids of atoms. */
const bends = (deed: Deed): boolean => deed.kind === "move_corner" || deed.kind === "move_edge";

/** The next entries that go out together: several operations, or one whose effect is the server's, or one step in the log. */
export function nextBatch(entries: readonly Entry[], most: number): readonly Entry[] {
  const [first] = entries;
  if (first === undefined) return [];
  const alone = (entry: Entry): boolean => entry.deed.kind === "undo" || entry.deed.kind === "redo" || waits(entry.deed);
  if (alone(first)) return [first];
  const end = entries.findIndex(alone);
  return entries.slice(0, Math.min(end === -1 ? entries.length : end, most));
}

/** What the server has after it did a batch: what it says it changed counts, whatever was expected here. */
export function acknowledged(confirmed: Stand, batch: readonly Entry[], changed: Changed): Stand {
  const before = copyOf(confirmed.sheet);
  let stand: Stand = { sheet: copyOf(confirmed.sheet), past: confirmed.past };
  for (const { deed } of batch) stand = step(stand, deed).stand;
  const { sheet } = stand;
  const told = toldChange(changed, sheet);
  put(sheet, told);
  const [only] = batch;
  if (batch.length !== 1 || only === undefined) return stand;
  // One alone, whose way back follows from what the server said; but for corners, which only the server puts back.
  const back = bends(only.deed) ? null : backTo(before, sheet);
  const { done, undone } = stand.past;
  return waits(only.deed) ? { sheet, past: { done: on(done?.below ?? null, back), undone } } : stand;
}

function toldChange(changed: Changed, sheet: Sheet): Change {
  const atoms: number[] = [];
  const to: number[] = [];
  for (const place of changed.atoms) {
    for (const atom of place.atoms) {
      if (at(sheet.assignment, atom) === place.grid) continue;
      atoms.push(atom);
      to.push(place.grid);
    }
  }
  const drafts = new Map<number, Draft | null>(changed.grids.map((one) => [one.number, draftOf(one)]));
  for (const number of changed.gone) if (sheet.drafts.has(number)) drafts.set(number, null);
  return { atoms, to, drafts };
}

function backTo(before: Sheet, after: Sheet): Change {
  const atoms: number[] = [];
  const to: number[] = [];
  for (let atom = 0; atom < after.assignment.length; atom += 1) {
    const was = at(before.assignment, atom);
    if (at(after.assignment, atom) === was) continue;
    atoms.push(atom);
    to.push(was);
  }
  const drafts = new Map<number, Draft | null>();
  for (const number of new Set([...before.drafts.keys(), ...after.drafts.keys()])) {
    const was = before.drafts.get(number) ?? null;
    if (was !== (after.drafts.get(number) ?? null)) drafts.set(number, was);
  }
  return { atoms, to, drafts };
}
