// Owns what the page of plans shows, as a value, and its spelling in the address bar. Pure.
import type { Point } from "../../api/areas";
import { IN_FORCE } from "../../api/effects";
import { type Camera, camera, fixed, ident, oneOf, point, spellCamera, spellPoint, spelled } from "../../state/spelling";

export const TABS = ["parts", "propose", "compare", "preview", "publish", "files", "log"] as const;
export type Tab = (typeof TABS)[number];

export interface PlanView {
  /** The plan that is open; null: the list of all. */
  readonly plan: string | null;
  readonly show: Tab;
  /** The part that is open in the editor. */
  readonly edit: string | null;
  /** The part that the page is about just now: its log, its file. */
  readonly part: string | null;
  /** What the plan is compared with: another plan, or what is in force. */
  readonly with: string;
  /** Two maps that move together, in place of one with the differences. */
  readonly both: boolean;
  /** Whether a new plan is being made. */
  readonly fresh: boolean;
  /** A place to look at: that of a finding. */
  readonly at: Point | null;
  /** Grids that are chosen on the map, by their numbers in `part`. */
  readonly grids: readonly number[];
  readonly camera: Camera | null;
  /** What is not ours: the editor spells its own state with keys that begin with "e.". */
  readonly rest: string;
}

export const START: PlanView = {
  plan: null,
  show: "parts",
  edit: null,
  part: null,
  with: IN_FORCE,
  both: false,
  fresh: false,
  at: null,
  grids: [],
  camera: null,
  rest: "",
};

const OURS = new Set(["plan", "show", "edit", "part", "with", "both", "new", "at", "grids", "map"]);
const MOST_GRIDS = 200;

const numbersOf = (value: string | null): number[] =>
  (value ?? "")
    .split(".")
    .filter((one) => /^\d{1,6}$/.test(one))
    .map(Number)
    .slice(0, MOST_GRIDS);

/** Anything unreadable falls back; what belongs to a plan is nothing without one. */
export function readPlans(search: string): PlanView {
  const query = new URLSearchParams(search);
  const plan = ident(query.get("plan"));
  const rest = new URLSearchParams([...query].filter(([key]) => !OURS.has(key))).toString();
  const looked = camera(query.get("map"));
  if (plan === null) return { ...START, fresh: query.get("new") === "1", camera: looked, rest };
  const part = ident(query.get("part"));
  const other = query.get("with");
  return {
    plan,
    show: oneOf(query.get("show"), TABS, START.show),
    edit: ident(query.get("edit")),
    part,
    with: other === IN_FORCE ? IN_FORCE : (ident(other) ?? START.with),
    both: query.get("both") === "1",
    fresh: false,
    at: point(query.get("at")),
    grids: part === null ? [] : numbersOf(query.get("grids")),
    camera: looked,
    rest,
  };
}

/** Only what differs from the start is written, in a fixed order. */
export function writePlans(view: PlanView): string {
  const query = new URLSearchParams();
  if (view.plan === null) {
    if (view.fresh) query.set("new", "1");
  } else {
    query.set("plan", view.plan);
    if (view.show !== START.show) query.set("show", view.show);
    if (view.edit !== null) query.set("edit", view.edit);
    if (view.part !== null) query.set("part", view.part);
    if (view.with !== START.with) query.set("with", view.with);
    if (view.both) query.set("both", "1");
    if (view.at !== null) query.set("at", spellPoint(view.at));
    if (view.part !== null && view.grids.length > 0) query.set("grids", view.grids.map((one) => fixed(one, 0)).join("."));
  }
  if (view.camera !== null) query.set("map", spellCamera(view.camera));
  for (const [key, value] of new URLSearchParams(view.rest)) query.append(key, value);
  return spelled(query);
}

/** A plan, a tab of it, the editor, the form for a new one: each is a step that Back undoes. */
export const opens = (before: PlanView, after: PlanView): boolean =>
  before.plan !== after.plan || before.show !== after.show || (before.edit === null && after.edit !== null) || (!before.fresh && after.fresh) || before.with !== after.with || (!before.both && after.both);
