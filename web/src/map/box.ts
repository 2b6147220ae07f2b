// Owns boxes of degrees. Pure.
import type { Anchor } from "../api/areas";

export type Box = readonly [west: number, south: number, east: number, north: number];

export const WORLD: Box = [73, 18, 135, 54];

export function boxOf(bbox: readonly number[] | null): Box | null {
  const [west, south, east, north] = bbox ?? [];
  return west === undefined || south === undefined || east === undefined || north === undefined ? null : [west, south, east, north];
}

/** A box about as large as the area, around its label. */
export function around({ label, area_km2 }: Pick<Anchor, "label" | "area_km2">): Box {
  const half = Math.sqrt(area_km2) * 0.7;
  const dLat = half / 111.32;
  const dLon = dLat / Math.cos((label.lat * Math.PI) / 180);
  return [label.lon - dLon, label.lat - dLat, label.lon + dLon, label.lat + dLat];
}
