// Owns where atoms are: which lies at a point, under a brush, within a lasso, which corners are near. Pure.
import type { Position } from "geojson";
import { at, type Ground } from "./ground";
import { type Metres, ringsOf, turned } from "./metres";

export type Place = readonly [lon: number, lat: number];
export const placeOf = (at: { readonly lon: number; readonly lat: number }): Place => [at.lon, at.lat];
type Xy = readonly [x: number, y: number];

/** About so many atoms to a cell of the index. */
const TO_CELL = 4;

export class Places {
  readonly #ground: Ground;
  readonly #metres: Metres;
  /** x and y in metres of a place inside each atom. */
  readonly centres: Float64Array;
  readonly #box: readonly [number, number, number, number];
  readonly #side: number;
  readonly #columns: number;
  readonly #cells = new Map<number, number[]>();

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#metres = ground.metres;
    this.centres = new Float64Array(2 * ground.atoms);
    const boxes = ground.outlines.map((shape) => boxOf(ringsOf(shape), this.#metres));
    const [west, south, east, north] = boxes.reduce((one, other) => [Math.min(one[0], other[0]), Math.min(one[1], other[1]), Math.max(one[2], other[2]), Math.max(one[3], other[3])], [Infinity, Infinity, -Infinity, -Infinity]);
    this.#box = [west, south, east, north];
    this.#side = Math.max(1, Math.sqrt(((east - west) * (north - south) * TO_CELL) / Math.max(1, ground.atoms)));
    this.#columns = Math.max(1, Math.ceil((east - west) / this.#side) + 1);
    boxes.forEach((box, atom) => {
      this.#each(box, (cell) => {
        const there = this.#cells.get(cell);
        if (there === undefined) this.#cells.set(cell, [atom]);
        else there.push(atom);
      });
      const [x, y] = inside(ringsOf(ground.outlines[atom] ?? { type: "Polygon", coordinates: [] }), this.#metres);
      this.centres[2 * atom] = x;
      this.centres[2 * atom + 1] = y;
    });
  }

