// Owns how each page is loaded: when it is opened, and not before. Which pages there are and whose: shell/pages.ts.
import { type ComponentType, lazy } from "react";

const LOADS: Readonly<Record<string, () => Promise<ComponentType>>> = {
  "/map": async () => (await import("../pages/map/MapPage")).MapPage,
  "/board": async () => (await import("../pages/board/BoardPage")).BoardPage,
  "/areas": async () => (await import("../pages/areas/AreasPage")).AreasPage,
  "/plan": async () => (await import("../pages/plan/PlanPage")).PlanPage,
};

/** The page that the address names comes at once, beside the question of who is signed in; what fails is asked for again. */
void LOADS[location.pathname]?.().catch(() => undefined);

export const PAGES: Readonly<Record<string, ComponentType>> = Object.fromEntries(
  Object.entries(LOADS).map(([path, load]) => [path, lazy(async () => ({ default: await load() }))]),
);
