/// <reference types="node" />
// What a stroke costs among 10,000 atoms in more than 400 grids: printed, not judged, for the machine may be busy. What is judged is
// that it costs what changed: a stroke among 40,000 atoms is no multiple of one among 10,000.
import { expect, test } from "vitest";
import { Board } from "../../src/features/drawing/board";
import { Colours } from "../../src/features/drawing/colours";
import { effectOf, isRefusal } from "../../src/features/drawing/effects";
import { Places } from "../../src/features/drawing/places";
import { chance, made } from "./made";

const STROKES = 300;

const at = (values: readonly number[], share: number): string => (values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? 0).toFixed(2);

function strokes(columns: number, rows: number): { readonly paint: readonly number[]; readonly figures: readonly number[]; readonly touched: number } {
  const random = chance(3);
  const { ground, sheet, fetched } = made(columns, rows, 5, 5);
  const places = new Places(ground);
  const board = new Board(ground, sheet(), fetched.target);
  const colours = new Colours(board);
  board.totals();
  const paint: number[] = [];
  const figures: number[] = [];
  let touched = 0;
  for (let stroke = 0; stroke < STROKES; stroke += 1) {
    const from = places.centre(Math.floor(random() * ground.atoms));
    const to = [from[0] + (random() - 0.5) * 0.002, from[1] + (random() - 0.5) * 0.002] as const;
    const began = performance.now();
    const goal = board.sheet.assignment[places.atomAt(from) ?? 0] ?? 1;
    const effect = effectOf(board.sheet, { kind: "assign", payload: { atoms: places.swept(from, to, 30), grid: goal } });
    if (effect === null || isRefusal(effect)) throw new Error("no stroke");
    const applied = board.apply(effect);
    colours.follow(applied.touched);
    const painted = performance.now();
    for (const number of applied.touched) board.metrics(number);
    board.totals();
    figures.push(performance.now() - painted);
    paint.push(painted - began);
    touched += applied.touched.size;
  }
  return { paint, figures, touched: touched / STROKES };
}

test("a stroke costs what changed", () => {
  strokes(20, 20);
  const some = strokes(104, 100);
  const many = strokes(208, 200);
  const said = (name: string, values: readonly number[]): string => `${name} ${at(values, 0.5)} ms in the middle, ${at(values, 0.95)} ms at the 95th, ${at(values, 1)} ms at most`;
  process.stdout.write(`10,400 atoms: ${said("stroke", some.paint)}; ${said("figures", some.figures)}\n`);
  process.stdout.write(`41,600 atoms: ${said("stroke", many.paint)}; ${said("figures", many.figures)}\n`);
  expect(some.touched).toBeLessThan(12);
  expect(many.touched).toBeLessThan(12);
});
