// Owns the rows of a ranking: which group has how much, against the span before, in which order. Pure.
import type { Measured } from "../../api/counts";
import type { Row } from "./rows";
import type { Scale } from "./measures";

export interface Ranked {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly count: number;
  /** Of the measure that is shown; null where there is nothing to divide by. */
  readonly value: number | null;
  /** Of the span before; null where there is none, or nothing then. */
  readonly before: number | null;
}

export const RANK_ORDERS = ["most", "least", "change", "name"] as const;
export type RankOrder = (typeof RANK_ORDERS)[number];

/** Codes take the place of ids where a dimension has none. `before`: the same question of the span before; undefined = not known. */
export function rankedOf(now: Measured, nameOf: (id: string, code: string) => string, before: Measured | undefined): Ranked[] {
  const was = before === undefined ? null : new Map(before.counts.codes.map((code, index) => [code, before.values[index] ?? null]));
  // Groups without rows are left out of some answers: they had none.
  const missing = before === undefined || before.values === before.counts.counts ? 0 : null;
  return now.counts.codes.map((code, index) => {
    const id = now.counts.ids?.[index] ?? code;
    return { id, code, name: nameOf(id, code), count: now.counts.counts[index] ?? 0, value: now.values[index] ?? null, before: was === null ? null : was.has(code) ? (was.get(code) ?? null) : missing };
  });
}

export const changeOf = ({ value, before }: Ranked): number | null => (value === null || before === null ? null : value - before);

/** Without a value last, whatever the order; equal ones by code. */
export function sortRanked(rows: readonly Ranked[], order: RankOrder, lang: "zh" | "en"): Ranked[] {
  const collator = new Intl.Collator(lang === "zh" ? "zh-CN-u-co-pinyin" : "en", { numeric: true });
  const figure = (row: Ranked): number | null => (order === "change" ? changeOf(row) : row.value);
  const compare = (a: Ranked, b: Ranked): number => {
    if (order === "name") return collator.compare(a.name, b.name);
    const x = figure(a);
    const y = figure(b);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return order === "least" ? x - y : y - x;
  };
  return rows.toSorted((a, b) => compare(a, b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

/** As rows of the table twin: the count, the measure in its unit where it is another, the span before and the difference. */
export function tableRows(rows: readonly Ranked[], scale: Scale): Row[] {
  const scaled = (value: number | null): number | null => (value === null ? null : round(value * scale.factor, scale.digits + 2));
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    name: row.name,
    figures: { value: scaled(row.value), count: row.count, before: scaled(row.before), change: scaled(changeOf(row)) },
  }));
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
