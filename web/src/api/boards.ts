// Owns the shape of one community's sheet as it stands: the grid of every atom, the grids with their metrics, what is found.
import { bool, type Decoded, id, list, names, nullable, num, object, oneOf, record, str, withDefault } from "./check";
import { outline } from "./grounds";
import { getJson } from "./http";

export const target = object({ households: num, band: num });
/** Households a grid should have, and the share by which it may miss that. */
export type Target = Decoded<typeof target>;

export const GRID_KINDS = ["urban", "rural", "special"] as const;
export type GridKind = (typeof GRID_KINDS)[number];

export const sheetGrid = object({
  number: num,
  names: record(str),
  kind: oneOf(...GRID_KINDS),
  /** null = that of the plan. */
  target: nullable(target),
  locked: bool,
  /** The area that it goes on as; null = a new one. */
  area_id: nullable(id),
  code: nullable(str),
  metrics: record(num),
});
export type SheetGrid = Decoded<typeof sheetGrid>;

export const finding = object({
  kind: str,
  severity: oneOf("note", "warning", "blocks"),
  grids: list(num),
  atoms: list(num),
  /** Where to look: lon, lat. */
  at: nullable(list(num)),
  text: names,
});
export type Finding = Decoded<typeof finding>;

const sheetPart = object({
  id,
  plan_id: id,
  community_id: id,
  basis_id: id,
  count_id: id,
  revision: num,
  digest: str,
  /** Newer ground, or a newer count, is there. */
  outdated: bool,
});

export const board = object({
  part: sheetPart,
  target,
  counted_on: str,
  /** The number of the grid of each atom; -1 = none. */
  assignment: list(num),
  households: list(num),
  grids: list(sheetGrid),
  totals: record(num),
  /** Atoms whose corners were moved by hand. */
  redrawn: record(outline),
  open_cases: nullable(list(num)),
  cases_month: nullable(list(num)),
  /** The sheet that moves are counted from. */
  original: nullable(object({ assignment: list(num), areas: record(nullable(id)) })),
});
export type Board = Decoded<typeof board>;

const path = (plan: string, part: string, what: string): string =>
  `/plans/${encodeURIComponent(plan)}/parts/${encodeURIComponent(part)}/${what}`;

export const fetchSheet = (plan: string, part: string, signal?: AbortSignal): Promise<Board> =>
  getJson(path(plan, part, "board"), {}, board, signal);

const findings = object({ revision: num, publishable: bool, items: withDefault(list(finding), []) });
export type Findings = Decoded<typeof findings>;

export const fetchSheetFindings = (plan: string, part: string, signal?: AbortSignal): Promise<Findings> =>
  getJson(path(plan, part, "findings"), {}, findings, signal);
