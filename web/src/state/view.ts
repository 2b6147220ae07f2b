// Owns what the map page shows, as a value, and its spelling in the address bar. Pure: useView.ts binds it to the browser.
import { LEVELS, type Level } from "../api/city";
import type { Point } from "../api/areas";
import { camera, type Camera, code, day, digits, oneOf, point, spellCamera, spelled, spellPoint, uuid } from "./spelling";

export type { Camera };

export interface View {
  readonly level: Level;
  readonly measure: "count" | "rate";
  readonly paint: "areas" | "heat";
  /** A category's code or a group's prefix; null = all. */
  readonly category: string | null;
  /** First and last day of the window, both included, in the city's days; null = as far as there is data. */
  readonly from: string | null;
  readonly to: string | null;
  readonly point: Point | null;
  /** The category whose responsible body is asked for, where it differs from the filter. */
  readonly duty: string | null;
  /** The incident that is looked at in the panel of the point. */
  readonly incident: string | null;
  readonly camera: Camera | null;
  readonly table: boolean;
  /** Legend classes that are switched off. */
  readonly hidden: readonly number[];
}

export const START: View = {
  level: "grid",
  measure: "count",
  paint: "areas",
  category: null,
  from: null,
  to: null,
  point: null,
  duty: null,
  incident: null,
  camera: null,
  table: false,
  hidden: [],
};

/** Anything unreadable falls back to the start: an old or hand-made link never breaks the page. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const from = day(query.get("from"));
  const to = day(query.get("to"));
  const turned = from !== null && to !== null && from > to;
  return {
    level: oneOf(query.get("level"), LEVELS, START.level),
    measure: oneOf(query.get("measure"), ["count", "rate"], START.measure),
    paint: oneOf(query.get("paint"), ["areas", "heat"], START.paint),
    category: code(query.get("cat")),
    from: turned ? to : from,
    to: turned ? from : to,
    point: point(query.get("at")),
    duty: code(query.get("duty")),
    incident: uuid(query.get("incident")),
    camera: camera(query.get("map")),
    table: query.get("table") === "1",
    hidden: digits(query.get("hide")),
  };
}

/** Only what differs from the start is written, in a fixed order, so that equal views have equal addresses. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | null, otherwise: string | null = null): void => {
    if (value !== null && value !== otherwise) query.set(key, value);
  };
  put("level", view.level, START.level);
  put("measure", view.measure, START.measure);
  put("paint", view.paint, START.paint);
  put("cat", view.category);
  put("from", view.from);
  put("to", view.to);
  put("at", view.point && spellPoint(view.point));
  put("duty", view.duty);
  put("incident", view.incident);
  put("map", view.camera && spellCamera(view.camera));
  put("table", view.table ? "1" : null);
  put("hide", view.hidden.length > 0 ? view.hidden.join(".") : null);
  return spelled(query);
}
