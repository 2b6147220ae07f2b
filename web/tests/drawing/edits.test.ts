/// <reference types="node" />
// A hundred thousand random edits leave no gap and no overlap, and what was kept up equals what is measured from nothing. A share of
// them runs always; all of them with GRIDGOV_SOAK=1.
import { describe, expect, test } from "vitest";
import { Board } from "../../src/features/drawing/board";
import { isRefusal } from "../../src/features/drawing/effects";
import { NO_PAST, type Past, step } from "../../src/features/drawing/replay";
import { broken, copyOf, difference, type Sheet } from "../../src/features/drawing/sheet";
import { chance, made, someDeed } from "./made";

const EDITS = process.env["GRIDGOV_SOAK"] === "1" ? 100_000 : 4_000;
const EACH = 500;

function check(board: Board, ground = board.ground): void {
  expect(broken(board.sheet, ground.atoms)).toBeNull();
  const fresh = new Board(ground, copyOf(board.sheet), board.target);
  const numbers = [...board.sheet.drafts.keys()];
  for (const number of numbers) {
    expect(board.metrics(number), String(number)).toEqual(fresh.metrics(number));
    expect(board.members(number).toSorted((one, other) => one - other)).toEqual(fresh.members(number).toSorted((one, other) => one - other));
    expect(board.beside(number).toSorted()).toEqual(fresh.beside(number).toSorted());
  }
  expect(board.totals()).toEqual(fresh.totals());
  const all = numbers.reduce((sum, number) => sum + board.size(number), board.size(-1));
  expect(all).toBe(ground.atoms);
}

describe("random edits", () => {
  test(`${String(EDITS)} of them, with undoing and doing again`, () => {
    const random = chance(20_261_123);
    const { ground, sheet, fetched } = made(40, 30, 7, 5);
    const board = new Board(ground, sheet(), fetched.target);
    const first = copyOf(board.sheet);
    let truth: Sheet = copyOf(first);
    let past: Past = NO_PAST;
    let drawn = 0;
    for (let edit = 0; edit < EDITS; edit += 1) {
      const what = random();
      const deed = what < 0.15 && past.done !== null ? ({ kind: "undo" } as const) : what < 0.22 && past.undone !== null ? ({ kind: "redo" } as const) : someDeed(board, random);
      const next = step({ sheet: truth, past }, deed);
      past = next.stand.past;
      truth = next.stand.sheet;
      if (next.outcome.kind === "drawn") drawn += 1;
      board.apply(difference(board.sheet, truth));
      if (edit % EACH === EACH - 1) check(board);
    }
    check(board);
    expect(drawn).toBeGreaterThan(EDITS / 2);
    while (past.done !== null) past = step({ sheet: truth, past }, { kind: "undo" }).stand.past;
    expect(difference(truth, first)).toEqual({ atoms: [], to: [], drafts: new Map() });
  }, 3_600_000);

  test("control: an edit that leaves an atom in a grid that is not there is found", () => {
    const { ground, sheet, fetched } = made(6, 6, 1, 3);
    const drawn = sheet();
    drawn.assignment[7] = 99;
    expect(broken(drawn, ground.atoms)).toContain("atom 7 lies in grid 99");
    expect(() => new Board(ground, drawn, fetched.target)).toThrow("grid 99");
    const short: Sheet = { assignment: drawn.assignment.slice(1), drafts: drawn.drafts };
    expect(broken(short, ground.atoms)).toContain("35 places for 36 atoms");
    const board = new Board(ground, sheet(), fetched.target);
    expect(() => board.apply({ atoms: [0], to: [77], drafts: new Map() })).toThrow("grid that is not there");
  });

  test("control: a tally that was not kept up is found", () => {
    const { ground, sheet, fetched } = made(6, 6, 1, 3);
    const board = new Board(ground, sheet(), fetched.target);
    board.tally(1).households += 1;
    expect(() => check(board)).toThrow();
  });

  test("what may not be is refused, and changes nothing", () => {
    const { ground, sheet, fetched } = made(6, 6, 1, 3);
    const board = new Board(ground, sheet(), fetched.target);
    const locked = step({ sheet: copyOf(board.sheet), past: NO_PAST }, { kind: "lock", payload: { grids: [1], locked: true } }).stand;
    const before = copyOf(locked.sheet);
    const tried = step(locked, { kind: "assign", payload: { atoms: [0, 3], grid: 2 } });
    expect(tried.outcome.kind === "refused" && isRefusal(tried.outcome.why) && tried.outcome.why.refused).toBe("grid-locked");
    expect(difference(tried.stand.sheet, before).atoms).toEqual([]);
    expect(tried.stand.past).toBe(locked.past);
  });
});
