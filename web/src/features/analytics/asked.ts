// Owns what is counted, as a value, and how the routes of the server take it. Pure.
import type { Of } from "../../api/counts";
import type { Params } from "../../api/http";
import { addDays, daysBetween } from "../../time/days";

export interface Asked {
  readonly of: Of;
  /** Days of the city, both included; null = open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly categories: readonly string[];
  readonly agencies: readonly string[];
  readonly channels: readonly string[];
  readonly states: readonly string[];
  readonly area: string | null;
  /** By the boundaries of this plan (id) or day; null = those in force. Only areas of incidents are counted by others. */
  readonly asBy: string | null;
}

/** The filters without what is counted: for tiles and the routes of density, which are of incidents. `to` is excluded on the wire. */
export const filtersOf = (asked: Asked): Params => ({
  from: asked.from,
  to: asked.to === null ? null : addDays(asked.to, 1),
  category: asked.categories,
  agency: asked.agencies,
  channel: asked.channels,
  status: asked.states,
  area: asked.area,
});

/** For /counts. */
export const paramsOf = (asked: Asked): Params => ({ of: asked.of === "incidents" ? null : asked.of, ...filtersOf(asked) });

/** For /counts by areas: by other boundaries where those are asked for. */
export const paramsBy = (asked: Asked): Params => ({ ...paramsOf(asked), as_by: asked.asBy });

/** Whether anything but time narrows what is counted. */
export const isNarrowed = ({ categories, agencies, channels, states, area }: Asked): boolean =>
  area !== null || [categories, agencies, channels, states].some((chosen) => chosen.length > 0);

/** The same over another span of days. */
export const during = (asked: Asked, from: string | null, to: string | null): Asked => ({ ...asked, from, to });

const MOST_BEFORE = 8;

export interface Usual {
  /** Mean of the spans before. */
  readonly mean: number;
  /** How many spans it is the mean of. */
  readonly spans: number;
}

/**
 * What is usual for a window: the mean of the up to eight spans before it of the same length, moved back by whole weeks so that Mondays
 * meet Mondays; null where there is no such span since the first day that is known.
 */
export function usualOf(days: readonly { readonly day: string; readonly count: number }[], from: string, to: string): Usual | null {
  const origin = days[0]?.day;
  if (origin === undefined) return null;
  const first = daysBetween(origin, from);
  const last = daysBetween(origin, to);
  const step = Math.ceil((last - first + 1) / 7) * 7;
  const sums: number[] = [];
  for (let back = step; first - back >= 0 && sums.length < MOST_BEFORE; back += step) {
    sums.push(days.slice(first - back, last - back + 1).reduce((sum, item) => sum + item.count, 0));
  }
  return sums.length === 0 ? null : { mean: sums.reduce((sum, one) => sum + one, 0) / sums.length, spans: sums.length };
}
