// Owns how tool and colouring are spelled in the address (keys "e."), so that a colleague sees the same. Pure.
import { type Hand, SIZES, TOOLS } from "../../../features/drawing/tools";
import type { By } from "../../../features/drawing/painter";

export interface EditorView {
  readonly hand: Hand;
  readonly by: By;
}

export const START: EditorView = { hand: { tool: "brush", size: SIZES[0], into: "start", grid: null, beside: null, street: false }, by: "grid" };

export function readEditor(search: string): EditorView {
  const query = new URLSearchParams(search);
  const grid = query.get("e.grid") ?? "";
  return {
    hand: { ...START.hand, tool: TOOLS.find((tool) => tool === query.get("e.tool")) ?? START.hand.tool, grid: /^\d{1,9}$/.test(grid) ? Number(grid) : null },
    by: query.get("e.by") === "off" ? "off" : "grid",
  };
}

/** The search with what differs from the start; other keys are left alone. */
export function writeEditor(search: string, { hand, by }: EditorView): string {
  const query = new URLSearchParams(search);
  const put = (key: string, value: string | null): void => (value === null ? query.delete(key) : query.set(key, value));
  put("e.tool", hand.tool === START.hand.tool ? null : hand.tool);
  put("e.grid", hand.grid === null ? null : String(hand.grid));
  put("e.by", by === START.by ? null : by);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
