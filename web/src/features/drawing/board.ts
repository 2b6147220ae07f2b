// Owns a sheet that is being drawn on: every change is measured at the cost of what changed. Whole numbers are summed, so that no
// order of changes leaves a trace and the figures are the server's (gridgov/planning/tallies.py, measuring.py). Pure.
import type { Target } from "../../api/boards";
import { at, type Ground, NOBODY } from "./ground";
import { type Metrics, metricsOf, type Tally, tallyOf, totalsOf } from "./metrics";
import { Members } from "./members";
import { pieceCount, stillWhole } from "./pieces";
import { broken, type Change, type Draft, inverseOf, type Sheet } from "./sheet";

/** What a change did: what takes it back, the grids and edges that it touched. */
export interface Applied {
  readonly inverse: Change;
  readonly touched: ReadonlySet<number>;
  readonly atoms: readonly number[];
  /** Edges that became a border between two grids, or ceased to be, or whose grids are others now. */
  readonly edges: ReadonlySet<number>;
}

interface Moves {
  readonly out: Map<number, number[]>;
  readonly into: Map<number, number[]>;
}

export class Board {
  readonly ground: Ground;
  readonly target: Target;
  readonly sheet: Sheet;
  readonly #members: Members;
  readonly #tallies = new Map<number, Tally>();
  readonly #pieces = new Map<number, number>();
  readonly #metrics = new Map<number, Metrics>();
  /** How many edges each grid has in common with each other. */
  readonly #beside = new Map<number, Map<number, number>>();

  constructor(ground: Ground, sheet: Sheet, target: Target) {
    const wrong = broken(sheet, ground.atoms);
    if (wrong !== null) throw new Error(wrong);
    this.ground = ground;
    this.sheet = sheet;
    this.target = target;
    this.#members = new Members(sheet.assignment);
    for (let atom = 0; atom < ground.atoms; atom += 1) this.#count(atom, at(sheet.assignment, atom), 1);
    for (let edge = 0; edge < ground.a.length; edge += 1) this.#border(edge, at(sheet.assignment, at(ground.a, edge)), at(sheet.assignment, at(ground.b, edge)), 1);
  }

  apply(change: Change): Applied {
    const { assignment, drafts } = this.sheet;
    const inverse = inverseOf(this.sheet, change);
    const touched = new Set<number>(change.drafts.keys());
    for (const [number, draft] of change.drafts) this.#say(number, draft);
    const moves: Moves = { out: new Map(), into: new Map() };
    const atoms: number[] = [];
    const edges = new Set<number>();
    change.atoms.forEach((atom, place) => {
      const [from, to] = [at(assignment, atom), at(change.to, place)];
      if (from === to) return;
      atoms.push(atom);
      touched.add(from).add(to);
      note(moves.out, from, atom);
      note(moves.into, to, atom);
      this.#move(atom, from, to, edges);
    });
    for (const number of touched) this.#settle(number, moves);
    const homeless = atoms.find((atom) => at(assignment, atom) !== NOBODY && !drafts.has(at(assignment, atom)));
    if (homeless !== undefined) throw new Error(`atom ${String(homeless)} went to a grid that is not there`);
    return { inverse, touched, atoms, edges };
  }

  /** The atoms of a grid, in no order. */
  members(number: number): number[] {
    return this.#members.of(number);
  }

  size(number: number): number {
    return this.#members.size(number);
  }

  targetOf(number: number): Target {
    return this.sheet.drafts.get(number)?.target ?? this.target;
  }

  tally(number: number): Tally {
    return this.#tallies.get(number) ?? tallyOf();
  }

