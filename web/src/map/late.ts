// Owns when MapLibre comes: not before the page that shows a map runs, and then both of its halves at once. It is two thirds
// of all script, and a page says much before its map can.
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type * as gl from "./gl";

export type Gl = typeof gl;

let coming: Promise<Gl> | null = null;

/** Fails where it could not be fetched; whoever asks then asks anew. */
export function fetchGl(): Promise<Gl> {
  coming ??= import("./gl").catch((error: unknown) => {
    coming = null;
    throw error;
  });
  return coming;
}

/** The worker is asked for by MapLibre only when it has come itself; from here it lies ready in the browser's store. */
export function foresee(): void {
  void fetchGl().catch(() => undefined);
  void fetch(workerUrl).catch(() => undefined);
}
