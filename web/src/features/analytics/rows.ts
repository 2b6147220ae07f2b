// Owns the rows of tables and rankings: the same figures as the map, sorted, filtered, written as CSV. Pure.
import type { DensityItem } from "../../api/density";

export interface Row {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** By the key of their column; null where there is nothing to say. */
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface Order {
  /** "name", "code", or the key of a figure. */
  readonly column: string;
  readonly down: boolean;
}

/** Rows of incidents: how many, for how many households, which part of all (0 to 1). */
export function rowsOf(items: readonly DensityItem[], lang: "zh" | "en"): Row[] {
  const total = items.reduce((sum, item) => sum + item.count, 0);
  return items.map((item) => ({
    id: item.id,
    code: item.code,
    name: item.names[lang],
    figures: {
      count: item.count,
      households: item.households,
      rate: item.per_100_households,
      share: total === 0 ? 0 : item.count / total,
    },
  }));
}

const cellOf = (row: Row, column: string): string | number | null => (column === "name" ? row.name : column === "code" ? row.code : (row.figures[column] ?? null));

/** Missing figures go last in either direction; equal ones keep the order of their codes. */
export function sortRows(rows: readonly Row[], order: Order, lang: "zh" | "en"): Row[] {
  const collator = new Intl.Collator(lang === "zh" ? "zh-CN-u-co-pinyin" : "en", { numeric: true });
  const compare = (a: Row, b: Row): number => {
    const x = cellOf(a, order.column);
    const y = cellOf(b, order.column);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const way = typeof x === "string" || typeof y === "string" ? collator.compare(String(x), String(y)) : x - y;
    return order.down ? -way : way;
  };
  return rows.toSorted((a, b) => compare(a, b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

export function filterRows(rows: readonly Row[], text: string): Row[] {
  const wanted = text.trim().toLowerCase();
  return wanted === "" ? [...rows] : rows.filter((row) => row.name.toLowerCase().includes(wanted) || row.code.toLowerCase().includes(wanted));
}

/** RFC 4180, with a byte-order mark because spreadsheets read 中文 only with one; a leading =, +, - or @ is disarmed. */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Rows as CSV: name, code, then figures by the keys of their columns. */
export const csvOf = (rows: readonly Row[], columns: readonly { readonly key: string; readonly title: string }[]): string =>
  toCsv(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ key }) => cellOf(row, key))),
  );
