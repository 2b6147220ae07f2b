// Owns the shapes of drawing: what is asked of a sheet, what the server says it did, the log.
import type { GridKind } from "./boards";
import { finding, sheetGrid } from "./boards";
import { type Decoded, type Decoder, id, list, nullable, num, object, record, str, withDefault } from "./check";
import { outline } from "./grounds";
import { getJson, postJson, type Problem } from "./http";

export type LonLat = readonly [lon: number, lat: number];

/** What can be done to a sheet; places in degrees. */
export type Operation =
  | { readonly kind: "assign"; readonly payload: { readonly atoms: readonly number[]; readonly grid: number } }
  | { readonly kind: "split"; readonly payload: { readonly grid: number; readonly line: readonly LonLat[]; readonly new: number } }
  | { readonly kind: "merge"; readonly payload: { readonly grids: readonly number[]; readonly into: number } }
  | { readonly kind: "slide"; readonly payload: { readonly grids: readonly [number, number]; readonly households?: number; readonly street?: readonly LonLat[] } }
  | { readonly kind: "move_corner"; readonly payload: { readonly corner: LonLat; readonly to: LonLat } }
  | { readonly kind: "move_edge"; readonly payload: { readonly corners: readonly LonLat[]; readonly by: readonly [east: number, north: number] } }
  | { readonly kind: "lock"; readonly payload: { readonly grids: readonly number[]; readonly locked: boolean } }
  | { readonly kind: "rename"; readonly payload: { readonly grid: number; readonly names: Readonly<Record<string, string>> } }
  | { readonly kind: "kind"; readonly payload: { readonly grid: number; readonly to: GridKind } }
  | { readonly kind: "target"; readonly payload: { readonly grid: number; readonly to: readonly [households: number, band: number] | null } };

const atLine = object({
  no: num,
  kind: str,
  grids: list(num),
  account_id: nullable(id),
  /** null = the owner of the machine, or whoever asks does not draw. */
  account: nullable(str),
  at: str,
});

const line = object({
  no: num,
  kind: str,
  payload: record((value: unknown) => value),
  grids: list(num),
  undoes: nullable(num),
  redoes: nullable(num),
  account_id: nullable(id),
  account: nullable(str),
  at: str,
});
/** One operation of the log. */
export type Line = Decoded<typeof line>;
/** What another did since a sheet was read. */
export type Step = Decoded<typeof atLine>;

const changed = object({
  atoms: list(object({ grid: num, atoms: list(num) })),
  grids: list(sheetGrid),
  gone: list(num),
  redrawn: record(outline),
});
export type Changed = Decoded<typeof changed>;

export const done = object({
  revision: num,
  digest: str,
  /** null = other ground lies below: all is to be read anew. */
  changed: nullable(changed),
  totals: record(num),
  findings: list(finding),
  about: nullable(line),
});
export type Done = Decoded<typeof done>;

const path = (plan: string, part: string, what: string): string =>
  `/plans/${encodeURIComponent(plan)}/parts/${encodeURIComponent(part)}/${what}`;

/** All of them or none. `revision`: of the part as it was read. */
export const draw = async (plan: string, part: string, revision: number, operations: readonly Operation[]): Promise<Done> =>
  (await postJson(path(plan, part, "operations"), { revision, operations }, done)).value;

export const undo = async (plan: string, part: string, revision: number): Promise<Done> =>
  (await postJson(path(plan, part, "undo"), { revision }, done)).value;

export const redo = async (plan: string, part: string, revision: number): Promise<Done> =>
  (await postJson(path(plan, part, "redo"), { revision }, done)).value;

const carried = object({ by_key: num, by_overlap: num, unassigned: list(num), grids_lost: list(num), corners_lost: num });
export type Carried = Decoded<typeof carried>;

export const rebase = async (plan: string, part: string, revision: number): Promise<Carried> =>
  (await postJson(path(plan, part, "rebase"), { revision }, carried)).value;

const log = object({ items: list(line), next: nullable(str) });

/** The log, newest first; `after`: only what came after that number. */
export const fetchLines = async (plan: string, part: string, after: number, limit: number, signal?: AbortSignal): Promise<Line[]> =>
  (await getJson(path(plan, part, "operations"), { after, limit }, log, signal)).items;

function within<T>(decode: Decoder<T>, problem: Problem, otherwise: T): T {
  try {
    return decode(problem.told, "problem");
  } catch {
    return otherwise;
  }
}

/** What another did, of a refusal `sheet-moved-on`. */
export const stepsOf = (problem: Problem): Step[] => within(object({ changes: withDefault(list(atLine), []) }), problem, { changes: [] }).changes;

/** The atoms that a refusal is about. */
export const atomsOf = (problem: Problem): number[] => within(object({ atoms: withDefault(list(num), []) }), problem, { atoms: [] }).atoms;
