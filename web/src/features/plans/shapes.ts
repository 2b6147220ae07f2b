// Owns a place inside a shape for its name, and the box around shapes. Pure.
import type { Position } from "geojson";
import type { Outline } from "../../api/grounds";
import type { Box } from "../../map/box";

const outer = (shape: Outline): Position[][] => (shape.type === "Polygon" ? shape.coordinates.slice(0, 1) : shape.coordinates.flatMap((one) => one.slice(0, 1)));
const rings = (shape: Outline): Position[][] => (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat());

const x = (of: Position | undefined): number => of?.[0] ?? 0;
const y = (of: Position | undefined): number => of?.[1] ?? 0;

export function boxOf(shapes: readonly Outline[]): Box | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const shape of shapes) {
    for (const place of outer(shape).flat()) {
      west = Math.min(west, x(place));
      east = Math.max(east, x(place));
      south = Math.min(south, y(place));
      north = Math.max(north, y(place));
    }
  }
  return west > east ? null : [west, south, east, north];
}

/** The box around boxes. */
export function around(boxes: readonly (readonly number[])[]): Box | null {
  const found = boxes.flatMap(([west, south, east, north]) => (west === undefined || south === undefined || east === undefined || north === undefined ? [] : [[west, south, east, north] as const]));
  if (found.length === 0) return null;
  return [Math.min(...found.map((one) => one[0])), Math.min(...found.map((one) => one[1])), Math.max(...found.map((one) => one[2])), Math.max(...found.map((one) => one[3]))];
}

/** The middle of the widest stretch of the shape across its middle: always inside, also of a crescent. */
export function inside(shape: Outline): Position {
  const box = boxOf([shape]);
  if (box === null) return [0, 0];
  // A hair off the middle, so that it does not run through a corner.
  const level = (box[1] + box[3]) / 2 + (box[3] - box[1]) * 1e-6;
  const cuts = rings(shape)
    .flatMap((ring) =>
      ring.slice(1).flatMap((to, index) => {
        const from = ring[index];
        return y(from) > level === y(to) > level ? [] : [x(from) + ((level - y(from)) / (y(to) - y(from))) * (x(to) - x(from))];
      }),
    )
    .sort((one, other) => one - other);
  let best: readonly [number, number] = [box[0], box[2]];
  let width = -1;
  for (let at = 0; at + 1 < cuts.length; at += 2) {
    const [from = 0, to = 0] = [cuts[at], cuts[at + 1]];
    if (to - from > width) [best, width] = [[from, to], to - from];
  }
  return [(best[0] + best[1]) / 2, level];
}
