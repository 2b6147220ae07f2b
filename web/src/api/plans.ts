// Owns the shapes of plans: what a plan is, its communities, its grids on a map, its log, its findings; and the calls that change it.
// Does not own drawing in it (boards.ts, operations.ts), proposals (proposals.ts), files (planfiles.ts), what moves with it (effects.ts).
import { bool, type Decoded, id, list, names, nullable, num, object, oneOf, str, withDefault } from "./check";
import { outline } from "./grounds";
import { getJson, postJson, sendJson } from "./http";

export const STATES = ["draft", "review", "approved", "effective", "retired", "dropped"] as const;
export type PlanState = (typeof STATES)[number];

const target = object({ households: num, band: num });
export type Target = Decoded<typeof target>;

const plan = object({
  id,
  name: str,
  purpose: str,
  state: oneOf(...STATES),
  target,
  revision: num,
  parts: num,
  /** The first of its communities. */
  communities: withDefault(list(id), []),
  /** How often it was drawn in. */
  operations: withDefault(num, 0),
  drawn_at: nullable(str),
  copy_of: nullable(id),
  returns_to: nullable(id),
  created_at: str,
  created_by_account: nullable(str),
  submitted_at: nullable(str),
  submitted_by_account: nullable(str),
  wanted_from: nullable(str),
  approval_id: nullable(id),
  effective_at: nullable(str),
  retired_at: nullable(str),
});
export type Plan = Decoded<typeof plan>;

const planPage = object({ items: list(plan), next: nullable(str) });
export type PlanPage = Decoded<typeof planPage>;

export const planPath = (of: string): string => `/plans/${encodeURIComponent(of)}`;

export const fetchPlans = (state: PlanState | null, cursor: string | null, signal?: AbortSignal): Promise<PlanPage> =>
  getJson("/plans", { state, cursor, limit: 100 }, planPage, signal);

export const fetchPlan = (of: string, signal?: AbortSignal): Promise<Plan> => getJson(planPath(of), {}, plan, signal);

export interface NewPlan {
  readonly name: string;
  readonly purpose: string;
  readonly target: Target | null;
  readonly copy_of: number | null;
  readonly communities: readonly number[];
}

export const makePlan = async (of: NewPlan): Promise<Plan> => (await postJson("/plans", of, plan)).value;

export interface PlanChange {
  readonly revision: number;
  readonly name?: string;
  readonly purpose?: string;
  readonly target?: Target;
}

export const changePlan = async (of: string, change: PlanChange): Promise<Plan> => (await sendJson("PATCH", planPath(of), change, plan)).value;

export const dropPlan = async (of: string): Promise<Plan> => (await sendJson("DELETE", planPath(of), undefined, plan)).value;

/** A plan that was dropped is a draft again. */
export const resumePlan = async (of: string): Promise<Plan> => (await postJson(`${planPath(of)}/resumption`, {}, plan)).value;

/** `wanted_from`: an instant with its zone; null = as soon as another person has said yes. */
export const submitPlan = async (of: string, wanted_from: string | null): Promise<Plan> =>
  (await postJson(`${planPath(of)}/submission`, { wanted_from }, object({ plan }))).value.plan;

export const withdrawPlan = async (of: string, reason: string): Promise<Plan> => (await postJson(`${planPath(of)}/withdrawal`, { reason }, plan)).value;

/** A new draft that brings back what held before the plan, or (`before` false) what it put in force. */
export const rollBack = async (of: string, before: boolean): Promise<Plan> =>
  (await postJson(`${planPath(of)}/roll-back`, { before, name: "" }, plan)).value;

const change = object({ kind: str, payload: object({ plan: nullable(id) }) });
/** A change above the grids: a tier, communities that merge, boundaries that are brought back (of which plan). */
export type Change = Decoded<typeof change>;

export const fetchChanges = async (of: string, signal?: AbortSignal): Promise<Change[]> => (await getJson(`${planPath(of)}/changes`, {}, object({ items: list(change) }), signal)).items;

const part = object({
  id,
  plan_id: id,
  community_id: id,
  basis_id: id,
  revision: num,
  /** Newer ground, or a newer count, is there than it is drawn on. */
  outdated: bool,
});
export type Part = Decoded<typeof part>;

