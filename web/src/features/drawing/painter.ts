// Owns what of a drawing the map shows: the class of each atom as a state of it, the lines that are borders of grids; only what differs is told.
import type { Feature, FeatureCollection, Point as Dot } from "geojson";
import type { Applied } from "./board";
import { offClass } from "./colours";
import type { Drawing } from "./drawing";
import { at, NOBODY } from "./ground";

export type By = "grid" | "off";

/** The map, as far as painting needs it. */
export interface Canvas {
  readonly mark: (source: string, id: number, state: Readonly<Record<string, number | boolean>>) => void;
  readonly put: (source: string, data: FeatureCollection) => void;
  /** Features that come and go, by their ids. */
  readonly patch: (source: string, come: readonly Feature[], gone: readonly number[]) => void;
}

/** No class that there is. */
const NOT_YET = -128;

export class Painter {
  readonly #canvas: Canvas;
  readonly #drawing: Drawing;
  #atoms: Int8Array;
  /** Of each edge, whether its line lies on the map as a border. */
  #edges: Uint8Array;
  /** Edges to be looked at again. */
  readonly #touched = new Set<number>();
  #by: By;
  #chosen: number | null;
  readonly #labels = new Map<number, number>();

  constructor(canvas: Canvas, drawing: Drawing, by: By, chosen: number | null) {
    this.#canvas = canvas;
    this.#drawing = drawing;
    this.#by = by;
    this.#chosen = chosen;
    this.#atoms = new Int8Array(drawing.ground.atoms).fill(NOT_YET);
    this.#edges = new Uint8Array(drawing.ground.a.length);
    this.all();
  }

  /** Everything that differs from what is shown. */
  all(): void {
    const { board, borders, ground } = this.#drawing;
    for (const number of [NOBODY, ...board.sheet.drafts.keys()]) this.#grid(number);
    this.#edges = Uint8Array.from(ground.a, (_, edge) => Number(board.isBorder(edge)));
    this.#touched.clear();
    const features = borders.lines.features.filter((line) => this.#edges[Number(line.id)] === 1);
    this.#canvas.put("borders", { type: "FeatureCollection", features });
    this.#labels.clear();
    this.numbers();
    this.outline();
  }

  drawn(applied: Applied, recoloured: readonly number[]): void {
    for (const number of new Set([...applied.touched, ...recoloured])) {
      this.#grid(number);
      this.#labels.delete(number);
    }
    for (const edge of applied.edges) this.#touched.add(edge);
  }

  paintBy(by: By): void {
    if (by === this.#by) return;
    this.#by = by;
    for (const number of this.#drawing.board.sheet.drafts.keys()) this.#grid(number);
  }

  choose(number: number | null): void {
    if (number === this.#chosen) return;
    this.#chosen = number;
    this.outline();
  }

  /** Once a frame, what lies in sources of its own: borders, numbers, the chosen grid. */
  frame(): void {
    this.#borders();
    this.numbers();
    this.outline();
  }

  /** The lines that have become borders, and those that are none any more. */
  #borders(): void {
    const { board, borders } = this.#drawing;
    const come: Feature[] = [];
    const gone: number[] = [];
    for (const edge of this.#touched) {
      const value = Number(board.isBorder(edge));
      if (this.#edges[edge] === value) continue;
      this.#edges[edge] = value;
      const line = borders.lineOf.get(edge);
      if (line === undefined) continue;
      if (value === 1) come.push(line);
      else gone.push(edge);
    }
    this.#touched.clear();
    if (come.length + gone.length > 0) this.#canvas.patch("borders", come, gone);
  }

  /** The lines around the chosen grid. */
  outline(): void {
    const { board, borders, ground } = this.#drawing;
    const features: Feature[] = [];
    for (const atom of this.#chosen === null ? [] : board.members(this.#chosen)) {
      const rim = borders.rimOf.get(atom);
      if (rim !== undefined) features.push(rim);
      for (let place = at(ground.starts, atom); place < at(ground.starts, atom + 1); place += 1) {
        const line = board.isBorder(at(ground.via, place)) ? borders.lineOf.get(at(ground.via, place)) : undefined;
        if (line !== undefined) features.push(line);
      }
    }
    this.#canvas.put("chosen", { type: "FeatureCollection", features });
  }

  /** The numbers of the grids, each in its midst. */
  numbers(): void {
    const { board, places } = this.#drawing;
    const features = [...board.sheet.drafts.values()].flatMap(({ number, locked }): FeatureCollection<Dot>["features"] => {
      const atom = this.#midst(number);
      if (atom === null) return [];
      const [lon, lat] = places.centre(atom);
      const { households } = board.tally(number);
      return [{ type: "Feature", id: number, properties: { number: String(number), households, locked }, geometry: { type: "Point", coordinates: [lon, lat] } }];
    });
    this.#canvas.put("numbers", { type: "FeatureCollection", features });
  }

  /** What another changed, and what of ours waits. */
  disputed(theirs: ReadonlySet<number>, ours: ReadonlySet<number>): void {
    const { outlines } = this.#drawing.ground;
    const of = (atoms: ReadonlySet<number>, whose: "theirs" | "ours"): Feature[] =>
      [...atoms].flatMap((atom) => {
        const geometry = outlines[atom];
        return geometry === undefined ? [] : [{ type: "Feature" as const, properties: { whose }, geometry }];
      });
    this.#canvas.put("disputed", { type: "FeatureCollection", features: [...of(theirs, "theirs"), ...of(ours, "ours")] });
  }

  #classOf(number: number): number {
    if (number === NOBODY) return -1;
    if (this.#by === "grid") return this.#drawing.colours.of(number);
    const { board } = this.#drawing;
    return offClass(board.metrics(number).deviation ?? 0, board.targetOf(number).band) + 2;
  }

  #grid(number: number): void {
    const { board } = this.#drawing;
    const value = board.size(number) === 0 ? -1 : this.#classOf(number);
    for (const atom of board.members(number)) {
      if (this.#atoms[atom] === value) continue;
      this.#atoms[atom] = value;
      this.#canvas.mark("atoms", atom, { c: value });
    }
  }

  /** The atom next to the middle of a grid. */
  #midst(number: number): number | null {
    const known = this.#labels.get(number);
    if (known !== undefined) return known;
    const { board, places } = this.#drawing;
    const members = board.members(number);
    let [x, y] = [0, 0];
    for (const atom of members) {
      x += at(places.centres, 2 * atom) / members.length;
      y += at(places.centres, 2 * atom + 1) / members.length;
    }
    let best: number | null = null;
    let least = Infinity;
    for (const atom of members) {
      const away = Math.hypot(at(places.centres, 2 * atom) - x, at(places.centres, 2 * atom + 1) - y);
      if (away < least) [best, least] = [atom, away];
    }
    if (best !== null) this.#labels.set(number, best);
    return best;
  }
}
