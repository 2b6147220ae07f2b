// Owns metres around a place: degrees as metres east and north of it, lengths and areas of outlines. Pure.
// Exact enough within a community (a plane that touches the ellipsoid there); proportions are those of the server's projection.
import type { Position } from "geojson";
import type { Outline } from "../../api/grounds";

export interface Metres {
  readonly east: number;
  readonly north: number;
  readonly of: (point: readonly number[]) => readonly [x: number, y: number];
  readonly back: (x: number, y: number) => [lon: number, lat: number];
  readonly between: (from: readonly number[], to: readonly number[]) => number;
}

/** WGS-84: half axis and the square of the eccentricity. */
const AXIS_M = 6_378_137;
const E2 = 0.006_694_379_990_14;

export function metresAt(lon: number, lat: number): Metres {
  const phi = (lat * Math.PI) / 180;
  const bent = 1 - E2 * Math.sin(phi) ** 2;
  const east = (AXIS_M / Math.sqrt(bent)) * Math.cos(phi) * (Math.PI / 180);
  const north = ((AXIS_M * (1 - E2)) / bent ** 1.5) * (Math.PI / 180);
  return {
    east,
    north,
    of: (point) => [((point[0] ?? 0) - lon) * east, ((point[1] ?? 0) - lat) * north],
    back: (x, y) => [lon + x / east, lat + y / north],
    between: (from, to) => Math.hypot(((to[0] ?? 0) - (from[0] ?? 0)) * east, ((to[1] ?? 0) - (from[1] ?? 0)) * north),
  };
}

/** All rings: each part's outer one and what it leaves out. */
export const ringsOf = (shape: Outline): readonly Position[][] => (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat());

export function lengthM(shape: Outline, metres: Metres): number {
  let sum = 0;
  for (const ring of ringsOf(shape)) for (let i = 1; i < ring.length; i += 1) sum += metres.between(ring[i - 1] ?? [], ring[i] ?? []);
  return sum;
}

export function squareM(shape: Outline, metres: Metres): number {
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  let sum = 0;
  for (const [outer, ...inner] of parts) {
    sum += Math.abs(turned(outer ?? [], metres));
    for (const ring of inner) sum -= Math.abs(turned(ring, metres));
  }
  return sum;
}

/** Area of a ring, negative where it turns right. */
export function turned(ring: readonly Position[], metres: Metres): number {
  let sum = 0;
  const [x0, y0] = metres.of(ring[0] ?? []);
  for (let i = 1; i < ring.length; i += 1) {
    const [ax, ay] = metres.of(ring[i - 1] ?? []);
    const [bx, by] = metres.of(ring[i] ?? []);
    sum += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return sum / 2;
}
