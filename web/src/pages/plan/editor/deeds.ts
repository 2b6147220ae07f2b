// Owns what was done, in words. Pure.
import type { Step } from "../../../api/operations";
import type { Deed } from "../../../features/drawing/replay";
import type { Key } from "../../../i18n/zh";
import type { Text } from "../../../i18n/text";

export function deedText(text: Text, deed: Deed): string {
  switch (deed.kind) {
    case "assign": {
      const n = deed.payload.atoms.length;
      return deed.payload.grid < 0 ? text("drawing.deed.unassign", { n }) : text("drawing.deed.assign", { n, grid: String(deed.payload.grid) });
    }
    case "split":
    case "rename":
    case "kind":
    case "target":
      return text(`drawing.deed.${deed.kind}`, { grid: String(deed.payload.grid) });
    case "merge":
    case "slide":
      return text(`drawing.deed.${deed.kind}`, { grids: deed.payload.grids.join(", ") });
    case "lock":
      return text(deed.payload.locked ? "drawing.deed.lock" : "drawing.deed.unlock", { grids: short(deed.payload.grids) });
    case "move_corner":
    case "move_edge":
      return text("drawing.deed.corner");
    case "undo":
    case "redo":
      return text(`drawing.deed.${deed.kind}`);
  }
}

const MOST = 6;
const short = (grids: readonly number[]): string => (grids.length > MOST ? `${grids.slice(0, MOST).join(", ")} …` : grids.join(", "));

/** Kinds of the log that are tools of ours; its grids stand beside. */
const TOOL: Readonly<Record<string, Key>> = {
  assign: "drawing.tool.brush", split: "drawing.tool.split", merge: "drawing.tool.merge", slide: "drawing.tool.slide", move_corner: "drawing.tool.corner", move_edge: "drawing.tool.corner",
  lock: "drawing.lock", rename: "drawing.log.rename", kind: "drawing.log.kind", target: "drawing.log.target", restore: "drawing.undo", rebase: "drawing.outdated.take",
};

/** What another did, as far as a refusal tells. */
export function stepText(text: Text, step: Step): string {
  const grids = step.grids.filter((number) => number >= 0);
  const what = text(TOOL[step.kind] ?? "drawing.deed.other");
  return grids.length === 0 ? what : `${what} · ${text("drawing.grid", { grid: short(grids) })}`;
}
