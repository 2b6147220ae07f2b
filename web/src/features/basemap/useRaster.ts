// Owns whether a provider's base map is shown: this browser's choice, if there is one and it answers. Every map asks here.
import { useCallback, useSyncExternalStore } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Basemap, fetchBasemap } from "../../api/basemap";
import type { Pictures } from "../../map/layers/raster";
import { remember, remembered } from "../../state/memory";

const KEY = "base";
const listeners = new Set<() => void>();
let wanted = remembered(KEY) === "raster";
const LOOK_AGAIN_MS = 30_000;

function want(on: boolean): void {
  wanted = on;
  remember(KEY, on ? "raster" : null);
  for (const listener of listeners) listener();
}

export interface Raster {
  /** null: no provider is set up, and there is no switch. */
  readonly provider: Basemap | null;
  readonly wanted: boolean;
  /** What the map draws; null: our own map. */
  readonly pictures: Pictures | null;
  readonly want: (on: boolean) => void;
  /** Pictures did not arrive: asks whether the provider is still there. */
  readonly doubt: () => void;
}

export function useRaster(): Raster {
  const on = useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, () => wanted);
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["basemap"],
    queryFn: ({ signal }) => fetchBasemap(signal),
    staleTime: LOOK_AGAIN_MS,
    // While it is away, the provider is asked for by others or not at all: only then is the answer worth another look.
    refetchInterval: ({ state }) => (on && state.data?.standing === "away" ? LOOK_AGAIN_MS : false),
  });
  const provider = data === undefined || data.standing === "none" ? null : data;
  const maxZoom = on && provider?.standing === "ready" ? provider.max_zoom : null;
  const doubt = useCallback(() => void client.invalidateQueries({ queryKey: ["basemap"] }), [client]);
  return { provider, wanted: on, pictures: pictures(maxZoom), want, doubt };
}

const KEPT = new Map<number, Pictures>();

/** The same value for the same zoom, so that a style stays the same while it says the same. */
function pictures(maxZoom: number | null): Pictures | null {
  if (maxZoom === null) return null;
  const found = KEPT.get(maxZoom) ?? { maxZoom, tiles: `${location.origin}/api/v1/basemap/{z}/{x}/{y}` };
  KEPT.set(maxZoom, found);
  return found;
}
