// Owns asking for other boundaries and the counts by them.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { fetchBoundaries } from "../../api/boundaries";
import type { Level } from "../../api/city";
import { type Counts, fetchCounts } from "../../api/counts";
import { fetchPlans, type Plan } from "../../api/plans";
import { type Asked, paramsOf } from "../analytics/asked";

export const useBoundaries = (level: Level, asBy: string | null) =>
  useQuery({
    enabled: asBy !== null,
    queryKey: ["boundaries", level, asBy],
    queryFn: ({ signal }) => (asBy === null ? Promise.reject(new Error("no boundaries")) : fetchBoundaries(level, asBy, signal)),
  });

export const useCountsBy = (level: Level, asked: Asked, asBy: string | null) =>
  useQuery({
    enabled: asBy !== null,
    queryKey: ["counts", "otherwise", level, asked, asBy],
    queryFn: ({ signal }): Promise<Counts> => fetchCounts({ by: level, params: { ...paramsOf(asked), as_by: asBy } }, signal),
    placeholderData: keepPreviousData,
  });

/** Plans whose boundaries can be counted by: the newest that were not dropped. */
export const usePlans = (enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["plans", "to count by"],
    queryFn: async ({ signal }): Promise<Plan[]> => (await fetchPlans(null, null, signal)).items.filter((plan) => plan.state !== "dropped"),
  });
