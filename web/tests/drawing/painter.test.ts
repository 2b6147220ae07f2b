// What the map is told while somebody draws adds up to what is drawn: the class of each atom, the lines that are borders of grids. It is
// kept here as a map would keep it, from nothing but what it was told; and no more is told than what changed.
import type { Feature } from "geojson";
import { expect, test } from "vitest";
import { Unreachable } from "../../src/api/http";
import { Drawing } from "../../src/features/drawing/drawing";
import { Keep, NO_STORE } from "../../src/features/drawing/keep";
import { type Canvas, Painter } from "../../src/features/drawing/painter";
import { chance, made } from "./made";

class Told implements Canvas {
  readonly classes = new Map<number, number>();
  readonly borders = new Set<number>();
  marks = 0;
  lines = 0;
  readonly mark: Canvas["mark"] = (source, id, state) => {
    expect(source).toBe("atoms");
    this.marks += 1;
    this.classes.set(id, Number(state["c"]));
  };
  readonly put: Canvas["put"] = (source, data) => {
    if (source !== "borders") return;
    this.borders.clear();
    this.#come(data.features);
  };
  readonly patch: Canvas["patch"] = (source, come, gone) => {
    expect(source).toBe("borders");
    this.lines += come.length + gone.length;
    for (const id of gone) expect(this.borders.delete(id), `${String(id)} was there`).toBe(true);
    this.#come(come);
  };
  #come(features: readonly Feature[]): void {
    for (const { id } of features) {
      expect(this.borders.has(Number(id))).toBe(false);
      this.borders.add(Number(id));
    }
  }
}

const away = (): Promise<never> => Promise.reject(new Unreachable("no network"));

function table(): { readonly drawing: Drawing; readonly told: Told; readonly painter: Painter } {
  const { atoms, edges, fetched } = made(40, 30, 7, 5);
  const server = { read: away, draw: away, undo: away, redo: away, linesAfter: away };
  const drawing = new Drawing({ atoms, edges, fetched, account: "a", server, keep: new Keep(NO_STORE, "a", "1") });
  drawing.sync.end();
  const told = new Told();
  const painter = new Painter(told, drawing, "grid", null);
  drawing.listen({ onDrawn: (applied, recoloured) => painter.drawn(applied, recoloured), onGround: () => painter.all(), onState: () => undefined });
  return { drawing, told, painter };
}

function borders({ board, borders: { lineOf } }: Drawing): number[] {
  return [...lineOf.keys()].filter((edge) => board.isBorder(edge)).toSorted((one, other) => one - other);
}

const inOrder = (ids: Iterable<number>): number[] => [...ids].toSorted((one, other) => one - other);

test("strokes, some of them broken off, leave on the map what is drawn", () => {
  const { drawing, told, painter } = table();
  const random = chance(11);
  const pick = (most: number): number => Math.floor(random() * most);
  expect(inOrder(told.borders)).toEqual(borders(drawing));
  for (let stroke = 0; stroke < 200; stroke += 1) {
    drawing.begin(drawing.board.sheet.assignment[pick(1200)] ?? 1);
    const [column, row] = [pick(34), pick(30)];
    for (let step = 0; step < 6; step += 1) drawing.stroke([row * 40 + column + step]);
    // A frame does not come after each step of a pointer.
    if (random() < 0.5) painter.frame();
    drawing.finish(random() < 0.8);
    painter.frame();
    expect(inOrder(told.borders)).toEqual(borders(drawing));
  }
  drawing.board.sheet.assignment.forEach((number, atom) => expect(told.classes.get(atom), String(atom)).toBe(drawing.colours.of(number)));
});

test("without a frame, borders stay as they were; and a stroke tells no more than it touched", () => {
  const { drawing, told, painter } = table();
  const before = inOrder(told.borders);
  told.marks = 0;
  drawing.begin(drawing.board.sheet.assignment[0] ?? 1);
  expect(drawing.stroke([5, 6, 7])).toBe(3);
  expect(inOrder(told.borders)).toEqual(before);
  expect(borders(drawing)).not.toEqual(before);
  painter.frame();
  expect(inOrder(told.borders)).toEqual(borders(drawing));
  expect(told.marks).toBeLessThanOrEqual(3);
  expect(told.lines).toBeLessThanOrEqual(12);
  told.lines = 0;
  painter.frame();
  expect(told.lines).toBe(0);
});
