// Owns the words for kinds of agencies. Pure.
import type { Text } from "../../i18n/text";

export const UNIT_KINDS = ["bureau", "branch", "utility"] as const;

/** A kind that the city's own files bring is shown as they have it. */
export function kindWord(kind: string, text: Text): string {
  const known = UNIT_KINDS.find((one) => one === kind);
  return known === undefined ? kind : text(`places.agencies.kind.${known}`);
}
