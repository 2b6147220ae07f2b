// Owns which pages there are and where they stand. Later ones (/m, /desk, /board, /plan, /r/{number}) take a row here; each is loaded when it is opened.
import { type ComponentType, lazy } from "react";
import type { Key } from "../i18n/zh";

export interface Page {
  readonly path: string;
  readonly title: Key;
  readonly Component: ComponentType;
}

export const PAGES: readonly Page[] = [
  { path: "/", title: "app.page.map", Component: lazy(async () => ({ default: (await import("../pages/map/MapPage")).MapPage })) },
];

export const pageAt = (pathname: string): Page | undefined => PAGES.find((page) => page.path === pathname);
