// Owns which atoms a conflict is about: those another has given elsewhere, and those our waiting strokes name. Pure.
import type { Conflict } from "../../../features/drawing/sync";

export function disputedBy(conflict: Conflict | null): readonly [theirs: ReadonlySet<number>, ours: ReadonlySet<number>] {
  if (conflict === null) return [new Set(), new Set()];
  const ours = conflict.mine.flatMap(({ deed }) => (deed.kind === "assign" ? deed.payload.atoms : []));
  return [new Set(conflict.atoms), new Set(ours)];
}