const paged = <T>(item: (value: unknown, path: string) => T) => object({ items: list(item), next: nullable(str) });
const partPage = paged(part);

/** Every community of a plan, page by page. */
export async function fetchParts(of: string, signal?: AbortSignal): Promise<Part[]> {
  const found: Part[] = [];
  let cursor: string | null = null;
  do {
    const page: Decoded<typeof partPage> = await getJson(`${planPath(of)}/parts`, { limit: 500, cursor }, partPage, signal);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

export const addPart = async (of: string, community: string): Promise<Part> =>
  (await postJson(`${planPath(of)}/parts`, { community_id: Number(community) }, part)).value;

export async function rebasePart(of: Part): Promise<void> {
  await postJson(`${planPath(of.plan_id)}/parts/${of.id}/rebase`, { revision: of.revision }, object({ by_key: num, by_overlap: num }));
}

const basisPage = object({ items: list(object({ id })) });

/** Makes the ground of a community where it has none, so that it can be drawn. */
export async function ensureGround(community: string): Promise<void> {
  const found = await getJson("/plans/bases", { community, limit: 1 }, basisPage);
  if (found.items.length === 0) await postJson("/plans/bases", { community_id: Number(community) }, object({ id }));
}

const overviewGrid = object({
  part_id: id,
  community_id: id,
  number: num,
  names,
  kind: str,
  locked: bool,
  area_id: nullable(id),
  code: nullable(str),
  households: num,
  deviation: num,
  in_band: bool,
  bbox: list(num),
  geometry: nullable(outline),
});
export type PlanGrid = Decoded<typeof overviewGrid>;
const gridPage = paged(overviewGrid);

/** Every grid that a plan draws, with its shape. */
export async function fetchPlanGrids(of: string, signal?: AbortSignal): Promise<PlanGrid[]> {
  const found: PlanGrid[] = [];
  let cursor: string | null = null;
  do {
    const page: Decoded<typeof gridPage> = await getJson(`${planPath(of)}/grids`, { limit: 1000, cursor }, gridPage, signal);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

const line = object({
  no: num,
  kind: str,
  grids: list(num),
  undoes: nullable(num),
  redoes: nullable(num),
  account: nullable(str),
  at: str,
});
export type LogLine = Decoded<typeof line>;
const logPage = paged(line);
export type LogPage = Decoded<typeof logPage>;

export const fetchLog = (of: string, inPart: string, cursor: string | null, signal?: AbortSignal): Promise<LogPage> =>
  getJson(`${planPath(of)}/parts/${encodeURIComponent(inPart)}/operations`, { limit: 50, cursor }, logPage, signal);

/** Takes the last operation of a part back. */
export async function undoLast(of: Part): Promise<void> {
  await postJson(`${planPath(of.plan_id)}/parts/${of.id}/undo`, { revision: of.revision }, object({ revision: num }));
}

export const finding = object({
  kind: str,
  severity: str,
  grids: list(num),
  at: nullable(list(num)),
  text: names,
});
export type Finding = Decoded<typeof finding>;

const activation = object({
  id,
  plan_id: id,
  name: str,
  before_id: nullable(id),
  effective_from: str,
});
export type Activation = Decoded<typeof activation>;

export const fetchActivations = async (signal?: AbortSignal): Promise<Activation[]> =>
  (await getJson("/plans/activations", { limit: 100 }, object({ items: list(activation) }), signal)).items;

const metric = object({ name: str, unit: str, names, definition: str });
export type Metric = Decoded<typeof metric>;

export const fetchMetrics = async (signal?: AbortSignal): Promise<ReadonlyMap<string, Metric>> =>
  new Map((await getJson("/plans/metrics", {}, object({ items: list(metric) }), signal)).items.map((one) => [one.name, one]));

const community = object({ id, code: str, names, parent: nullable(id), households: nullable(num), area_km2: num, label: object({ lon: num, lat: num }) });
export type Community = Decoded<typeof community>;
const communityPage = paged(community);

/** Every area of a level in force now, with what lies above it. */
export async function fetchAreasOf(level: "community" | "subdistrict", signal?: AbortSignal): Promise<Community[]> {
  const found: Community[] = [];
  let cursor: string | null = null;
  do {
    const page: Decoded<typeof communityPage> = await getJson("/areas", { level, limit: 1000, cursor }, communityPage, signal);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}
