// Owns the shapes of what one person asked for and another decides.
import { type Decoded, id, list, nullable, object, oneOf, str } from "./check";
import { getJson, postJson } from "./http";

export const APPROVAL_STATES = ["pending", "approved", "refused", "withdrawn", "expired", "taken"] as const;

const approval = object({
  id,
  noun: str,
  ref: str,
  summary: str,
  state: oneOf(...APPROVAL_STATES),
  requested_by: str,
  requested_at: str,
  expires_at: str,
  decided_by: nullable(str),
  decided_at: nullable(str),
  /** Why it was decided so, or taken back. */
  note: nullable(str),
});
export type Approval = Decoded<typeof approval>;

/** What was asked for a plan, newest first. */
export const fetchApprovals = async (plan: string, signal?: AbortSignal): Promise<Approval[]> =>
  (await getJson("/approvals", { noun: "planning_plan", ref: plan, limit: 20 }, object({ items: list(approval) }), signal)).items;

export const decide = async (approvalId: string, yes: boolean, note: string): Promise<Approval> =>
  (await postJson(`/approvals/${encodeURIComponent(approvalId)}/decision`, { yes, note }, approval)).value;
