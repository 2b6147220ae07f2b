// Owns which communities lie below the area of a post: a planner draws in those alone. Pure.
import type { Community } from "../../api/plans";

/** `area` null: the whole city. */
export function within(communities: readonly Community[], subdistricts: readonly Community[], area: string | null): Community[] {
  if (area === null) return [...communities];
  const above = new Map(subdistricts.map((one) => [one.id, one.parent]));
  return communities.filter((one) => one.id === area || one.parent === area || (one.parent !== null && above.get(one.parent) === area));
}

export function matching(communities: readonly Community[], wanted: string): Community[] {
  const text = wanted.trim().toLowerCase();
  return text === "" ? [...communities] : communities.filter((one) => [one.names.zh, one.names.en, one.code].some((part) => part.toLowerCase().includes(text)));
}
