// Owns what the page of areas shows as a value, and its spelling in the address. Pure.
import type { Point } from "../../api/areas";
import { LEVELS, type Level } from "../../api/city";
import type { Measure } from "../../api/sites";
import { type Camera, camera, code, day, ident, oneOf, point, spellCamera, spelled, spellPoint } from "../../state/spelling";

export const TABS = ["areas", "agencies", "service"] as const;
export type Tab = (typeof TABS)[number];

export interface AreasView {
  readonly tab: Tab;
  readonly level: Level;
  /** The day whose boundaries are shown; null = now. */
  readonly day: string | null;
  readonly place: Point | null;
  /** An area that was chosen itself, not by a place. */
  readonly area: string | null;
  readonly agency: string | null;
  readonly site: string | null;
  /** The kind of agencies that are listed; null = all. */
  readonly kind: string | null;
  /** The matter whose service areas and ways are shown. */
  readonly category: string | null;
  /** null = as the duty lists say. */
  readonly by: Measure | null;
  readonly camera: Camera | null;
  readonly table: boolean;
}

export const START: AreasView = {
  tab: "areas", level: "grid", day: null, place: null, area: null, agency: null, site: null, kind: null, category: null, by: null, camera: null, table: false,
};

export function readAreas(search: string): AreasView {
  const query = new URLSearchParams(search);
  const by = query.get("by");
  return {
    tab: oneOf(query.get("tab"), TABS, START.tab),
    level: oneOf(query.get("level"), LEVELS, START.level),
    day: day(query.get("at")),
    place: point(query.get("place")),
    area: ident(query.get("area")),
    agency: ident(query.get("agency")),
    site: ident(query.get("site")),
    kind: code(query.get("kind")),
    category: code(query.get("cat")),
    by: by === "road" || by === "straight" ? by : null,
    camera: camera(query.get("map")),
    table: query.get("table") === "1",
  };
}

/** Only what differs from the start is written, in a fixed order, so that equal views have equal addresses. */
export function writeAreas(view: AreasView): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | null, otherwise: string | null = null): void => {
    if (value !== null && value !== otherwise) query.set(key, value);
  };
  put("tab", view.tab, START.tab);
  put("level", view.level, START.level);
  put("at", view.day);
  put("place", view.place && spellPoint(view.place));
  put("area", view.area);
  put("agency", view.agency);
  put("site", view.site);
  put("kind", view.kind);
  put("cat", view.category);
  put("by", view.by);
  put("map", view.camera && spellCamera(view.camera));
  put("table", view.table ? "1" : null);
  return spelled(query);
}

/** What opens something, or shows another day, is a step that Back undoes. */
export const opens = (before: AreasView, after: AreasView): boolean =>
  (after.place !== null && before.place === null && before.area === null) ||
  (after.area !== null && after.area !== before.area) ||
  (after.agency !== null && after.agency !== before.agency) ||
  after.day !== before.day ||
  after.tab !== before.tab ||
  (after.table && !before.table);
