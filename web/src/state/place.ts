// Owns which page the address names, and going to another without loading anew.
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const told = (): void => {
  for (const listener of listeners) listener();
};
addEventListener("popstate", told);

/** Calls back whenever the address changes by Back, Forward or `go`. Returns how to stop that. */
export function onMove(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** To an address of our own; `replace`: Back does not return here. */
export function go(url: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, "", url);
  else if (url !== location.pathname + location.search) history.pushState(null, "", url);
  told();
}

export const usePath = (): string => useSyncExternalStore(onMove, () => location.pathname);