  pieces(number: number): number {
    let found = this.#pieces.get(number);
    if (found === undefined) {
      found = pieceCount(this.ground, this.sheet.assignment, this.#members.of(number));
      this.#pieces.set(number, found);
    }
    return found;
  }

  /** By the names of the server's registry; the same object as long as nothing of the grid changed. */
  metrics(number: number): Metrics {
    let found = this.#metrics.get(number);
    if (found === undefined) {
      found = metricsOf(this.tally(number), this.targetOf(number), this.pieces(number), this.ground);
      this.#metrics.set(number, found);
    }
    return found;
  }

  totals(): Metrics {
    const numbers = [...this.sheet.drafts.keys()];
    return totalsOf(numbers.map((number) => this.metrics(number)), this.tally(NOBODY), this.ground);
  }

  /** The grids that a grid touches. */
  beside(number: number): readonly number[] {
    return [...(this.#beside.get(number)?.keys() ?? [])];
  }

  /** Whether an edge is a border between two grids. */
  isBorder(edge: number): boolean {
    return this.sheet.assignment[at(this.ground.a, edge)] !== this.sheet.assignment[at(this.ground.b, edge)];
  }

  #say(number: number, draft: Draft | null): void {
    const before = this.#sameAsBegun(number);
    if (draft === null) this.sheet.drafts.delete(number);
    else this.sheet.drafts.set(number, draft);
    if (before === this.#sameAsBegun(number)) return;
    const tally = this.#tallies.get(number);
    if (tally === undefined) return;
    tally.moved = 0;
    tally.openMoved = 0;
    for (const atom of this.#members.of(number)) this.#countMoved(tally, atom, number, 1);
  }

  #move(atom: number, from: number, to: number, edges: Set<number>): void {
    const { ground, sheet } = this;
    this.#count(atom, from, -1);
    for (let place = at(ground.starts, atom); place < at(ground.starts, atom + 1); place += 1) {
      const [edge, other] = [at(ground.via, place), at(sheet.assignment, at(ground.others, place))];
      this.#border(edge, from, other, -1);
      this.#border(edge, to, other, 1);
      edges.add(edge);
    }
    this.#members.move(atom, from, to);
    sheet.assignment[atom] = to;
    this.#count(atom, to, 1);
  }

  /** Takes a grid's figures anew; whether it hangs together is looked up around what changed, as far as that can tell. */
  #settle(number: number, moves: Moves): void {
    this.#metrics.delete(number);
    const [out, into] = [moves.out.get(number), moves.into.get(number)];
    if (out === undefined && into === undefined) return;
    const whole = this.#pieces.get(number) === 1 && stillWhole(this.ground, this.sheet.assignment, number, out ?? [], into ?? []);
    if (!whole) this.#pieces.delete(number);
    if (this.#members.size(number) === 0) {
      this.#tallies.delete(number);
      this.#beside.delete(number);
      this.#pieces.delete(number);
    }
  }

  #count(atom: number, number: number, sign: 1 | -1): void {
    const { ground } = this;
    let tally = this.#tallies.get(number);
    if (tally === undefined) this.#tallies.set(number, (tally = tallyOf()));
    tally.atoms += sign;
    tally.households += sign * at(ground.households, atom);
    tally.area += sign * at(ground.area, atom);
    tally.perimeter += sign * at(ground.perimeter, atom);
    if (ground.openCases !== null) tally.openCases += sign * at(ground.openCases, atom);
    if (ground.casesMonth !== null) tally.cases += sign * at(ground.casesMonth, atom);
    this.#countMoved(tally, atom, number, sign);
  }

  #countMoved(tally: Tally, atom: number, number: number, sign: 1 | -1): void {
    const { original, households, openCases } = this.ground;
    if (original === null) return;
    const was = at(original.assignment, atom);
    if (was === NOBODY || (was === number && this.#sameAsBegun(number))) return;
    tally.moved += sign * at(households, atom);
    if (openCases !== null) tally.openMoved += sign * at(openCases, atom);
  }

  /** Whether a number stands for the same area as on the sheet that moves are counted from. */
  #sameAsBegun(number: number): boolean {
    const draft = this.sheet.drafts.get(number);
    const areas = this.ground.original?.areas;
    return draft !== undefined && areas?.has(number) === true && areas.get(number) === draft.area;
  }

  #border(edge: number, one: number, other: number, sign: 1 | -1): void {
    const shared = sign * at(this.ground.shared, edge);
    if (one === other) {
      const tally = this.#tallies.get(one);
      if (tally !== undefined) tally.inner += shared;
      return;
    }
    this.#touch(one, other, sign);
    this.#touch(other, one, sign);
  }

  #touch(one: number, other: number, sign: 1 | -1): void {
    let beside = this.#beside.get(one);
    if (beside === undefined) this.#beside.set(one, (beside = new Map<number, number>()));
    const times = (beside.get(other) ?? 0) + sign;
    if (times === 0) beside.delete(other);
    else beside.set(other, times);
  }
}

function note(into: Map<number, number[]>, number: number, atom: number): void {
  const named = into.get(number);
  if (named === undefined) into.set(number, [atom]);
  else named.push(atom);
}
