// Owns the words for states of cases. Pure.
import type { Text } from "../../i18n/text";

export const CASE_STATES = [
  "reported",
  "verifying",
  "accepted",
  "dispatched",
  "handling",
  "returning",
  "disputed",
  "suspended",
  "whistled",
  "answered",
  "checking",
  "checked",
  "closed",
  "refused",
  "cancelled",
  "merged",
] as const;

/** A state that is newer than these pages is shown as it is. */
export function stateWord(state: string, text: Text): string {
  const known = CASE_STATES.find((one) => one === state);
  return known === undefined ? state : text(`board.state.${known}`);
}
