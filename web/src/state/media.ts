// Owns the questions to the browser about its surroundings: width, motion, network.
import { useSyncExternalStore } from "react";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}

export const useNarrow = (): boolean => useMedia("(max-width: 899px)");

export const useStill = (): boolean => useMedia("(prefers-reduced-motion: reduce)");

export const prefersStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function watchNetwork(changed: () => void): () => void {
  addEventListener("online", changed);
  addEventListener("offline", changed);
  return () => {
    removeEventListener("online", changed);
    removeEventListener("offline", changed);
  };
}

export const useOnline = (): boolean => useSyncExternalStore(watchNetwork, () => navigator.onLine);
