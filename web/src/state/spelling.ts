// Owns reading and writing the single values of an address: what cannot be read falls back. Pure. Which values a page has is its own codec's.
import type { Point } from "../api/areas";
import { isDay } from "../time/days";

export interface Camera {
  readonly lon: number;
  readonly lat: number;
  readonly zoom: number;
}

export function oneOf<const T extends string>(value: string | null, choices: readonly T[], otherwise: T): T {
  return choices.find((choice) => choice === value) ?? otherwise;
}

const CODE = /^[\p{L}\p{N}][\p{L}\p{N} ./_*-]{0,59}$/u;
export const code = (value: string | null): string | null => (value !== null && CODE.test(value) ? value : null);

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
export const uuid = (value: string | null): string | null => (value !== null && UUID.test(value) ? value : null);

const IDENT = /^[1-9]\d{0,17}$/;
/** The number by which the server knows an area, an agency or a plan. */
export const ident = (value: string | null): string | null => (value !== null && IDENT.test(value) ? value : null);

export const day = (value: string | null): string | null => (value !== null && isDay(value) ? value : null);

export function numbers(value: string | null, count: number): number[] | null {
  if (value === null) return null;
  const parts = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return parts.length === count && parts.every(Number.isFinite) ? parts : null;
}

export function point(value: string | null): Point | null {
  const [lon, lat] = numbers(value, 2) ?? [];
  if (lon === undefined || lat === undefined || Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
  return { lon, lat };
}

export function camera(value: string | null): Camera | null {
  const [zoom, lon, lat] = numbers(value, 3) ?? [];
  if (zoom === undefined || lon === undefined || lat === undefined) return null;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 24 ? { zoom, lon, lat } : null;
}

/** Single digits, written "0.3". */
export const digits = (value: string | null): number[] =>
  (value ?? "")
    .split(".")
    .filter((part) => /^\d$/.test(part))
    .map(Number);

export const fixed = (value: number, count: number): string => String(Number(value.toFixed(count)));
export const spellPoint = (of: Point): string => `${fixed(of.lon, 6)},${fixed(of.lat, 6)}`;
export const spellCamera = (of: Camera): string => `${fixed(of.zoom, 2)},${fixed(of.lon, 5)},${fixed(of.lat, 5)}`;

/** "" or "?…", with the commas left readable. */
export function spelled(query: URLSearchParams): string {
  const text = query.toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}
