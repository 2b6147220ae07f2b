// Owns how each page is loaded: when it is opened, and not before. Which pages there are and whose: shell/pages.ts.
import { type ComponentType, lazy } from "react";

const page = (load: () => Promise<ComponentType>) => lazy(async () => ({ default: await load() }));

export const PAGES: Readonly<Record<string, ComponentType>> = {
  "/map": page(async () => (await import("../pages/map/MapPage")).MapPage),
  "/board": page(async () => (await import("../pages/board/BoardPage")).BoardPage),
  "/areas": page(async () => (await import("../pages/areas/AreasPage")).AreasPage),
  "/plan": page(async () => (await import("../pages/plan/PlanPage")).PlanPage),
};
