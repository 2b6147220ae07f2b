// Owns the ground of one community in typed arrays: atoms, how they touch, what lives there. Pure.
// Does not own what is drawn on it (board.ts) nor where things are (places.ts).
import type { Board } from "../../api/boards";
import type { Atom, Edges, Outline } from "../../api/grounds";
import { lengthM, type Metres, metresAt, ringsOf, squareM } from "./metres";

/** Whole numbers as the server sums them: micrometres, square millimetres, millionths of a case. */
export const MICRO = 1_000_000;
export const NOBODY = -1;

export interface Ground {
  readonly atoms: number;
  readonly metres: Metres;
  readonly households: Float64Array;
  /** Square millimetres and micrometres; they follow corners that are moved by hand. */
  readonly area: Float64Array;
  readonly perimeter: Float64Array;
  /** null = the server gave none. */
  readonly openCases: Float64Array | null;
  readonly casesMonth: Float64Array | null;
  readonly original: Original | null;
  readonly groups: readonly (string | null)[];
  /** Neighbourhoods of atom i: places starts[i] .. starts[i + 1] of `others` and `via`. */
  readonly starts: Int32Array;
  readonly others: Int32Array;
  /** The edge, by its number in `a`, `b`. */
  readonly via: Int32Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly shared: Float64Array;
  readonly bridge: Uint8Array;
  readonly outlines: readonly Outline[];
}

/** The sheet that moves are counted from. */
export interface Original {
  readonly assignment: Int32Array;
  readonly areas: ReadonlyMap<number, string | null>;
}

export function groundOf(atoms: readonly Atom[], edges: Edges, board: Board): Ground {
  const n = atoms.length;
  const [west, south] = ringsOf(atoms[0]?.geometry ?? { type: "Polygon", coordinates: [[[0, 0]]] })[0]?.[0] ?? [0, 0];
  return {
    atoms: n,
    metres: metresAt(west ?? 0, south ?? 0),
    households: Float64Array.from(board.households),
    area: Float64Array.from(atoms, (one) => whole(one.properties.area_m2)),
    perimeter: Float64Array.from(atoms, (one) => whole(one.properties.perimeter_m)),
    openCases: board.open_cases === null ? null : Float64Array.from(board.open_cases),
    casesMonth: board.cases_month === null ? null : Float64Array.from(board.cases_month, whole),
    original: originalOf(board),
    groups: atoms.map((one) => one.properties.group),
    ...rows(n, edges),
    a: Int32Array.from(edges.a),
    b: Int32Array.from(edges.b),
    shared: Float64Array.from(edges.shared_m, whole),
    bridge: Uint8Array.from(edges.bridge, Number),
    outlines: atoms.map((one) => one.geometry),
  };
}

function originalOf({ original }: Board): Original | null {
  if (original === null) return null;
  return {
    assignment: Int32Array.from(original.assignment),
    areas: new Map(Object.entries(original.areas).map(([number, area]) => [Number(number), area])),
  };
}

function rows(n: number, edges: Edges): { starts: Int32Array; others: Int32Array; via: Int32Array } {
  const starts = new Int32Array(n + 1);
  for (const ends of [edges.a, edges.b]) for (const atom of ends) starts[atom + 1] = at(starts, atom + 1) + 1;
  for (let atom = 0; atom < n; atom += 1) starts[atom + 1] = at(starts, atom + 1) + at(starts, atom);
  const place = starts.slice(0, n);
  const others = new Int32Array(2 * edges.a.length);
  const via = new Int32Array(2 * edges.a.length);
  edges.a.forEach((one, edge) => {
    const other = at(edges.b, edge);
    for (const [here, there] of [[one, other], [other, one]] as const) {
      const free = at(place, here);
      others[free] = there;
      via[free] = edge;
      place[here] = free + 1;
    }
  });
  return { starts, others, via };
}

const EARTH_M = 40_075_016.686;
const TILE_PX = 512;

/** The zoom of the map at which an atom, as large as they are on average, is so many pixels wide. */
export function zoomOf({ atoms, area, outlines }: Ground, px: number): number {
  const side = Math.sqrt(area.reduce((sum, one) => sum + one, 0) / MICRO / Math.max(1, atoms));
  const [, lat = 0] = ringsOf(outlines[0] ?? { type: "Polygon", coordinates: [[[0, 0]]] })[0]?.[0] ?? [0, 0];
  return side === 0 ? 0 : Math.log2((px * EARTH_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * side));
}

/** What stands at a place of an array that has it. */
export const at = (values: ArrayLike<number>, place: number): number => values[place] ?? 0;

/** Millionths, whole; halves go to the even neighbour, as the server rounds. */
export function whole(value: number): number {
  const scaled = value * MICRO;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/** Ground whose atoms have these outlines by number, the others those of the basis: areas and borders in the proportion in which they grew. */
export function redrawn(basis: Ground, shapes: ReadonlyMap<number, Outline>): Ground {
  if (shapes.size === 0) return basis;
  const outlines = basis.outlines.map((one, atom) => shapes.get(atom) ?? one);
  const area = basis.area.slice();
  const perimeter = basis.perimeter.slice();
  const shared = basis.shared.slice();
  const edges = new Set<number>();
  for (const [atom, now] of shapes) {
    const was = basis.outlines[atom];
    if (was === undefined) continue;
    area[atom] = Math.round(at(basis.area, atom) * (squareM(now, basis.metres) / squareM(was, basis.metres)));
    perimeter[atom] = Math.round(at(basis.perimeter, atom) * (lengthM(now, basis.metres) / lengthM(was, basis.metres)));
    for (let place = at(basis.starts, atom); place < at(basis.starts, atom + 1); place += 1) edges.add(at(basis.via, place));
  }
  for (const edge of edges) {
    const [one, other] = [at(basis.a, edge), at(basis.b, edge)];
    const before = commonM(basis.outlines[one], basis.outlines[other], basis.metres);
    const after = commonM(outlines[one], outlines[other], basis.metres);
    if (before > 0) shared[edge] = Math.round(at(basis.shared, edge) * (after / before));
  }
  return { ...basis, outlines, area, perimeter, shared };
}

const named = (point: readonly number[]): string => `${String(point[0])} ${String(point[1])}`;

/** Metres of the borders that two outlines have in common, segment by segment. */
function commonM(one: Outline | undefined, other: Outline | undefined, metres: Metres): number {
  if (one === undefined || other === undefined) return 0;
  const seen = new Set<string>();
  segments(one, (from, to) => seen.add(`${named(from)},${named(to)}`));
  let sum = 0;
  segments(other, (from, to) => {
    if (seen.has(`${named(from)},${named(to)}`) || seen.has(`${named(to)},${named(from)}`)) sum += metres.between(from, to);
  });
  return sum;
}

function segments(shape: Outline, visit: (from: readonly number[], to: readonly number[]) => void): void {
  for (const ring of ringsOf(shape)) {
    for (let place = 1; place < ring.length; place += 1) {
      const [from, to] = [ring[place - 1], ring[place]];
      if (from !== undefined && to !== undefined) visit(from, to);
    }
  }
}
