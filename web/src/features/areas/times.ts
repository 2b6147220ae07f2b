// Owns what the history of an area says in order: its spans, shares of ground, the days to step to. Pure.
import type { Kin, Turn, Version } from "../../api/history";
import { addDays, dayOf } from "../../time/days";

/** The newest version that is in force on a day of the city (null: now); null where the area was not there then. */
export function versionOn(versions: readonly Version[], day: string | null, timeZone: string): Version | null {
  if (day === null) return versions.find((one) => one.until === null) ?? null;
  return versions.find((one) => (one.since === null || dayOf(one.since, timeZone) <= day) && (one.until === null || dayOf(one.until, timeZone) > day)) ?? null;
}

/** The last day on which what was before a change was in force. */
export const dayBefore = (at: string, timeZone: string): string => addDays(dayOf(at, timeZone), -1);

/** Days on which boundaries changed, the newest first; each once. */
export const daysOfChange = (turns: readonly Turn[], timeZone: string): string[] => [
  ...new Set(turns.flatMap(({ at }) => (at === null ? [] : [dayOf(at, timeZone)])).sort().reverse()),
];

/** Plans that took effect at one instant are one change: the newest first, by the sum of what they began, under the name of the largest. */
export function changesOf(turns: readonly Turn[]): Turn[] {
  const found = new Map<string, Turn>();
  for (const turn of turns) {
    const before = found.get(turn.at ?? "");
    if (before === undefined) found.set(turn.at ?? "", turn);
    else {
      const larger = turn.began > before.began ? turn : before;
      found.set(turn.at ?? "", { ...larger, began: turn.began + before.began, ended: turn.ended + before.ended });
    }
  }
  return [...found.values()];
}

/** The boundaries in force on a day began with this plan. */
export function turnOn(turns: readonly Turn[], day: string | null, today: string, timeZone: string): Turn | null {
  const on = day ?? today;
  return turns.find(({ at }) => at === null || dayOf(at, timeZone) <= on) ?? null;
}

/** Whether a version has the ground of exactly one area before it, and nothing else: then only its words changed. */
export const sameGround = (kin: readonly Kin[]): boolean => kin.length === 1 && (kin[0]?.ground_share ?? 0) > 0.999 && (kin[0]?.kept_share ?? 0) > 0.999;

/** A share in per cent, never rounded to nothing or to the whole where it is neither. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1";
  if (value > 99.9 && value < 100) return "> 99.9";
  return String(Number(value.toFixed(value < 10 || value > 90 ? 1 : 0)));
}
