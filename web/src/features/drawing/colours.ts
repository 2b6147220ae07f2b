// Owns which of a few colours each grid has: never that of a neighbour, and kept while somebody draws unless two would meet. Pure.
import type { Board } from "./board";
import { NOBODY } from "./ground";

export const COLOURS = 8;

export class Colours {
  readonly #of = new Map<number, number>();
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
    const numbers = [...board.sheet.drafts.keys()];
    // Those with most neighbours first: they have least to choose from.
    numbers.sort((one, other) => board.beside(other).length - board.beside(one).length || one - other);
    for (const number of numbers) this.#of.set(number, this.#free(number));
  }

  /** -1: it belongs to no grid. */
  of(number: number): number {
    return number === NOBODY ? -1 : (this.#of.get(number) ?? 0);
  }

  /** After a change: returns the grids whose colour is another now. */
  follow(touched: Iterable<number>): number[] {
    const recoloured: number[] = [];
    for (const number of touched) {
      if (number === NOBODY) continue;
      if (!this.#board.sheet.drafts.has(number)) {
        this.#of.delete(number);
        continue;
      }
      const now = this.#of.get(number);
      if (now !== undefined && !this.#met(number, now)) continue;
      const next = this.#free(number);
      if (next === now) continue;
      this.#of.set(number, next);
      recoloured.push(number);
    }
    return recoloured;
  }

  #met(number: number, colour: number): boolean {
    return this.#board.beside(number).some((other) => other !== NOBODY && this.#of.get(other) === colour);
  }

  /** The colour that the fewest neighbours have, then the one that is rarest, then the first. */
  #free(number: number): number {
    const beside = new Array<number>(COLOURS).fill(0);
    for (const other of this.#board.beside(number)) {
      const colour = other === number ? undefined : this.#of.get(other);
      if (colour !== undefined) beside[colour] = (beside[colour] ?? 0) + 1;
    }
    const used = new Array<number>(COLOURS).fill(0);
    for (const colour of this.#of.values()) used[colour] = (used[colour] ?? 0) + 1;
    let best = 0;
    for (let colour = 1; colour < COLOURS; colour += 1) {
      const [here, there] = [beside[colour] ?? 0, beside[best] ?? 0];
      if (here < there || (here === there && (used[colour] ?? 0) < (used[best] ?? 0))) best = colour;
    }
    return best;
  }
}

/** Classes of how far a grid's households are off its target, measured in its band: -2 far below … 0 within … 2 far above. */
export function offClass(deviation: number, band: number): number {
  const off = Math.abs(deviation);
  if (off <= band + 1e-9) return 0;
  return Math.sign(deviation) * (off <= 2 * Math.max(band, 0.05) ? 1 : 2);
}
