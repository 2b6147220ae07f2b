// Owns which atoms a grid has, as linked lists in typed arrays: an atom goes from one to another at once, whatever their size. Pure.
import { at } from "./ground";

const END = -1;

export class Members {
  readonly #next: Int32Array;
  readonly #before: Int32Array;
  readonly #first = new Map<number, number>();
  readonly #size = new Map<number, number>();

  constructor(assignment: Int32Array) {
    this.#next = new Int32Array(assignment.length).fill(END);
    this.#before = new Int32Array(assignment.length).fill(END);
    for (let atom = assignment.length - 1; atom >= 0; atom -= 1) this.#join(atom, at(assignment, atom));
  }

  move(atom: number, from: number, to: number): void {
    this.#leave(atom, from);
    this.#join(atom, to);
  }

  size(number: number): number {
    return this.#size.get(number) ?? 0;
  }

  of(number: number): number[] {
    const found: number[] = [];
    for (let atom = this.#first.get(number) ?? END; atom !== END; atom = this.#next[atom] ?? END) found.push(atom);
    return found;
  }

  #join(atom: number, number: number): void {
    const first = this.#first.get(number) ?? END;
    this.#next[atom] = first;
    this.#before[atom] = END;
    if (first !== END) this.#before[first] = atom;
    this.#first.set(number, atom);
    this.#size.set(number, this.size(number) + 1);
  }

  #leave(atom: number, number: number): void {
    const [next, before] = [at(this.#next, atom), at(this.#before, atom)];
    if (before === END) {
      if (next === END) this.#first.delete(number);
      else this.#first.set(number, next);
    } else this.#next[before] = next;
    if (next !== END) this.#before[next] = before;
    const size = this.size(number) - 1;
    if (size === 0) this.#size.delete(number);
    else this.#size.set(number, size);
  }
}
