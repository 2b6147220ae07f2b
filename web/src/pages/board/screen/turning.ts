// Owns which page of the wall screen is shown and when the next one comes. Pure: the clock is told.

export const PAGES = ["map", "ranking", "hotspots", "rising", "alerts"] as const;
export type ScreenPageName = (typeof PAGES)[number];

export interface Turning {
  readonly page: number;
  /** When the page was opened. */
  readonly since: number;
  /** Stopped by a key, until the same key. */
  readonly stopped: boolean;
  /** A hand was at the mouse: rests until then. */
  readonly restsUntil: number;
}

export const REST_MS = 20_000;

export const begin = (now: number): Turning => ({ page: 0, since: now, stopped: false, restsUntil: 0 });

export const rests = (turning: Turning, now: number): boolean => turning.stopped || now < turning.restsUntil;

/** What the clock makes of it; the same value where nothing changes. */
export function tick(turning: Turning, now: number, everyMs: number): Turning {
  if (rests(turning, now)) return turning;
  // After a rest, or a sleep of the machine, the page that stands there stays its full time.
  const since = Math.max(turning.since, turning.restsUntil);
  return now - since >= everyMs ? turned(turning, 1, now) : turning;
}

export const turned = (turning: Turning, by: number, now: number): Turning => ({ ...turning, page: (turning.page + by + PAGES.length) % PAGES.length, since: now });

export const toggled = (turning: Turning, now: number): Turning => ({ ...turning, stopped: !turning.stopped, since: now, restsUntil: 0 });

export const touched = (turning: Turning, now: number): Turning => ({ ...turning, restsUntil: now + REST_MS });

/** Whole minutes since the numbers came; null while they are fresh. */
export function ageMin(cameAt: number, now: number, freshMs: number): number | null {
  const age = now - cameAt;
  return age <= freshMs ? null : Math.floor(age / 60_000);
}
