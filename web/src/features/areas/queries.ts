// Owns how answers about areas, their history and the boundaries of a day are kept.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Point } from "../../api/areas";
import { fetchAreaOn, fetchAreasOn, locateOn } from "../../api/areasOn";
import type { City, Level } from "../../api/city";
import { fetchAround, fetchLineage, fetchOffices, fetchTurns } from "../../api/history";

const none = (): Promise<never> => Promise.reject(new Error("nothing is chosen"));

export const useTurns = (city: City) => useQuery({ queryKey: ["turns", city.revision], queryFn: ({ signal }) => fetchTurns(signal), staleTime: Infinity });

/** `day` null: now. */
export const useLocatedOn = (at: Point | null, day: string | null) =>
  useQuery({ queryKey: ["locate", at, "on", day], queryFn: ({ signal }) => (at === null ? none() : locateOn(at, day, signal)), enabled: at !== null, placeholderData: keepPreviousData });

export const useAreaOn = (areaId: string | null, day: string | null) =>
  useQuery({ queryKey: ["area", areaId, day], queryFn: ({ signal }) => (areaId === null ? none() : fetchAreaOn(areaId, day, signal)), enabled: areaId !== null });

export const useAreasOn = (city: City, level: Level, day: string | null) =>
  useQuery({ queryKey: ["areas", city.revision, level, day], queryFn: ({ signal }) => fetchAreasOn(level, day, signal), staleTime: Infinity, placeholderData: keepPreviousData });

export const useAround = (areaId: string, day: string | null) => useQuery({ queryKey: ["around", areaId, day], queryFn: ({ signal }) => fetchAround(areaId, day, signal) });

export const useOffices = (areaId: string, day: string | null, enabled: boolean) =>
  useQuery({ queryKey: ["offices", areaId, day], queryFn: ({ signal }) => fetchOffices(areaId, day, signal), enabled });

export const useLineage = (areaId: string) => useQuery({ queryKey: ["lineage", areaId], queryFn: ({ signal }) => fetchLineage(areaId, signal) });
