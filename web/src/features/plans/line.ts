// Owns the line of versions in time: what was in force from when until when, what is, what is to come. Pure.
import type { Activation, Plan } from "../../api/plans";

export interface Version {
  readonly key: string;
  /** null: the boundaries that were there before any plan. */
  readonly plan: string | null;
  readonly name: string | null;
  readonly standing: "past" | "now" | "coming" | "waiting";
  /** From when it holds, held or is to hold; null: from the beginning, or as soon as it is approved. */
  readonly from: string | null;
}

/** In the order of time. `coming`: approved; `waiting`: another person has yet to decide. */
export function lineOf(activations: readonly Activation[], plans: readonly Plan[]): Version[] {
  const known = new Map(plans.map((plan) => [plan.id, plan]));
  const past = activations.toSorted((one, other) => Date.parse(one.effective_from) - Date.parse(other.effective_from));
  // Several plans may hold at a time, each in its own communities: a plan is past when it says so itself.
  const held = past.map((one): Version => ({
    key: `a${one.id}`,
    plan: one.plan_id,
    name: known.get(one.plan_id)?.name ?? one.name,
    standing: known.get(one.plan_id)?.state === "retired" ? "past" : "now",
    from: one.effective_from,
  }));
  const ahead = plans
    .filter((plan) => plan.state === "approved" || plan.state === "review")
    .toSorted((one, other) => Date.parse(one.wanted_from ?? one.created_at) - Date.parse(other.wanted_from ?? other.created_at))
    .map((plan): Version => ({ key: `p${plan.id}`, plan: plan.id, name: plan.name, standing: plan.state === "approved" ? "coming" : "waiting", from: plan.wanted_from }));
  return [{ key: "first", plan: null, name: null, standing: past.length === 0 ? "now" : "past", from: null }, ...held, ...ahead];
}
