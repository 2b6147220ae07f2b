// Owns binding the view to the address bar: Back closes what was opened, moving about does not fill the history.
import { useCallback, useSyncExternalStore } from "react";
import { readView, type View, writeView } from "./view";

let current: View = readView(location.search);
const listeners = new Set<() => void>();

function publish(next: View): void {
  current = next;
  for (const listener of listeners) listener();
}

addEventListener("popstate", () => publish(readView(location.search)));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What opens something (a point, an incident, the table) is a step that Back undoes. */
const opens = (before: View, after: View): boolean =>
  (before.point === null && after.point !== null) || (before.incident === null && after.incident !== null) || (!before.table && after.table);

export type ChangeView = (change: Partial<View>) => void;

export function useView(): readonly [View, ChangeView] {
  const view = useSyncExternalStore(subscribe, () => current);
  const change = useCallback<ChangeView>((part) => {
    const next = { ...current, ...part };
    const url = location.pathname + writeView(next);
    if (opens(current, next)) history.pushState(null, "", url);
    else if (url !== location.pathname + location.search) history.replaceState(null, "", url);
    publish(next);
  }, []);
  return [view, change];
}
