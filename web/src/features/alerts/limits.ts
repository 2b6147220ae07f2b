// Owns which numbers a rule takes, and of which measures a board can make one. Pure.
import type { AlertMeasure } from "../../api/alerts";

export interface Limits {
  readonly least: number;
  readonly most: number;
}

export const LIMITS = { days: { least: 1, most: 366 }, threshold: { least: 0.1, most: 1_000_000 } } as const;

/** A whole number within the limits; null for anything else. */
export function whole(text: string, limits: Limits): number | null {
  return /^\s*\d{1,9}\s*$/.test(text) ? within(Number(text), limits) : null;
}

/** A number with at most two digits after the point. */
export function measured(text: string, limits: Limits): number | null {
  return /^\s*\d{1,9}(?:\.\d{1,2})?\s*$/.test(text) ? within(Number(text), limits) : null;
}

const within = (value: number, { least, most }: Limits): number | null => (value >= least && value <= most ? value : null);

const PLAIN = ["count", "per_100_households", "per_km2", "overdue"] as const;

/** What a rule made of the board is about: what it shows, where a threshold on that can be written as a plain number; else the count. */
export const proposable = (measure: string): AlertMeasure => PLAIN.find((one) => one === measure) ?? "count";
