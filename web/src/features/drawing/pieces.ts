// Owns whether the atoms of a grid hang together; bridges join. Pure.
import { at, type Ground } from "./ground";

/** The pieces of some atoms: the one with most households first, then with most atoms, then the lowest atom. */
export function piecesOf(ground: Ground, assignment: Int32Array, members: readonly number[]): number[][] {
  const found: number[][] = [];
  const seen = new Set<number>();
  for (const start of members) {
    if (seen.has(start)) continue;
    seen.add(start);
    const piece = [start];
    for (let i = 0; i < piece.length; i += 1) {
      const atom = at(piece, i);
      eachBeside(ground, atom, (other) => {
        if (assignment[other] === assignment[start] && !seen.has(other)) {
          seen.add(other);
          piece.push(other);
        }
      });
    }
    found.push(piece.sort((one, other) => one - other));
  }
  const living = (piece: readonly number[]): number => piece.reduce((sum, atom) => sum + at(ground.households, atom), 0);
  return found.sort((one, other) => living(other) - living(one) || other.length - one.length || at(one, 0) - at(other, 0));
}

export function pieceCount(ground: Ground, assignment: Int32Array, members: readonly number[]): number {
  const seen = new Set<number>();
  let count = 0;
  for (const start of members) {
    if (seen.has(start)) continue;
    count += 1;
    seen.add(start);
    const waiting = [start];
    for (let atom = waiting.pop(); atom !== undefined; atom = waiting.pop()) {
      eachBeside(ground, atom, (other) => {
        if (assignment[other] === assignment[start] && !seen.has(other)) {
          seen.add(other);
          waiting.push(other);
        }
      });
    }
  }
  return count;
}

/** Whether a grid that hung together still does, after atoms left it or came: looked for outwards from the change, so that it mostly
 *  ends close by. False also means "not known from here". */
export function stillWhole(ground: Ground, assignment: Int32Array, number: number, out: readonly number[], into: readonly number[]): boolean {
  const around = new Set<number>(into);
  for (const atom of [...out, ...into]) {
    eachBeside(ground, atom, (other) => {
      if (assignment[other] === number) around.add(other);
    });
  }
  const [start] = around;
  if (start === undefined) return false;
  // A grid that is nothing but what came has no old part to hang on; one with nothing old around it hangs on nothing.
  if (out.length === 0 && around.size === into.length) return false;
  around.delete(start);
  const seen = new Set<number>([start]);
  const waiting = [start];
  for (let i = 0; i < waiting.length && around.size > 0; i += 1) {
    eachBeside(ground, at(waiting, i), (other) => {
      if (assignment[other] !== number || seen.has(other)) return;
      seen.add(other);
      around.delete(other);
      waiting.push(other);
    });
  }
  return around.size === 0;
}

function eachBeside(ground: Ground, atom: number, visit: (other: number) => void): void {
  const end = at(ground.starts, atom + 1);
  for (let place = at(ground.starts, atom); place < end; place += 1) visit(at(ground.others, place));
}