  /** West, south, east, north in degrees. */
  bounds(): readonly [number, number, number, number] {
    const [west, south, east, north] = this.#box;
    return [...this.#metres.back(west, south), ...this.#metres.back(east, north)];
  }

  centre(atom: number): Place {
    return this.#metres.back(at(this.centres, 2 * atom), at(this.centres, 2 * atom + 1));
  }

  /** null: outside the community. */
  atomAt(place: Place): number | null {
    const [x, y] = this.#metres.of(place);
    return this.#atomAt(x, y);
  }

  /** The atoms that a round brush of this radius passes over on its way: those under its middle, and those whose middle it covers. */
  swept(from: Place, to: Place, radiusM: number): number[] {
    const [a, b] = [this.#metres.of(from), this.#metres.of(to)];
    const found = new Set<number>();
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const steps = Math.max(1, Math.ceil(length / Math.max(1, this.#side / 4)));
    for (let step = 0; step <= steps; step += 1) {
      const atom = this.#atomAt(a[0] + ((b[0] - a[0]) * step) / steps, a[1] + ((b[1] - a[1]) * step) / steps);
      if (atom !== null) found.add(atom);
    }
    const box = [Math.min(a[0], b[0]) - radiusM, Math.min(a[1], b[1]) - radiusM, Math.max(a[0], b[0]) + radiusM, Math.max(a[1], b[1]) + radiusM] as const;
    this.#each(box, (cell) => {
      for (const atom of this.#cells.get(cell) ?? []) {
        if (!found.has(atom) && apart([at(this.centres, 2 * atom), at(this.centres, 2 * atom + 1)], a, b) <= radiusM) found.add(atom);
      }
    });
    return [...found];
  }

  /** The atoms whose middle lies within a closed line. */
  within(line: readonly Place[]): number[] {
    const ring = line.map((place) => this.#metres.of(place));
    if (ring.length < 3) return [];
    const box = boxOfXy(ring);
    const found = new Set<number>();
    this.#each(box, (cell) => {
      for (const atom of this.#cells.get(cell) ?? []) if (!found.has(atom) && holds([ring], at(this.centres, 2 * atom), at(this.centres, 2 * atom + 1))) found.add(atom);
    });
    return [...found];
  }

  /** The corner next to a place, as the server named it; null: none within so many metres. */
  cornerAt(place: Place, withinM: number): Position | null {
    let best: Position | null = null;
    let least = withinM;
    for (const atom of this.around(place, withinM)) {
      for (const ring of ringsOf(this.#ground.outlines[atom] ?? { type: "Polygon", coordinates: [] })) {
        for (const corner of ring) {
          const metres = this.#metres.between(place, corner);
          if (metres <= least) [best, least] = [corner, metres];
        }
      }
    }
    return best;
  }

  /** Atoms whose box is within so many metres of a place. */
  around(place: Place, metres: number): number[] {
    const [x, y] = this.#metres.of(place);
    const found = new Set<number>();
    this.#each([x - metres, y - metres, x + metres, y + metres], (cell) => {
      for (const atom of this.#cells.get(cell) ?? []) found.add(atom);
    });
    return [...found];
  }

  #atomAt(x: number, y: number): number | null {
    const column = Math.floor((x - this.#box[0]) / this.#side);
    const row = Math.floor((y - this.#box[1]) / this.#side);
    if (column < 0 || row < 0 || column >= this.#columns) return null;
    for (const atom of this.#cells.get(row * this.#columns + column) ?? []) {
      if (holds(ringsOf(this.#ground.outlines[atom] ?? { type: "Polygon", coordinates: [] }).map((ring) => ring.map((corner) => this.#metres.of(corner))), x, y)) return atom;
    }
    return null;
  }

  #each(box: readonly [number, number, number, number], visit: (cell: number) => void): void {
    const column = (x: number): number => Math.floor((x - this.#box[0]) / this.#side);
    const row = (y: number): number => Math.floor((y - this.#box[1]) / this.#side);
    const last = Math.min(column(box[2]), this.#columns - 1);
    const top = Math.min(row(box[3]), row(this.#box[3]));
    for (let r = Math.max(0, row(box[1])); r <= top; r += 1) {
      for (let c = Math.max(0, column(box[0])); c <= last; c += 1) visit(r * this.#columns + c);
    }
  }
}

/** Whether a point lies in rings; those inside others are left out. */
export function holds(rings: readonly (readonly Xy[])[], x: number, y: number): boolean {
  let within = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [ax, ay] = ring[i] ?? [0, 0];
      const [bx, by] = ring[j] ?? [0, 0];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  }
  return within;
}

/** Metres from a point to a line between two others. */
export function apart(point: Xy, a: Xy, b: Xy): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length));
  return Math.hypot(point[0] - a[0] - along * dx, point[1] - a[1] - along * dy);
}

function boxOf(rings: readonly Position[][], metres: Metres): readonly [number, number, number, number] {
  return boxOfXy(rings.flatMap((ring) => ring.map((corner) => metres.of(corner))));
}

function boxOfXy(points: readonly Xy[]): readonly [number, number, number, number] {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) [west, south, east, north] = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)];
  return [west, south, east, north];
}

/** A place inside the largest ring: its centroid, or where that lies outside the middle of the widest stretch at its height. */
function inside(rings: readonly Position[][], metres: Metres): Xy {
  let largest: readonly Position[] = rings[0] ?? [];
  for (const ring of rings) if (Math.abs(turned(ring, metres)) > Math.abs(turned(largest, metres))) largest = ring;
  const points = largest.map((corner) => metres.of(corner));
  const [x0, y0] = points[0] ?? [0, 0];
  let [sum, x, y] = [0, 0, 0];
  for (let i = 1; i < points.length; i += 1) {
    const [ax, ay] = points[i - 1] ?? [x0, y0];
    const [bx, by] = points[i] ?? [x0, y0];
    const twice = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
    sum += twice;
    x += (ax + bx - 2 * x0) * twice;
    y += (ay + by - 2 * y0) * twice;
  }
  const centre: Xy = sum === 0 ? [x0, y0] : [x0 + x / (3 * sum), y0 + y / (3 * sum)];
  const all = rings.map((ring) => ring.map((corner) => metres.of(corner)));
  if (holds(all, centre[0], centre[1])) return centre;
  return widest(all, centre[1]) ?? centre;
}

function widest(rings: readonly (readonly Xy[])[], y: number): Xy | null {
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax, ay] = ring[i - 1] ?? [0, 0];
      const [bx, by] = ring[i] ?? [0, 0];
      if (ay > y !== by > y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  }
  crossings.sort((one, other) => one - other);
  let best: Xy | null = null;
  let width = 0;
  for (let i = 1; i < crossings.length; i += 2) {
    const [left, right] = [at(crossings, i - 1), at(crossings, i)];
    if (right - left > width) [best, width] = [[(left + right) / 2, y], right - left];
  }
  return best;
}
