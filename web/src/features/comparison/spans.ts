// Owns which days a window is compared with: never overlapping, weekdays with the same weekdays, whole months with whole months. Pure, no clock.
import { addDays, daysBetween } from "../../time/days";

export type Against = "week" | "month" | "year";
export const AGAINST: readonly Against[] = ["week", "month", "year"];

/** Days, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

export interface Before extends Days {
  /** "months": the same days of the calendar; "weekdays": moved by whole weeks. */
  readonly aligned: "months" | "weekdays";
}

const STEP: Readonly<Record<Against, number>> = { week: 7, month: 28, year: 364 };
const MONTHS: Readonly<Record<Against, number>> = { week: 0, month: 1, year: 12 };

/**
 * The span that `window` is held against. Whole calendar months go with whole calendar months (of the month before, of a year
 * before); anything else is moved back by whole weeks, so that Mondays meet Mondays: by one, four or fifty-two, or as many
 * times that as it takes for the two not to overlap.
 */
export function before(window: Days, against: Against): Before {
  const length = daysBetween(window.from, window.to) + 1;
  const months = wholeMonths(window);
  const step = MONTHS[against];
  if (months > 0 && step > 0) {
    const back = step * Math.ceil(months / step);
    const from = monthsAfter(window.from, -back);
    return { from, to: addDays(monthsAfter(from, months), -1), aligned: "months" };
  }
  const back = STEP[against] * Math.ceil(length / STEP[against]);
  return { from: addDays(window.from, -back), to: addDays(window.to, -back), aligned: "weekdays" };
}

/** How many whole calendar months a window is; 0 where it begins or ends within one. */
export function wholeMonths(window: Days): number {
  if (!window.from.endsWith("-01") || !addDays(window.to, 1).endsWith("-01")) return 0;
  return place(addDays(window.to, 1)) - place(window.from);
}

/** The first of a month, so many months later. */
function monthsAfter(first: string, count: number): string {
  const at = place(first) + count;
  return `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}-01`;
}

const place = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;

/** What of the span before was recorded: whole, none, or from a later day on. */
export const recorded = (span: Days, first: string): "whole" | "part" | "none" => (span.from >= first ? "whole" : span.to < first ? "none" : "part");

/**
 * Up to where the span before is counted, as an instant: a window that ends today has not had all of today yet, so the span
 * before ends at the same hour. null = at the end of its last day.
 */
export function cutAt(window: Days, span: Days, today: string, now: number): string | null {
  if (window.to < today) return null;
  const back = daysBetween(span.to, window.to) * 86_400_000;
  return new Date(Math.floor(now / CUT_MS) * CUT_MS - back).toISOString().replace(".000Z", "Z");
}

const CUT_MS = 600_000;
