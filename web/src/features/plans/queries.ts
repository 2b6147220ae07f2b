// Owns how plans are kept in the browser and asked for again: what follows from a sheet is kept by its revision.
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { fetchApprovals } from "../../api/approvals";
import { fetchComparison, fetchMatters, fetchMovingCases, fetchPreview } from "../../api/effects";
import { type Atom, fetchAtoms, type Outline } from "../../api/grounds";
import { fetchActivations, fetchAreasOf, fetchChanges, fetchLog, fetchMetrics, fetchParts, fetchPlan, fetchPlanGrids, fetchPlans, type Part, type Plan, type PlanState } from "../../api/plans";
import { fetchJob, fetchJobs, isOver, type Job } from "../../api/proposals";

const SOON_MS = 1000;
const NOW_AND_THEN_MS = 5000;

export const usePlanList = (state: PlanState | null) =>
  useInfiniteQuery({
    queryKey: ["plans", "list", state],
    queryFn: ({ pageParam, signal }) => fetchPlans(state, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** While somebody else, or the clock, has the next step, it is asked for again. */
export const usePlan = (id: string) =>
  useQuery({
    queryKey: ["plans", "one", id],
    queryFn: ({ signal }) => fetchPlan(id, signal),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (data?.state === "review" || data?.state === "approved" ? NOW_AND_THEN_MS : false),
  });

export const useParts = (id: string | null) =>
  useQuery({ queryKey: ["plans", "parts", id], queryFn: ({ signal }) => (id === null ? [] : fetchParts(id, signal)), enabled: id !== null, staleTime: 0 });

/** What is drawn in all its communities: changes with the revision of any of them, or of the plan's own target. */
export const drawnKey = (plan: Plan | undefined, parts: readonly Part[] | undefined): string => `${plan?.revision ?? ""}/${(parts ?? []).map((one) => `${one.id}.${one.revision}`).join(" ")}`;

export const usePlanGrids = (id: string | null, key: string, ready: boolean) =>
  useQuery({
    queryKey: ["plan-grids", id, key],
    queryFn: ({ signal }) => (id === null ? [] : fetchPlanGrids(id, signal)),
    enabled: id !== null && ready,
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    staleTime: Infinity,
  });

export const useChanges = (id: string) => useQuery({ queryKey: ["plans", "changes", id], queryFn: ({ signal }) => fetchChanges(id, signal), staleTime: 0 });

export const useActivations = () => useQuery({ queryKey: ["plans", "activations"], queryFn: ({ signal }) => fetchActivations(signal), staleTime: 0 });

export const useMetrics = () => useQuery({ queryKey: ["plan-metrics"], queryFn: ({ signal }) => fetchMetrics(signal), staleTime: Infinity });

export const useCommunities = (revision: string) =>
  useQuery({ queryKey: ["plan-communities", revision], queryFn: ({ signal }) => fetchAreasOf("community", signal), staleTime: Infinity, placeholderData: keepPreviousData });

export const useSubdistricts = (revision: string) =>
  useQuery({ queryKey: ["plan-subdistricts", revision], queryFn: ({ signal }) => fetchAreasOf("subdistrict", signal), staleTime: Infinity, placeholderData: keepPreviousData });

export const useLog = (plan: string, part: string | null, revision: number) =>
  useInfiniteQuery({
    queryKey: ["plan-log", plan, part, revision],
    queryFn: ({ pageParam, signal }) => (part === null ? { items: [], next: null } : fetchLog(plan, part, pageParam, signal)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: part !== null,
    placeholderData: (before, query) => (query?.queryKey[2] === part ? before : undefined),
  });

export const useJobs = (plan: string) =>
  useQuery({
    queryKey: ["plans", "jobs", plan],
    queryFn: ({ signal }) => fetchJobs(plan, signal),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (data?.some((one) => !isOver(one)) === true ? SOON_MS : false),
  });

/** One with its communities; asked for again as long as it runs. */
export const useJob = (job: Job) =>
  useQuery({
    queryKey: ["plan-job", job.plan_id, job.id, job.done, isOver(job)],
    queryFn: ({ signal }) => fetchJob(job.plan_id, job.id, signal),
    placeholderData: (before, query) => (query?.queryKey[2] === job.id ? before : undefined),
    staleTime: Infinity,
  });

export const useComparison = (plan: string, other: string, key: string, enabled: boolean) =>
  useQuery({ queryKey: ["plan-compared", plan, other, key], queryFn: ({ signal }) => fetchComparison(plan, other, signal), enabled, staleTime: 0 });

export const usePreview = (plan: string, key: string, enabled: boolean) =>
  useQuery({ queryKey: ["plan-preview", plan, key], queryFn: ({ signal }) => fetchPreview(plan, signal), enabled, staleTime: 0 });

export const useMovingCases = (plan: string, key: string, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ["plan-moving", plan, key],
    queryFn: ({ pageParam, signal }) => fetchMovingCases(plan, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
    staleTime: 0,
  });

export const useMatters = (plan: string, enabled: boolean) => useQuery({ queryKey: ["plans", "matters", plan], queryFn: ({ signal }) => fetchMatters(plan, signal), enabled, staleTime: 0 });

export const useApprovals = (plan: Plan, enabled: boolean) =>
  useQuery({ queryKey: ["plans", "approvals", plan.id, plan.state], queryFn: ({ signal }) => fetchApprovals(plan.id, signal), enabled, staleTime: 0 });

const held = (found: readonly UseQueryResult<Atom[]>[]): readonly (Atom[] | undefined)[] => found.map(({ data }) => data);

/** Outlines of the atoms of some grounds, by ground and number; they never change. Keep `bases` the same value while it says the same. */
export function useOutlines(bases: readonly string[]): ReadonlyMap<string, ReadonlyMap<number, Outline>> {
  const found = useQueries({
    queries: bases.map((basis) => ({ queryKey: ["atoms", basis], queryFn: ({ signal }: { readonly signal: AbortSignal }) => fetchAtoms(basis, signal), staleTime: Infinity })),
    combine: held,
  });
  return useMemo(
    () =>
      new Map(
        bases.flatMap((basis, index) => {
          const atoms = found[index];
          return atoms === undefined ? [] : [[basis, new Map(atoms.map((one) => [one.id, one.geometry]))] as const];
        }),
      ),
    [bases, found],
  );
}

/** After a change: everything that is said of plans is asked for again. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: ["plans"] });
    void client.invalidateQueries({ queryKey: ["plan-preview"] });
    void client.invalidateQueries({ queryKey: ["plan-moving"] });
  };
}
