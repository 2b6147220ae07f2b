// Owns the classes of a choropleth: quantiles on figures people can read, so that a printed break is the break that is drawn. Pure.

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

/**
 * Quantile classes of the values; null values are counted apart. Ties never straddle a break: equal values share a class,
 * so there may be fewer classes than asked for. Breaks are rounded to `digits` before use.
 */
export function classify(values: readonly (number | null)[], wanted: number, whole: boolean): Classes {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const blank = values.length - sorted.length;
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return { bins: [], blank, digits: 0 };
  const digits = whole ? 0 : digitsFor(last - first);
  const breaks = [roundDown(first, digits)];
  for (let index = 1; index < wanted; index += 1) {
    const value = sorted[Math.floor((index * sorted.length) / wanted)];
    if (value === undefined) continue;
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
