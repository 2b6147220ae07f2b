// Owns a made community for tests: square atoms in rows and columns, with households that differ, and chance that repeats itself.
import type { Board as Fetched } from "../../src/api/boards";
import type { Atom, Edges } from "../../src/api/grounds";
import type { Operation } from "../../src/api/operations";
import type { Board } from "../../src/features/drawing/board";
import { type Ground, groundOf } from "../../src/features/drawing/ground";
import { newDraft, nextNumber, type Sheet } from "../../src/features/drawing/sheet";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SIDE = 0.0004;
const WEST = 117;
const SOUTH = 32;

export function made(columns: number, rows: number, seed = 1, across = 20): { readonly atoms: Atom[]; readonly edges: Edges; readonly fetched: Fetched; readonly ground: Ground; readonly sheet: () => Sheet } {
  const random = chance(seed);
  const atoms: Atom[] = [];
  const edges = { a: [] as number[], b: [] as number[], shared_m: [] as number[], on_street: [] as boolean[], bridge: [] as boolean[] };
  const at = (column: number, row: number): [number, number] => [Number((WEST + column * SIDE).toFixed(9)), Number((SOUTH + row * SIDE).toFixed(9))];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const id = row * columns + column;
      const ring = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1), at(column, row)];
      atoms.push({
        id, properties: { key: `k${String(id)}`, kind: "given", block: 0, group: null, building_id: null, area_m2: 1677.123456, perimeter_m: 164.65 },
        geometry: { type: "Polygon", coordinates: [ring] },
      });
      for (const other of [column + 1 < columns ? id + 1 : -1, row + 1 < rows ? id + columns : -1]) {
        if (other < 0) continue;
        edges.a.push(id);
        edges.b.push(other);
        edges.shared_m.push(other === id + 1 ? 44.4 : 37.9);
        edges.on_street.push(random() < 0.5);
        edges.bridge.push(false);
      }
    }
  }
  const wide = Math.ceil(columns / across);
  const assignment = atoms.map((_, id) => 1 + Math.floor(Math.floor(id / columns) / across) * wide + Math.floor((id % columns) / across));
  const numbers = [...new Set(assignment)].sort((one, other) => one - other);
  const fetched: Fetched = {
    part: { id: "1", plan_id: "1", community_id: "1", basis_id: "1", count_id: "1", revision: 0, digest: "", outdated: false },
    target: { households: 300, band: 0.1 },
    counted_on: "2026-10-01",
    assignment,
    households: atoms.map(() => Math.floor(random() ** 2 * 40)),
    grids: numbers.map((number) => ({ number, names: {}, kind: "urban", target: null, locked: false, area_id: String(number), code: null, metrics: {} })),
    totals: {},
    redrawn: {},
    open_cases: atoms.map(() => Math.floor(random() * 4)),
    cases_month: atoms.map(() => Math.round(random() * 1e6) / 1e6),
    original: { assignment, areas: Object.fromEntries(numbers.map((number) => [String(number), String(number)])) },
  };
  const ground = groundOf(atoms, edges, fetched);
  const sheet = (): Sheet => ({
    assignment: Int32Array.from(assignment),
    drafts: new Map(numbers.map((number) => [number, { ...newDraft(number), area: String(number) }])),
  });
  return { atoms, edges, fetched, ground, sheet };
}

/** Something that a planner might do next. */
export function someDeed(board: Board, random: () => number): Operation {
  const { ground, sheet } = board;
  const pick = (most: number): number => Math.min(most - 1, Math.floor(random() * most));
  const numbers = [...sheet.drafts.keys()];
  const some = numbers[pick(numbers.length)] ?? 1;
  const what = random();
  if (what < 0.04) return { kind: "lock", payload: { grids: [some], locked: random() < 0.5 } };
  if (what < 0.05) return { kind: "merge", payload: { grids: [some, board.beside(some).find((one) => one > 0) ?? some], into: some } };
  if (what < 0.07) return { kind: "target", payload: { grid: some, to: random() < 0.5 ? null : [250, 0.2] } };
  const start = pick(ground.atoms);
  const atoms = [start];
  for (let more = pick(12); more > 0; more -= 1) {
    const from = atoms[pick(atoms.length)] ?? start;
    const place = (ground.starts[from] ?? 0) + pick((ground.starts[from + 1] ?? 0) - (ground.starts[from] ?? 0));
    atoms.push(ground.others[place] ?? start);
  }
  const goal = what < 0.1 ? nextNumber(sheet) : what < 0.12 ? -1 : what < 0.8 ? (sheet.assignment[ground.others[ground.starts[start] ?? 0] ?? start] ?? 1) : some;
  return { kind: "assign", payload: { atoms: [...new Set(atoms)], grid: goal } };
}
