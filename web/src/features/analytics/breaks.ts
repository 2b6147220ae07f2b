// Owns the classes of a choropleth: quantiles or natural breaks, on figures people can read, so that a printed break is the break that is drawn. Pure.

/** One class: from `low` (included) to `high` (excluded, but for the last class). */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly areas: number;
}

export interface Classes {
  readonly bins: readonly Bin[];
  /** Areas without a value (no households). */
  readonly blank: number;
  /** Digits after the point in printed breaks; 0 means that the values are whole numbers. */
  readonly digits: number;
}

const MOST_CLASSES = 6;

/** Six classes where there are areas enough to fill them; fewer for a handful. */
export const classesFor = (areas: number): number => Math.min(MOST_CLASSES, Math.max(2, Math.floor(areas / 2)));

export const METHODS = ["quantiles", "natural"] as const;
export type Method = (typeof METHODS)[number];

/**
 * Classes of the values, by quantiles or by natural breaks (least squares within the classes); null values are counted apart. Ties never straddle a break: equal values share a class,
 * so there may be fewer classes than asked for. Breaks are rounded to `digits` before use.
 */
export function classify(values: readonly (number | null)[], wanted: number, whole: boolean, method: Method = "quantiles"): Classes {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const blank = values.length - sorted.length;
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return { bins: [], blank, digits: 0 };
  const digits = whole ? 0 : digitsFor(last - first);
  const breaks = [roundDown(first, digits)];
  for (const value of method === "natural" ? naturalBreaks(sorted, wanted) : quantiles(sorted, wanted)) {
    const rounded = roundDown(value, digits);
    if (rounded > (breaks.at(-1) ?? rounded)) breaks.push(rounded);
  }
  const bins = breaks.map((low, index) => {
    const high = breaks[index + 1];
    const areas = sorted.filter((value) => value >= low && (high === undefined || value < high)).length;
    return { low, high: high ?? roundUp(last, digits), areas };
  });
  return { bins, blank, digits };
}

/** Where each class but the first begins. */
const quantiles = (sorted: readonly number[], wanted: number): number[] =>
  Array.from({ length: wanted - 1 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / wanted)]).filter((value) => value !== undefined);

/** More distinct values than these are first gathered into as many neighbours: the search costs their square. */
const MOST_DISTINCT = 256;

/** Fisher's exact search (1958): the classes of a sorted row with the least sum of squares. Where each class but the first begins. */
export function naturalBreaks(sorted: readonly number[], wanted: number): number[] {
  const groups = gathered(sorted);
  const count = groups.length;
  const k = Math.min(wanted, count);
  const n = [0];
  const sum = [0];
  const square = [0];
  groups.forEach(({ values }, index) => {
    n.push((n[index] ?? 0) + values.length);
    sum.push((sum[index] ?? 0) + values.reduce((total, one) => total + one, 0));
    square.push((square[index] ?? 0) + values.reduce((total, one) => total + one * one, 0));
  });
  const over = (row: readonly number[], from: number, to: number): number => (row[to] ?? 0) - (row[from] ?? 0);
  /** Sum of squares about their mean of the groups from (included) to (excluded). */
  const spread = (from: number, to: number): number => over(square, from, to) - over(sum, from, to) ** 2 / over(n, from, to);
  let best = Array.from({ length: count + 1 }, (_, to) => (to === 0 ? 0 : spread(0, to)));
  const begins: number[][] = [];
  for (let classes = 2; classes <= k; classes += 1) {
    const next = new Array<number>(count + 1).fill(Infinity);
    const begin = new Array<number>(count + 1).fill(0);
    for (let to = classes; to <= count; to += 1) {
      for (let from = classes - 1; from < to; from += 1) {
        const cost = (best[from] ?? Infinity) + spread(from, to);
        if (cost < (next[to] ?? Infinity)) {
          next[to] = cost;
          begin[to] = from;
        }
      }
    }
    best = next;
    begins.push(begin);
  }
  const found: number[] = [];
  let to = count;
  for (const begin of begins.toReversed()) {
    to = begin[to] ?? 0;
    found.unshift(groups[to]?.low ?? 0);
  }
  return found;
}

interface Gathered {
  readonly low: number;
  readonly values: readonly number[];
}

/** Equal values together; where there are too many, neighbours too, but never across one of the widest gaps. */
function gathered(sorted: readonly number[]): Gathered[] {
  const many = new Set(sorted).size > MOST_DISTINCT;
  const least = many ? (2 * sorted.length) / MOST_DISTINCT : 0;
  const gaps = sorted.map((value, index) => value - (sorted[index - 1] ?? value)).sort((a, b) => b - a);
  const wide = many ? (gaps[MOST_DISTINCT / 2] ?? 0) : 0;
  const found: { low: number; values: number[] }[] = [];
  for (const value of sorted) {
    const last = found.at(-1);
    const gap = value - (last?.values.at(-1) ?? value);
    if (last !== undefined && (gap === 0 || (gap <= wide && last.values.length < least))) last.values.push(value);
    else found.push({ low: value, values: [value] });
  }
  return found;
}

/** The class of a value; null for a value that is missing. */
export function classOf(value: number | null, classes: Classes): number | null {
  if (value === null) return null;
  for (let index = classes.bins.length - 1; index > 0; index -= 1) {
    if (value >= (classes.bins[index]?.low ?? Infinity)) return index;
  }
  return classes.bins.length > 0 ? 0 : null;
}

/** How a class is printed: whole numbers name both ends ("3–7"), measured values the half-open range ("1.2 – 2.5"). */
export function rangeOf(bin: Bin, last: boolean, digits: number, write: (value: number) => string): string {
  if (digits === 0) {
    const top = last ? bin.high : bin.high - 1;
    return top <= bin.low ? write(bin.low) : `${write(bin.low)}–${write(top)}`;
  }
  return bin.high === bin.low ? write(bin.low) : `${write(bin.low)} – ${write(bin.high)}`;
}

/** About three figures over the span. */
function digitsFor(span: number): number {
  if (span === 0) return 2;
  return Math.min(4, Math.max(1, 2 - Math.floor(Math.log10(span))));
}

// The nudge keeps 0.3 (0.299999…) from falling a step: it is far below half a printed unit.
const NUDGE = 1e-9;
const roundDown = (value: number, digits: number): number => Math.floor(value * 10 ** digits + NUDGE) / 10 ** digits;
const roundUp = (value: number, digits: number): number => Math.ceil(value * 10 ** digits - NUDGE) / 10 ** digits;
