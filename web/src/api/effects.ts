// Owns the shapes of what a plan does: what becomes of grids beside another plan, and everything that moves when it takes effect.
import { type Decoded, id, list, names, nullable, num, object, oneOf, record, str } from "./check";
import { address, getJson, sendJson } from "./http";
import { finding, planPath } from "./plans";

export const FATES = ["same", "changed", "split", "merged", "new", "ended"] as const;
export type Fate = (typeof FATES)[number];

const side = object({ number: num, code: nullable(str), names, area_id: nullable(id), households: num, metrics: record(num) });
export type Side = Decoded<typeof side>;

export const gridPair = object({
  fate: oneOf(...FATES),
  before: nullable(side),
  after: nullable(side),
  partners: list(num),
  came: num,
  went: num,
});
export type GridPair = Decoded<typeof gridPair>;

export const movedGround = object({ atom: num, key: str, place: list(num), before: num, after: num, households: num, cases: nullable(num) });
export type MovedGround = Decoded<typeof movedGround>;

const compared = object({
  community: str,
  community_id: id,
  /** The ground that `moved` counts its atoms in. */
  basis_id: id,
  names,
  households: num,
  households_moved: num,
  cases_moved: nullable(num),
  unassigned_before: num,
  unassigned_after: num,
  totals_before: record(num),
  totals_after: record(num),
  grids: list(gridPair),
  moved_count: num,
  moved: list(movedGround),
});
export type Compared = Decoded<typeof compared>;

const comparison = object({
  households: num,
  households_moved: num,
  cases_moved: nullable(num),
  fates: record(num),
  communities: list(compared),
});
export type Comparison = Decoded<typeof comparison>;

/** The other side of a comparison: a plan's id, or what is in force. */
export const IN_FORCE = "in-force";

const comparePath = (of: string, other: string): string => `${planPath(of)}/compare/${encodeURIComponent(other)}`;

/** From the other to this plan: what this one changes. */
export const fetchComparison = (of: string, other: string, signal?: AbortSignal): Promise<Comparison> => getJson(comparePath(of, other), { turned: true }, comparison, signal);

/** Where the same comparison is to be had as one page, or as a GeoPackage. */
export const comparisonAddress = (of: string, other: string, as: "page" | "file"): string => address(`${comparePath(of, other)}/${as}`, { turned: true });

const area = object({ id, level: str, code: str, names });
export type AreaNamed = Decoded<typeof area>;

const moves = object({
  noun: oneOf("incidents", "cases", "duties", "posts"),
  total: num,
  /** null: seen when they go. */
  moved: nullable(num),
  left: num,
  by: list(object({ before: nullable(str), after: nullable(str), count: num })),
});
export type Moves = Decoded<typeof moves>;

const openMatter = object({ list: str, item: str, category: str, lead: str, area: str, zh: str, en: str });
export type OpenMatter = Decoded<typeof openMatter>;

const preview = object({
  moved_households: num,
  begun: list(area),
  changed: list(area),
  ending: list(object({ area, heirs: list(object({ level: str, code: str, households: num, share: num })) })),
  moves: list(moves),
  blocking: list(object({ community_id: id, finding })),
  open_matters: list(openMatter),
});
export type Preview = Decoded<typeof preview>;

export const fetchPreview = (of: string, signal?: AbortSignal): Promise<Preview> => getJson(`${planPath(of)}/preview`, {}, preview, signal);

const movingPage = object({ items: list(object({ number: id, before: nullable(str), after: nullable(str) })), next: nullable(str) });
export type MovingPage = Decoded<typeof movingPage>;

export const fetchMovingCases = (of: string, cursor: string | null, signal?: AbortSignal): Promise<MovingPage> =>
  getJson(`${planPath(of)}/preview/cases`, { cursor, limit: 50 }, movingPage, signal);

const matter = object({ list: str, item: str, lead: str, note: str });
export type Takeover = Decoded<typeof matter>;
const matterList = object({ items: list(matter) });

export const fetchMatters = async (of: string, signal?: AbortSignal): Promise<Takeover[]> => (await getJson(`${planPath(of)}/matters`, {}, matterList, signal)).items;

export async function putMatters(of: string, items: readonly Takeover[]): Promise<void> {
  await sendJson("PUT", `${planPath(of)}/matters`, { items }, object({ id }));
}
