// Owns how findings are asked for and kept. Long questions are asked once for a view, and can be broken off.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { fetchClusters } from "../../api/clusters";
import type { Level } from "../../api/city";
import { fetchHotSpots } from "../../api/hotspots";
import type { Params } from "../../api/http";
import { fetchRepeats } from "../../api/repeats";
import { fetchRising, fetchSeries } from "../../api/rising";

/** An answer over many areas is worked out anew by the server each time: it is kept for a while. */
const KEPT = 5 * 60_000;

export const useHotSpots = (level: Level, measure: "count" | "rate", asked: Params, enabled: boolean) =>
  useQuery({ enabled, staleTime: KEPT, queryKey: ["hotspots", level, measure, asked], queryFn: ({ signal }) => fetchHotSpots(level, measure, asked, signal) });

export const useRising = (level: Level, asked: Params, enabled: boolean) =>
  useQuery({ enabled, staleTime: KEPT, queryKey: ["rising", level, asked], queryFn: ({ signal }) => fetchRising(level, asked, signal) });

export const useClusters = (level: Level, asked: Params, enabled: boolean) =>
  useQuery({ enabled, staleTime: KEPT, queryKey: ["clusters", level, asked], queryFn: ({ signal }) => fetchClusters(level, asked, signal) });

export const useRepeats = (asked: Params, enabled: boolean) =>
  useQuery({ enabled, staleTime: KEPT, queryKey: ["repeats", asked], queryFn: ({ signal }) => fetchRepeats(asked, signal) });

/** The days of all areas of a level for one group; shared by every row that shows one of them. */
export const useSeries = (level: Level, group: string | null, asked: Params, enabled: boolean) =>
  useQuery({ enabled, staleTime: KEPT, queryKey: ["series", level, group, asked], queryFn: ({ signal }) => fetchSeries(level, group, asked, signal) });

/** Breaks off a question that is under way; what was known before stays. */
export function useBreakOff(): (noun: "hotspots" | "rising" | "clusters" | "repeats") => void {
  const client = useQueryClient();
  return (noun) => void client.cancelQueries({ queryKey: [noun] });
}
