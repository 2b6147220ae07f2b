// Owns what the map page shows, as a value, and its spelling in the address bar. Pure: useView.ts binds it to the browser.
import { LEVELS, type Level } from "../api/city";
import type { Point } from "../api/areas";
import { isDay } from "../time/days";

export interface Camera {
  readonly lon: number;
  readonly lat: number;
  readonly zoom: number;
}

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

const CODE = /^[\p{L}\p{N}][\p{L}\p{N} ./_*-]{0,59}$/u;

function oneOf<const T extends string>(value: string | null, choices: readonly T[], otherwise: T): T {
  return choices.find((choice) => choice === value) ?? otherwise;
}

const code = (value: string | null): string | null => (value !== null && CODE.test(value) ? value : null);
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const uuid = (value: string | null): string | null => (value !== null && UUID.test(value) ? value : null);
const day = (value: string | null): string | null => (value !== null && isDay(value) ? value : null);

function numbers(value: string | null, count: number): number[] | null {
  if (value === null) return null;
  const parts = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return parts.length === count && parts.every(Number.isFinite) ? parts : null;
}

function point(value: string | null): Point | null {
  const [lon, lat] = numbers(value, 2) ?? [];
  if (lon === undefined || lat === undefined || Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
  return { lon, lat };
}

function camera(value: string | null): Camera | null {
  const [zoom, lon, lat] = numbers(value, 3) ?? [];
  if (zoom === undefined || lon === undefined || lat === undefined) return null;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 24 ? { zoom, lon, lat } : null;
}

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
    hidden: (query.get("hide") ?? "")
      .split(".")
      .filter((part) => /^\d$/.test(part))
      .map(Number),
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
  put("at", view.point && `${fixed(view.point.lon, 6)},${fixed(view.point.lat, 6)}`);
  put("duty", view.duty);
  put("incident", view.incident);
  put("map", view.camera && `${fixed(view.camera.zoom, 2)},${fixed(view.camera.lon, 5)},${fixed(view.camera.lat, 5)}`);
  put("table", view.table ? "1" : null);
  put("hide", view.hidden.length > 0 ? view.hidden.join(".") : null);
  const text = query.toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

const fixed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
