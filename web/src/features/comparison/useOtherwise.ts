// Owns asking for other boundaries, and what their areas are called and where they lie.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Anchor } from "../../api/areas";
import { fetchBoundaries } from "../../api/boundaries";
import type { Level } from "../../api/city";
import { fetchPlans, type Plan } from "../../api/plans";
import { anchorsOf } from "./otherwise";

export const useBoundaries = (level: Level, asBy: string | null) =>
  useQuery({
    enabled: asBy !== null,
    queryKey: ["boundaries", level, asBy],
    queryFn: ({ signal }) => (asBy === null ? Promise.reject(new Error("no boundaries")) : fetchBoundaries(level, asBy, signal)),
  });

/** Areas of other boundaries as those in force are known: name, where it stands, size. */
export function useAnchorsBy(level: Level, asBy: string | null): ReadonlyMap<string, Anchor> | undefined {
  const { data } = useBoundaries(level, asBy);
  return useMemo(() => (data === undefined ? undefined : anchorsOf(level, data)), [level, data]);
}

/** Plans whose boundaries can be counted by: the newest that were not dropped. */
export const usePlans = (enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ["plans", "to count by"],
    queryFn: async ({ signal }): Promise<Plan[]> => (await fetchPlans(null, null, signal)).items.filter((plan) => plan.state !== "dropped"),
  });
