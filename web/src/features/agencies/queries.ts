// Owns how answers about agencies, their sites, service areas and ways are kept.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Point } from "../../api/areas";
import { fetchServed, fetchSites, fetchUnits, fetchWays, type Measure } from "../../api/sites";

const none = (): Promise<never> => Promise.reject(new Error("nothing is chosen"));
const LONG_MS = 5 * 60_000;

export const useUnits = (enabled: boolean) => useQuery({ queryKey: ["units"], queryFn: ({ signal }) => fetchUnits(signal), staleTime: LONG_MS, enabled });

export const useSites = (agency: string | null) =>
  useQuery({ queryKey: ["sites", agency], queryFn: ({ signal }) => (agency === null ? none() : fetchSites(agency, signal)), enabled: agency !== null, staleTime: LONG_MS });

export const useServed = (category: string | null, by: Measure | null, day: string | null) =>
  useQuery({
    queryKey: ["served", category, by, day],
    queryFn: ({ signal }) => (category === null ? none() : fetchServed(category, by, day, signal)),
    enabled: category !== null,
    staleTime: LONG_MS,
    placeholderData: keepPreviousData,
  });

export const useWays = (category: string | null, at: Point | null, day: string | null) =>
  useQuery({
    queryKey: ["ways", category, at, day],
    queryFn: ({ signal }) => (category === null || at === null ? none() : fetchWays(category, at, day, signal)),
    enabled: category !== null && at !== null,
  });
