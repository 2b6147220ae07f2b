// Owns which pages there are, whose they are, and which one somebody begins with. How a page is loaded: app/pages.ts.
import type { Key } from "../i18n/zh";

export interface PageRow {
  readonly path: string;
  readonly title: Key;
  /** What it needs; null = everybody who is signed in. */
  readonly may: string | null;
  /** Roles that begin here. */
  readonly homeOf: readonly string[];
}

export const MAP: PageRow = { path: "/map", title: "shell.map", may: null, homeOf: [] };

/** In the order in which they stand in the bar. */
export const ROWS: readonly PageRow[] = [
  { path: "/board", title: "shell.board", may: "density.read", homeOf: ["district_supervisor"] },
  MAP,
  { path: "/areas", title: "shell.areas", may: "map.read", homeOf: [] },
  { path: "/plan", title: "shell.plan", may: "plans.read", homeOf: ["planner"] },
];

export const rowAt = (path: string): PageRow | undefined => ROWS.find((row) => row.path === path);

/** Where a role begins: its own page, else the map. */
export const homeFor = (role: string, may: (permission: string) => boolean): PageRow =>
  ROWS.find((row) => row.homeOf.includes(role) && (row.may === null || may(row.may))) ?? MAP;
