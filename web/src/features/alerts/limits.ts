// Owns which numbers a rule takes. Pure.

export interface Limits {
  readonly least: number;
  readonly most: number;
}

export const LIMITS = { days: { least: 1, most: 366 }, threshold: { least: 1, most: 1_000_000 } } as const;

/** A whole number within the limits; null for anything else. */
export function within(text: string, { least, most }: Limits): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,9}$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value >= least && value <= most ? value : null;
}
