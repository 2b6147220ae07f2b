// Owns the geometry of the small pictures beside a finding: the interval of a ratio, the days as a line of bars. Pure.

/** Where a ratio stands between 1/4 and 16 times the usual, from 0 to 1, doublings evenly apart. */
export const LEAST = 0.25;
export const MOST = 16;

export function placeOf(ratio: number): number {
  const at = Math.log2(Math.min(Math.max(ratio, LEAST), MOST) / LEAST) / Math.log2(MOST / LEAST);
  return Math.round(at * 1000) / 1000;
}

export interface DayBar {
  readonly day: string;
  readonly count: number;
}

/** Bars from zero over a box of `width` by `height`, as one path for the days before and one for those that are looked at. */
export function bars(days: readonly DayBar[], first: string, last: string, width: number, height: number): { before: string; during: string } {
  const most = Math.max(1, ...days.map((item) => item.count));
  const step = days.length === 0 ? 0 : width / days.length;
  const gap = step > 3 ? 1 : 0;
  const path = (inside: boolean): string =>
    days
      .map((item, index) => ({ ...item, index }))
      .filter(({ day, count }) => count > 0 && (day >= first && day <= last) === inside)
      .map(({ index, count }) => `M${short(index * step)} ${height}v${short((-count / most) * height)}h${short(step - gap)}V${height}z`)
      .join("");
  return { before: path(false), during: path(true) };
}

const short = (value: number): string => String(Math.round(value * 100) / 100);
