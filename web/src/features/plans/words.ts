// Owns the words for what plans hold: grids, operations, shares, instants of the city. Pure.
import type { Names } from "../../api/check";
import type { Plan } from "../../api/plans";
import { instantText, number, type Text } from "../../i18n/text";
import type { Key } from "../../i18n/zh";

interface Named {
  readonly number: number;
  readonly names: Names;
  readonly area_id: string | null;
}

/** A grid by its name; one that has none yet by its number. */
export function gridName(text: Text, grid: Named): string {
  const name = grid.names[text.lang];
  if (name !== "") return name;
  return text(grid.area_id === null ? "plans.grid.new" : "plans.grid.number", { n: String(grid.number) });
}

const KINDS = ["assign", "split", "merge", "slide", "move_corner", "move_edge", "lock", "rename", "kind", "target", "restore", "rebase"] as const;
type Kind = (typeof KINDS)[number];
const isKind = (kind: string): kind is Kind => KINDS.some((one) => one === kind);

/** What was done, in the words of the office; a kind that we do not know stands as the server calls it. */
export const operationWord = (text: Text, kind: string): string => (isKind(kind) ? text(`plans.log.kind.${kind}` satisfies Key) : kind);

export const percent = (text: Text, share: number, digits = 1): string => `${number(text.lang, share * 100, digits)} %`;

export const signed = (text: Text, value: number, digits = 0): string => {
  const written = number(text.lang, Math.abs(value), digits);
  if (Number(value.toFixed(digits)) === 0) return written;
  return value > 0 ? `+${written}` : `−${written}`;
};

/** Where a plan is in time, as one line; null: it is a draft. */
export function timeLine(text: Text, plan: Plan, zone: string): string | null {
  const at = (instant: string): string => instantText(text.lang, instant, zone);
  if (plan.retired_at !== null) return text("plans.until", { when: at(plan.retired_at) });
  if (plan.effective_at !== null) return text("plans.from", { when: at(plan.effective_at) });
  if (plan.state !== "review" && plan.state !== "approved") return null;
  return plan.wanted_from === null ? text("plans.due.soon") : text("plans.due", { when: at(plan.wanted_from) });
}
