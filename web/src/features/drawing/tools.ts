// Owns the tools as values: what there is, with which keys, what a pointer or Enter at the crosshair does with each. Pure but for
// the drawing that it acts on. Does not own the buttons (pages/plan/editor) nor the map's listeners (map/gestures.ts).
import type { Operation } from "../../api/operations";
import { LOOK, type Mode, type Pointed } from "../../map/mode";
import type { Drawing } from "./drawing";
import { cornerPress, cornerPick } from "./corners";
import { NOBODY } from "./ground";
import { type Place, placeOf } from "./places";
import { circle, line, NOTHING, type Sketch } from "./sketch";

export const TOOLS = ["hand", "brush", "lasso", "split", "merge", "slide", "corner"] as const;
export type Tool = (typeof TOOLS)[number];

export const KEY_OF: Readonly<Record<Tool, string>> = { hand: "H", brush: "B", lasso: "L", split: "S", merge: "M", slide: "G", corner: "E" };

/** Radius of the brush in metres; 0: the atom beneath it alone. */
export const SIZES = [0, 15, 30, 60, 120, 240] as const;

export type Into = "start" | "new" | "none";

/** What is chosen beside the drawing itself. */
export interface Hand {
  readonly tool: Tool;
  readonly size: number;
  /** Where atoms go: the grid in which a stroke starts, a new one, none; with the lasso and keys "start" is the chosen grid. */
  readonly into: Into;
  /** The chosen grid; null = none. */
  readonly grid: number | null;
  /** The other grid of a boundary that is to slide. */
  readonly beside: number | null;
  /** A line along which it shall slide is being drawn. */
  readonly street: boolean;
}

/** What tools tell the page. */
export interface Bench {
  readonly drawing: Drawing;
  readonly hand: () => Hand;
  readonly change: (part: Partial<Hand>) => void;
  readonly sketch: (sketch: Sketch) => void;
  /** Metres of a pixel where the map is. */
  readonly metresPerPx: () => number;
  readonly say: (said: Said) => void;
}

export type Said =
  | { readonly kind: "went"; readonly n: number; readonly grid: number }
  | { readonly kind: "nothing" }
  | { readonly kind: "outside" }
  | { readonly kind: "locked"; readonly grid: number };

/** Points of a line that is drawn click by click, or with Enter. */
export class Points {
  places: Place[] = [];

  /** False: it is where the last one is, so the line ends here. */
  add(place: Place, nearM: number, drawing: Drawing): boolean {
    const last = this.places.at(-1);
    if (last !== undefined && drawing.ground.metres.between(last, place) <= nearM) return false;
    this.places.push(place);
    return true;
  }

  take(): Place[] {
    const taken = this.places;
    this.places = [];
    return taken;
  }
}

const SNAP_PX = 6;

export function modeOf(bench: Bench, points: Points, { tool, street, draws }: { readonly tool: Tool; readonly street: boolean; readonly draws: boolean }): Mode {
  if (!draws || tool === "hand") return hand(bench);
  if (tool === "brush") return brush(bench);
  if (tool === "lasso") return lasso(bench, points);
  if (tool === "split") return drawnLine(bench, points, "split", (places) => split(bench, places));
  if (tool === "slide" && street) return drawnLine(bench, points, "street", (places) => slideAlong(bench, places));
  if (tool === "corner") return { ...LOOK, name: "corner", cursor: "crosshair", press: cornerPress(bench), pick: cornerPick(bench, points) };
  return pair(bench, tool === "merge" ? "merge" : "slide");
}

function hand(bench: Bench): Mode {
  return {
    ...LOOK,
    name: "hand",
    pick: (at) => {
      const grid = bench.drawing.gridAt(placeOf(at));
      bench.change({ grid: grid === NOBODY ? null : grid });
    },
  };
}

/** The grid that atoms go to from here; null: nowhere, for the place lies outside. */
function goalAt(bench: Bench, place: Place): number | null {
  const { into } = bench.hand();
  if (into === "new") return bench.drawing.nextNumber();
  if (into === "none") return NOBODY;
  const grid = bench.drawing.gridAt(place);
  return grid === NOBODY ? bench.hand().grid : grid;
}

function brush(bench: Bench): Mode {
  const { drawing } = bench;
  let last: Place | null = null;
  const over = (place: Place): void => bench.sketch(circle(place, bench.hand().size, drawing.ground.metres));
  return {
    ...LOOK,
    name: "brush",
    cursor: "crosshair",
    press: {
      start: (at) => {
        const place = placeOf(at);
        if (drawing.places.atomAt(place) === null) return false;
        const goal = goalAt(bench, place);
        if (goal === null) return false;
        if (drawing.board.sheet.drafts.get(goal)?.locked === true) {
          bench.say({ kind: "locked", grid: goal });
          return true;
        }
        drawing.begin(goal);
        drawing.stroke(drawing.places.swept(place, place, bench.hand().size));
        last = place;
        if (goal !== NOBODY) bench.change(bench.hand().into === "new" ? { grid: goal, into: "start" } : { grid: goal });
        return true;
      },
      move: (at) => {
        const place = placeOf(at);
        if (last !== null) drawing.stroke(drawing.places.swept(last, place, bench.hand().size));
        if (last !== null) last = place;
        over(place);
      },
      end: (at) => {
        last = null;
        drawing.finish(at !== null);
      },
    },
    pick: (at, byKeyboard) => {
      if (byKeyboard) give(bench, drawing.places.swept(placeOf(at), placeOf(at), bench.hand().size), placeOf(at));
    },
    hover: (at) => (at === null ? bench.sketch(NOTHING) : over(placeOf(at))),
  };
}

