// Owns the arithmetic of the time window over a row of days: moving its ends, dragging it whole, playing it. Pure.
import { addDays, daysBetween } from "../../time/days";

/** Days by position; both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export function moveStart(span: Span, to: number): Span {
  return { first: clamp(Math.round(to), 0, span.last), last: span.last };
}

export function moveEnd(span: Span, to: number, count: number): Span {
  return { first: span.first, last: clamp(Math.round(to), span.first, count - 1) };
}

/** The window keeps its length and stops at the edges. */
export function shift(span: Span, by: number, count: number): Span {
  const length = span.last - span.first;
  const first = clamp(span.first + Math.round(by), 0, count - 1 - length);
  return { first, last: first + length };
}

export const isWhole = (span: Span, count: number): boolean => span.first === 0 && span.last === count - 1;

export const PLAY_DAYS = 7;

/** Where playing begins: a whole window becomes its first week, one that stands at the end starts over. */
export function playFrom(span: Span, count: number): Span {
  if (isWhole(span, count)) return { first: 0, last: Math.min(PLAY_DAYS, count) - 1 };
  return span.last >= count - 1 ? shift(span, -count, count) : span;
}

/** The next step of playing; null at the end. */
export function playOn(span: Span, count: number): Span | null {
  return span.last >= count - 1 ? null : shift(span, 1, count);
}

/** Growing: where everything up to the last day begins to be played, and its next step; null at the end. */
export const growFrom = (span: Span, count: number): Span => (span.last >= count - 1 ? { first: 0, last: Math.min(PLAY_DAYS, count) - 1 } : { first: 0, last: span.last });
export const growOn = (span: Span, count: number): Span | null => (span.last >= count - 1 ? null : { first: 0, last: span.last + 1 });

/** The span of a window of days over a row that starts at `origin`; open ends reach the row's ends. */
export function spanOf(from: string | null, to: string | null, origin: string, count: number): Span {
  const first = from === null ? 0 : clamp(daysBetween(origin, from), 0, count - 1);
  const last = to === null ? count - 1 : clamp(daysBetween(origin, to), first, count - 1);
  return { first, last };
}

/** Back to days: an end at the row's end stays open, so that new incidents come into view by themselves. */
export function daysOf(span: Span, origin: string, count: number): { from: string | null; to: string | null } {
  return {
    from: span.first === 0 ? null : addDays(origin, span.first),
    to: span.last === count - 1 ? null : addDays(origin, span.last),
  };
}

/** Every day from first to last with its count, days without incidents included. */
export function fillDays(counts: readonly { day: string; count: number }[], first: string, last: string): { day: string; count: number }[] {
  const known = new Map(counts.map((item) => [item.day, item.count]));
  return Array.from({ length: Math.max(daysBetween(first, last), 0) + 1 }, (_, index) => {
    const day = addDays(first, index);
    return { day, count: known.get(day) ?? 0 };
  });
}
