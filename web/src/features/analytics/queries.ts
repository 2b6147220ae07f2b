// Owns how counts are asked for and kept: one query a view, the picture before stays until the next one is there.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { fetchAgencies } from "../../api/agencies";
import { fetchGround } from "../../api/areas";
import { fetchCounted } from "../../api/cases";
import { daysOfCounts, type Dimension, fetchCounts, fetchMeasured, type Measured, type MeasureName } from "../../api/counts";
import { fetchHexagons, fetchSurface } from "../../api/density";
import { fetchIncidents } from "../../api/incidents";
import type { Params } from "../../api/http";
import { type Asked, during, filtersOf, paramsBy, paramsOf } from "./asked";

/** An answer with the question that it answers: while the next one is under way, the one before says what it is of. */
export interface Answered extends Measured {
  readonly asked: Asked;
}

export const useMeasured = (by: Dimension, measure: MeasureName, asked: Asked | null) =>
  useQuery({
    enabled: asked !== null,
    queryKey: ["density", "measured", by, measure, asked],
    queryFn: async ({ signal }): Promise<Answered> => {
      if (asked === null) throw new Error("nothing asked");
      return { ...(await fetchMeasured(by, measure, by === "agency" ? paramsOf(asked) : paramsBy(asked), signal)), asked };
    },
    placeholderData: keepPreviousData,
  });

/** All days with the same filters, whatever the window. */
export function useDayCounts(asked: Asked) {
  const always = during(asked, null, null);
  return useQuery({
    queryKey: ["days", "counted", always],
    queryFn: async ({ signal }) => daysOfCounts(await fetchCounts({ by: "day", params: paramsOf(always) }, signal)),
    placeholderData: keepPreviousData,
  });
}

/** The box of an area's ground; null = the whole city is asked for. */
export const useGround = (areaId: string | null) =>
  useQuery({
    enabled: areaId !== null,
    queryKey: ["home", "ground", areaId],
    queryFn: ({ signal }) => (areaId === null ? Promise.reject(new Error("no area")) : fetchGround(areaId, signal)),
    staleTime: Infinity,
  });

export const useAgencies = (enabled: boolean) => useQuery({ enabled, queryKey: ["agencies"], queryFn: ({ signal }) => fetchAgencies(signal), staleTime: 300_000 });

export const useHexagons = (resolution: number, asked: Asked, enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["density", "hexagons", resolution, asked],
    queryFn: ({ signal }) => fetchHexagons(resolution, filtersOf(asked), signal),
    placeholderData: keepPreviousData,
  });

export const useSurface = (asked: Asked, enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["density", "surface", asked],
    queryFn: ({ signal }) => fetchSurface(filtersOf(asked), signal),
    placeholderData: keepPreviousData,
  });

const PAGE = 50;

/** A line of a list of incidents or of cases. */
export interface Line {
  readonly id: string;
  readonly number: string;
  readonly category: { readonly zh: string; readonly en: string };
  readonly at: string;
  readonly state: string;
  readonly light: string | null;
}

interface LinePage {
  readonly lines: readonly Line[];
  readonly next: string | null;
}

async function incidentLines(params: Params, cursor: string | null, signal: AbortSignal): Promise<LinePage> {
  const { items, next } = await fetchIncidents(params, cursor, PAGE, signal);
  return { lines: items.map((one) => ({ id: one.id, number: one.number, category: one.category.names, at: one.happened_at, state: one.status, light: null })), next };
}

async function caseLines(params: Params, cursor: string | null, signal: AbortSignal): Promise<LinePage> {
  const { items, next } = await fetchCounted(params, cursor, PAGE, signal);
  return { lines: items.map((one) => ({ id: one.id, number: one.number, category: one.category.names, at: one.opened_at, state: one.state, light: one.light })), next };
}

export const useLines = (of: Asked["of"], params: Params) =>
  useInfiniteQuery({
    queryKey: ["latest", "behind", of, params],
    queryFn: ({ pageParam, signal }) => (of === "cases" ? caseLines(params, pageParam, signal) : incidentLines(params, pageParam, signal)),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

/** How many a list has, asked of the counts themselves. */
export const useBehindTotal = (by: Dimension, measures: readonly string[], params: Params) =>
  useQuery({
    queryKey: ["density", "behind", by, measures, params],
    queryFn: ({ signal }) => fetchCounts({ by, measures, params }, signal),
  });