/** Atoms go to the chosen grid, or to a new one, or to none. */
function give(bench: Bench, atoms: readonly number[], from: Place): void {
  const { drawing } = bench;
  if (atoms.length === 0) {
    bench.say({ kind: "outside" });
    return;
  }
  const { into, grid } = bench.hand();
  const goal = into === "new" ? drawing.nextNumber() : into === "none" ? NOBODY : (grid ?? drawing.gridAt(from));
  if (goal === null) {
    bench.say({ kind: "outside" });
    return;
  }
  if (drawing.board.sheet.drafts.get(goal)?.locked === true) {
    bench.say({ kind: "locked", grid: goal });
    return;
  }
  const went = drawing.assign(atoms, goal);
  if (goal !== NOBODY) bench.change(into === "new" ? { grid: goal, into: "start" } : { grid: goal });
  bench.say(went === 0 ? { kind: "nothing" } : { kind: "went", n: went, grid: goal });
}

function lasso(bench: Bench, points: Points): Mode {
  const { drawing } = bench;
  const finish = (): void => {
    const places = points.take();
    bench.sketch(NOTHING);
    const first = places[0];
    if (places.length >= 3 && first !== undefined) give(bench, drawing.places.within(places), first);
  };
  const near = (): number => bench.metresPerPx() * 3;
  return {
    ...LOOK,
    name: "lasso",
    cursor: "crosshair",
    press: {
      start: (at) => {
        points.take();
        points.add(placeOf(at), 0, drawing);
        return true;
      },
      move: (at) => {
        points.add(placeOf(at), near(), drawing);
        bench.sketch(line(points.places, true));
      },
      end: (at) => {
        if (at !== null) finish();
        else {
          points.take();
          bench.sketch(NOTHING);
        }
      },
    },
    pick: (at, byKeyboard) => {
      if (!byKeyboard) return;
      if (points.add(placeOf(at), bench.metresPerPx() * SNAP_PX, drawing)) bench.sketch(line(points.places, true));
      else finish();
    },
  };
}

function drawnLine(bench: Bench, points: Points, name: string, done: (places: readonly Place[]) => void): Mode {
  const finish = (): void => {
    const places = points.take();
    bench.sketch(NOTHING);
    if (places.length >= 2) done(places);
  };
  return {
    ...LOOK,
    name,
    cursor: "crosshair",
    pick: (at, byKeyboard) => {
      const more = points.add(placeOf(at), bench.metresPerPx() * SNAP_PX, bench.drawing);
      if (more) bench.sketch(line(points.places, false));
      else if (byKeyboard) finish();
    },
    twice: finish,
    hover: (at) => {
      if (at !== null && points.places.length > 0) bench.sketch(line([...points.places, placeOf(at)], false));
    },
  };
}

/** The grid that a line runs through: the chosen one where it does, else the one it runs longest in. */
export function gridAlong(drawing: Drawing, places: readonly Place[], chosen: number | null): number | null {
  const counted = new Map<number, number>();
  places.forEach((to, index) => {
    const from = places[index - 1];
    if (from === undefined) return;
    const steps = 40;
    for (let step = 0; step <= steps; step += 1) {
      const grid = drawing.gridAt([from[0] + ((to[0] - from[0]) * step) / steps, from[1] + ((to[1] - from[1]) * step) / steps]);
      if (grid !== null && grid !== NOBODY) counted.set(grid, (counted.get(grid) ?? 0) + drawing.ground.metres.between(from, to));
    }
  });
  if (chosen !== null && counted.has(chosen)) return chosen;
  return [...counted].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
}

function split(bench: Bench, places: readonly Place[]): void {
  const grid = gridAlong(bench.drawing, places, bench.hand().grid);
  if (grid === null) {
    bench.say({ kind: "outside" });
    return;
  }
  bench.change({ grid });
  bench.drawing.do({ kind: "split", payload: { grid, line: places, new: bench.drawing.nextNumber() } });
}

function slideAlong(bench: Bench, places: readonly Place[]): void {
  const { grid, beside } = bench.hand();
  if (grid === null || beside === null) return;
  bench.drawing.do({ kind: "slide", payload: { grids: [grid, beside], street: places } });
  bench.change({ street: false });
}

/** Two grids, one after the other: merged, or their boundary chosen. */
function pair(bench: Bench, tool: "merge" | "slide"): Mode {
  const { drawing } = bench;
  return {
    ...LOOK,
    name: tool,
    cursor: "pointer",
    pick: (at) => {
      const { grid: first } = bench.hand();
      const grid = drawing.gridAt(placeOf(at));
      if (grid === null || grid === NOBODY) {
        bench.say({ kind: "outside" });
        return;
      }
      if (first === null || first === grid || !drawing.board.sheet.drafts.has(first)) {
        bench.change({ grid, beside: null });
        return;
      }
      if (tool === "slide") {
        if (drawing.board.beside(first).includes(grid)) bench.change({ beside: grid });
        else bench.change({ grid, beside: null });
        return;
      }
      const locked = [first, grid].find((one) => drawing.board.sheet.drafts.get(one)?.locked === true);
      if (locked !== undefined) {
        bench.say({ kind: "locked", grid: locked });
        return;
      }
      const operation: Operation = { kind: "merge", payload: { grids: [first, grid], into: first } };
      drawing.do(operation);
    },
  };
}

/** The grid at the crosshair becomes the current one. */
export function chooseAt(bench: Bench, at: Pick<Pointed, "lon" | "lat">): void {
  const grid = bench.drawing.gridAt(placeOf(at));
  if (grid === null) bench.say({ kind: "outside" });
  else bench.change({ grid: grid === NOBODY ? null : grid, beside: null });
}
