// Owns what has changed between two counts of the same area, and how sure that is. Pure.

export interface Counted {
  readonly id: string;
  readonly count: number;
}

export interface Change {
  readonly id: string;
  readonly now: number;
  readonly before: number;
  readonly difference: number;
  /** now / before; null where nothing was before. */
  readonly ratio: number | null;
  /** Whether chance alone would rarely (one in twenty) make so large a difference of equal rates. */
  readonly sure: boolean;
  /** Too few on both sides for a ratio to mean anything. */
  readonly few: boolean;
  /** Place on the diverging ramp: -2 … 2, 0 = as before (chance may explain it). */
  readonly step: number;
}

export const FEW = 5;
const Z = 1.96;
const MUCH = 2;

export function changeOf(id: string, now: number, before: number): Change {
  const difference = now - before;
  const ratio = before === 0 ? null : now / before;
  const few = now < FEW && before < FEW;
  // Of two counts at equal rates the difference scatters by the root of their sum.
  const sure = !few && Math.abs(difference) > Z * Math.sqrt(now + before);
  const much = difference > 0 ? now >= MUCH * before : before >= MUCH * now;
  return { id, now, before, difference, ratio, sure, few, step: sure ? Math.sign(difference) * (much ? 2 : 1) : 0 };
}

/** Areas of both; who is missing on one side had none there. In the order of `now`, then those that are gone. */
export function changesOf(now: readonly Counted[], before: readonly Counted[]): Change[] {
  const was = new Map(before.map((item) => [item.id, item.count]));
  const here = new Set(now.map((item) => item.id));
  return [
    ...now.map((item) => changeOf(item.id, item.count, was.get(item.id) ?? 0)),
    ...before.filter((item) => !here.has(item.id)).map((item) => changeOf(item.id, 0, item.count)),
  ];
}

/** Sure ones first, each by how large the difference is. */
export const ranked = (changes: readonly Change[]): Change[] =>
  changes.toSorted((a, b) => Number(b.sure) - Number(a.sure) || Math.abs(b.difference) - Math.abs(a.difference) || b.now - a.now || (a.id < b.id ? -1 : 1));

/** "+12", "−5", "0": with a real minus. */
export function signed(difference: number, write: (value: number) => string): string {
  if (difference === 0) return write(0);
  return `${difference > 0 ? "+" : "−"}${write(Math.abs(difference))}`;
}

/** How many areas stand on each step of the ramp, from -2 to 2. */
export function steps(changes: readonly Change[]): number[] {
  const found = [0, 0, 0, 0, 0];
  for (const { step } of changes) found[step + 2] = (found[step + 2] ?? 0) + 1;
  return found;
}
