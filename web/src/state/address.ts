// Owns binding a page's state to the address bar: Back closes what was opened, moving about does not fill the history.
import { useCallback, useSyncExternalStore } from "react";
import { onMove } from "./place";

/** How a page spells its state. `read` takes anything and falls back where it cannot be read; both are pure. */
export interface Spelling<V> {
  readonly read: (search: string) => V;
  /** "" or "?…". */
  readonly write: (view: V) => string;
  /** Whether the step opens something, so that Back undoes it. */
  readonly opens: (before: V, after: V) => boolean;
}

export type Change<V> = (change: Partial<V>) => void;

/** A hook for one page: its state, and how to change parts of it. The state is one for the page, wherever it is used. */
export function addressed<V extends object>({ read, write, opens }: Spelling<V>): () => readonly [V, Change<V>] {
  const listeners = new Set<() => void>();
  let seen: string | null = null;
  let current = read("");

  const now = (): V => {
    if (location.search !== seen) {
      seen = location.search;
      current = read(seen);
    }
    return current;
  };
  const subscribe = (listener: () => void): (() => void) => {
    const stop = onMove(listener);
    listeners.add(listener);
    return () => {
      stop();
      listeners.delete(listener);
    };
  };
  const change: Change<V> = (part) => {
    const before = now();
    const next = { ...before, ...part };
    const url = location.pathname + write(next);
    if (opens(before, next)) history.pushState(null, "", url);
    else if (url !== location.pathname + location.search) history.replaceState(null, "", url);
    // What the address rounds stays exact in memory until somebody moves.
    seen = location.search;
    current = next;
    for (const listener of listeners) listener();
  };
  return () => [useSyncExternalStore(subscribe, now), useCallback<Change<V>>((part) => change(part), [])];
}
