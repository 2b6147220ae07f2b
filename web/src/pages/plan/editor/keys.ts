// Owns the editor's keys: what is pressed anywhere on the page but in a field.
import { useEffect, useRef } from "react";
import { KEY_OF, type Tool, TOOLS } from "../../../features/drawing/tools";

export interface Actions {
  readonly tool: (tool: Tool) => void;
  readonly size: (by: 1 | -1) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly next: () => void;
  readonly fresh: () => void;
  readonly lock: () => void;
  readonly by: () => void;
  readonly choose: () => void;
  readonly help: () => void;
  readonly escape: () => void;
}

export type Act = Exclude<keyof Actions, "tool" | "size"> | { readonly tool: Tool } | { readonly size: 1 | -1 };

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const ALONE: Readonly<Record<string, Act>> = {
  n: "next", w: "fresh", k: "lock", v: "by", c: "choose", "?": "help", escape: "escape", "[": { size: -1 }, "]": { size: 1 },
};

/** What a key means; null: nothing to us. */
export function actOf({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): Act | null {
  const pressed = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (altKey) return null;
    if (pressed === "z") return shiftKey ? "redo" : "undo";
    return pressed === "y" && !shiftKey ? "redo" : null;
  }
  if (altKey) return null;
  const tool = TOOLS.find((one) => KEY_OF[one].toLowerCase() === pressed);
  return tool === undefined ? (ALONE[pressed] ?? null) : { tool };
}

const FIELDS = "input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]";

export function useKeys(actions: Actions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || (event.target instanceof Element && event.target.closest(FIELDS) !== null)) return;
      const act = actOf(event);
      if (act === null) return;
      event.preventDefault();
      const now = latest.current;
      if (typeof act === "string") now[act]();
      else if ("tool" in act) now.tool(act.tool);
      else now.size(act.size);
    };
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);
}
