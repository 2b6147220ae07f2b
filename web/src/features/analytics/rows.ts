// Owns the table twin's rows: the same figures as the map, sorted, filtered, written as CSV. Pure.
import type { DensityItem } from "../../api/density";

export type Column = "name" | "code" | "count" | "households" | "rate" | "share";

export interface Row {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly count: number;
  readonly households: number | null;
  readonly rate: number | null;
  /** Part of all counted incidents, 0 to 1. */
  readonly share: number;
}

export interface Order {
  readonly column: Column;
  readonly down: boolean;
}

export function rowsOf(items: readonly DensityItem[], lang: "zh" | "en"): Row[] {
  const total = items.reduce((sum, item) => sum + item.count, 0);
  return items.map((item) => ({
    id: item.id,
    code: item.code,
    name: item.names[lang],
    count: item.count,
    households: item.households,
    rate: item.per_100_households,
    share: total === 0 ? 0 : item.count / total,
  }));
}

/** Missing figures go last in either direction; equal ones keep the order of their codes. */
export function sortRows(rows: readonly Row[], order: Order, lang: "zh" | "en"): Row[] {
  const collator = new Intl.Collator(lang === "zh" ? "zh-CN-u-co-pinyin" : "en", { numeric: true });
  const compare = (a: Row, b: Row): number => {
    const x = a[order.column];
    const y = b[order.column];
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
