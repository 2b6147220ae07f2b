// Owns what stands above a threshold now: asked again every minute, drawn as marks.
import { useQuery } from "@tanstack/react-query";
import type { FeatureCollection } from "geojson";
import { type Alerts, fetchAlerts, fetchRules, type Standing } from "../../api/alerts";

const EVERY_MS = 60_000;

export const useStandingAlerts = (enabled: boolean) =>
  useQuery({ enabled, queryKey: ["alerts", "standing"], queryFn: ({ signal }) => fetchAlerts(signal), refetchInterval: EVERY_MS, staleTime: EVERY_MS / 2 });

export const useRules = () => useQuery({ queryKey: ["alerts", "rules"], queryFn: ({ signal }) => fetchRules(signal) });

/** One mark an area, with the value that is furthest above its threshold. */
export function alertsDrawn(alerts: Alerts | undefined): FeatureCollection {
  const marks = new Map<string, Standing>();
  for (const item of alerts?.items ?? []) {
    const before = marks.get(item.area_id);
    if (before === undefined || item.value / item.threshold > before.value / before.threshold) marks.set(item.area_id, item);
  }
  return {
    type: "FeatureCollection",
    features: [...marks.values()].map((item) => ({
      type: "Feature",
      properties: { n: short(item.value) },
      geometry: { type: "Point", coordinates: [item.lon, item.lat] },
    })),
  };
}

/** Three figures at most, so that they fit into the mark. */
export const short = (value: number): string => (value >= 9950 ? `${Math.round(value / 1000)}k` : value >= 1000 ? `${(value / 1000).toFixed(1)}k` : String(Math.round(value * 10) / 10));
