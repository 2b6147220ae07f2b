// Owns how answers of the server are kept and renewed in the browser.
import { keepPreviousData, QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { fetchAnchor, fetchAnchors, locate, type Point, search } from "../api/areas";
import { type City, fetchCity, type Level } from "../api/city";
import { fetchDays, fetchDensity, type Period } from "../api/density";
import { fetchCategories, fetchRoute } from "../api/duties";
import { fetchContact } from "../api/contacts";
import { Unreachable } from "../api/http";
import { fetchIncident, fetchLatest } from "../api/incidents";
import { fetchOutlines } from "../api/outlines";
import { fetchPhotos } from "../api/photos";
import { fetchNotice } from "../api/privacy";

const MINUTE = 60_000;

/** A memory of answers, for one identity: see app/Gate.tsx. */
export const newClient = (): QueryClient => new QueryClient({
  defaultOptions: {
    queries: {
      // The server may be on this very machine: being offline is no reason not to ask, and asking fails at once instead of waiting for ever.
      networkMode: "always",
      retry: (failures, error) => error instanceof Unreachable && failures < 2,
      staleTime: MINUTE,
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

export const useCity = () => useQuery({ queryKey: ["city"], queryFn: ({ signal }) => fetchCity(signal), staleTime: 5 * MINUTE });

export const useCategories = () =>
  useQuery({ queryKey: ["categories"], queryFn: ({ signal }) => fetchCategories(signal), staleTime: 5 * MINUTE });

export const useAnchors = (city: City, level: Level) =>
  useQuery({
    queryKey: ["anchors", city.revision, level],
    queryFn: ({ signal }) => fetchAnchors(level, signal),
    staleTime: Infinity,
  });

/** The area of a post: where its map begins; null = the whole city. */
export const useHome = (areaId: string | null) =>
  useQuery({
    queryKey: ["home", areaId],
    queryFn: ({ signal }) => (areaId === null ? Promise.reject(new Error("no area")) : fetchAnchor(areaId, signal)),
    enabled: areaId !== null,
    staleTime: Infinity,
  });

/** A drawing of a level's areas; of grids that of the communities, which is enough for a moment. */
export const useOutlines = (level: Level) => {
  const drawn = level === "grid" ? "community" : level;
  return useQuery({ queryKey: ["outlines", drawn], queryFn: ({ signal }) => fetchOutlines(drawn, signal) });
};

export const useDensity = (level: Level, period: Period, category: string | null, enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["density", level, period, category],
    queryFn: ({ signal }) => fetchDensity(level, period, category, signal),
    placeholderData: keepPreviousData,
  });

export const useDays = (period: Period, category: string | null, enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["days", period, category],
    queryFn: ({ signal }) => fetchDays(period, category, signal),
    placeholderData: keepPreviousData,
  });

export const useLocated = (at: Point | null, accuracyM: number | null) =>
  useQuery({
    queryKey: ["locate", at, accuracyM],
    queryFn: ({ signal }) => (at === null ? Promise.reject(new Error("no point")) : locate(at, accuracyM, signal)),
    enabled: at !== null,
  });

export const useRoute = (category: string | null, at: Point | null) =>
  useQuery({
    queryKey: ["route", category, at],
    queryFn: ({ signal }) => (at === null || category === null ? Promise.reject(new Error("no point")) : fetchRoute(category, at, signal)),
    enabled: at !== null && category !== null,
  });

export const useSearch = (text: string) =>
  useQuery({
    queryKey: ["search", text],
    queryFn: ({ signal }) => search(text, signal),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });

export const useIncident = (id: string) => useQuery({ queryKey: ["incident", id], queryFn: ({ signal }) => fetchIncident(id, signal) });

const LATEST = 8;

export const useLatest = (areaId: string) =>
  useQuery({ queryKey: ["latest", areaId], queryFn: ({ signal }) => fetchLatest(areaId, LATEST, signal), placeholderData: keepPreviousData });

/** What is told before a contact is taken. */
export const useNotice = () => useQuery({ queryKey: ["notice"], queryFn: ({ signal }) => fetchNotice("report", signal), staleTime: 5 * MINUTE });

/** Masked. What was opened is kept nowhere. */
export const useContact = (incident: string, enabled: boolean) =>
  useQuery({ queryKey: ["contact", incident], queryFn: ({ signal }) => fetchContact(incident, signal), enabled });

export const photosKey = (incident: string) => ["photos", incident] as const;

export const usePhotos = (incident: string, enabled: boolean) =>
  useQuery({ queryKey: photosKey(incident), queryFn: ({ signal }) => fetchPhotos(incident, signal), enabled });

/** After a report: everything that counts incidents is asked again. */
export function useRecount(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ["city", "categories", "density", "days", "latest"]) void client.invalidateQueries({ queryKey: [key] });
  };
}
