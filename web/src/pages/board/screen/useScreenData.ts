// Owns asking for what the wall screen shows, again and again: a failed answer leaves the one before, and is asked for soon again.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { daysOfCounts, fetchCounts, fetchMeasured } from "../../../api/counts";
import { fetchHotSpots } from "../../../api/hotspots";
import type { Params } from "../../../api/http";
import { fetchRising } from "../../../api/rising";
import { useStandingAlerts } from "../../../features/alerts/standing";
import { type Asked, during, filtersOf, paramsOf } from "../../../features/analytics/asked";
import { useMay } from "../../../state/session";
import { addDays } from "../../../time/days";
import type { Board } from "../slots";

export const OFTEN_MS = 60_000;
/** What is worked out over many areas. */
const SELDOM_MS = 300_000;
/** After a failure. */
const SOON_MS = 5_000;
const CITY_MS = 3_600_000;
const WEEK = 7;
const TREND_DAYS = 28;

interface Asking {
  readonly state: { readonly fetchFailureCount: number; readonly status: string };
}

const every = (ms: number) => (query: Asking): number => (query.state.fetchFailureCount > 0 || query.state.status === "error" ? SOON_MS : ms);
/** Findings are of incidents: the states of cases are none of theirs. */
const ofIncidents = (asked: Asked): Params => filtersOf(asked.of === "cases" ? { ...asked, states: [] } : asked);

/** `today`: the city's day; the last week is shown where the view has no window of its own. */
export function useScreenData({ view, asked }: Board, today: string) {
  const client = useQueryClient();
  const mayAlerts = useMay()("alerts.read");
  const open = asked.from === null && asked.to === null;
  const shown = useMemo(() => (open ? during(asked, addDays(today, 1 - WEEK), null) : asked), [asked, open, today]);
  const filters = useMemo(() => ofIncidents(shown), [shown]);
  // An open window lets the server take the last whole days.
  const rises = useMemo(() => ofIncidents(asked), [asked]);
  // One try at a time: the next one follows soon anyway, and nothing piles up while the network is away.
  const often = { refetchIntervalInBackground: true, retry: false, refetchInterval: every(OFTEN_MS) } as const;
  const seldom = { ...often, refetchInterval: every(SELDOM_MS) } as const;

  const measured = useQuery({ ...often, placeholderData: keepPreviousData, queryKey: ["screen", "measured", view.level, view.measure, shown], queryFn: ({ signal }) => fetchMeasured(view.level, view.measure, paramsOf(shown), signal) });
  const trend = useQuery({
    ...often,
    placeholderData: keepPreviousData,
    queryKey: ["screen", "days", today, asked],
    queryFn: async ({ signal }) => daysOfCounts(await fetchCounts({ by: "day", params: paramsOf(during(asked, addDays(today, 1 - TREND_DAYS), null)) }, signal)),
  });
  const measure = view.measure === "per_100_households" ? "rate" : "count";
  const hot = useQuery({ ...seldom, placeholderData: keepPreviousData, queryKey: ["screen", "hotspots", view.level, measure, filters], queryFn: ({ signal }) => fetchHotSpots(view.level, measure, filters, signal) });
  const rising = useQuery({ ...seldom, placeholderData: keepPreviousData, queryKey: ["screen", "rising", view.level, rises], queryFn: ({ signal }) => fetchRising(view.level, rises, signal) });
  const alerts = useStandingAlerts(mayAlerts);

  // Boundaries and names change as well, over days.
  useEffect(() => {
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ["city"] }), CITY_MS);
    return () => clearInterval(timer);
  }, [client]);

  return {
    shown,
    rolling: open,
    measured: measured.data,
    cameAt: measured.dataUpdatedAt,
    failing: measured.failureCount > 0 || measured.isError,
    trend: trend.data,
    hot: hot.data,
    rising: rising.data,
    alerts: alerts.data,
  };
}

export type ScreenData = ReturnType<typeof useScreenData>;
