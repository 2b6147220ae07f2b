/// <reference types="node" />
// The figures of the pages are the server's: a drawing is led through what a real server was asked and said (tests/e2e/recording.py).
// GRIDGOV_RECORDED names a file that was recorded just now; without it, one that was recorded once.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { board as boardShape, type SheetGrid } from "../../src/api/boards";
import { list, object } from "../../src/api/check";
import { atoms as atomsShape, edges as edgesShape } from "../../src/api/grounds";
import { type Done, done as doneShape, type Operation } from "../../src/api/operations";
import { Drawing } from "../../src/features/drawing/drawing";
import { findingsOf, unassignedOf } from "../../src/features/drawing/findings";
import { Keep, NO_STORE } from "../../src/features/drawing/keep";
import { METRICS, type Metrics } from "../../src/features/drawing/metrics";
import { type Deed, waits } from "../../src/features/drawing/replay";

const file = process.env["GRIDGOV_RECORDED"] ?? new URL("recorded.json.gz", import.meta.url).pathname;

const deed = (value: unknown): Deed => value as Deed;
const recorded = object({
  board: boardShape,
  atoms: atomsShape,
  edges: edgesShape,
  steps: list(object({ asked: deed, said: doneShape })),
})(JSON.parse((file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file)).toString("utf8")), "recorded");

/** Bent ground is measured in the plane of the community, the server's in the city's projection. */
const STRAIGHT = 1e-9;
const BENT = 2e-4;

function drawingOn(answers: readonly Done[], asked: (given: readonly Operation[] | "undo" | "redo") => void): Drawing {
  let place = 0;
  const next = (): Promise<Done> => {
    const answer = answers[place];
    place += 1;
    return answer === undefined ? Promise.reject(new Error("nothing more was recorded")) : Promise.resolve(answer);
  };
  const server = {
    read: () => Promise.reject(new Error("not asked")),
    linesAfter: () => Promise.reject(new Error("not asked")),
    draw: (_revision: number, operations: readonly Operation[]) => {
      asked(operations);
      return next();
    },
    undo: () => {
      asked("undo");
      return next();
    },
    redo: () => {
      asked("redo");
      return next();
    },
  };
  return new Drawing({ atoms: recorded.atoms.features, edges: recorded.edges, fetched: recorded.board, account: "somebody", server, keep: new Keep(NO_STORE, "somebody", "1") });
}

const settled = async (drawing: Drawing): Promise<void> => {
  for (let turn = 0; turn < 20 && drawing.sync.entries.length > 0; turn += 1) await Promise.resolve();
  expect(drawing.sync.entries).toEqual([]);
};

function same(ours: Metrics, theirs: SheetGrid["metrics"], off: number, where: string): void {
  for (const name of METRICS) {
    const [one, other] = [ours[name], theirs[name]];
    if (one === undefined || other === undefined) expect(one, `${where} ${name}`).toBe(other);
    else expect(Math.abs(one - other), `${where} ${name}: ${String(one)} for ${String(other)}`).toBeLessThanOrEqual(off * Math.max(1, Math.abs(other)));
  }
}

describe("what a real server was asked and said", () => {
  test("as it was read", () => {
    const drawing = drawingOn([], () => undefined);
    for (const grid of recorded.board.grids) same(drawing.board.metrics(grid.number), grid.metrics, STRAIGHT, `grid ${String(grid.number)}`);
    same(drawing.board.totals(), recorded.board.totals, STRAIGHT, "all");
    expect(recorded.board.grids.length).toBeGreaterThan(3);
  });

  test("step by step: the same figures, and nothing to put right where a stroke was shown at once", async () => {
    const drawing = drawingOn(recorded.steps.map((step) => step.said), () => undefined);
    const kinds = new Set<string>();
    let foreseen = 0;
    let [bent, ever] = [false, false];
    for (const [place, { asked, said }] of recorded.steps.entries()) {
      const where = `step ${String(place)} ${asked.kind}`;
      drawing.sync.add(asked);
      const outcome = drawing.sync.outcomes.at(-1);
      const shown = drawing.version;
      await settled(drawing);
      expect(drawing.refused, where).toEqual([]);
      if (outcome?.kind === "drawn") {
        foreseen += 1;
        if (!bent && Object.keys(said.changed?.redrawn ?? {}).length === 0) expect(drawing.version, where).toBe(shown);
      } else expect(waits(asked) || asked.kind === "undo" || asked.kind === "redo", where).toBe(true);
      kinds.add(asked.kind);
      bent = Object.keys(said.changed?.redrawn ?? {}).length > 0;
      ever ||= bent;
      for (const grid of said.changed?.grids ?? []) same(drawing.board.metrics(grid.number), grid.metrics, bent ? BENT : STRAIGHT, `${where}, grid ${String(grid.number)}`);
      for (const number of said.changed?.gone ?? []) expect(drawing.board.sheet.drafts.has(number), where).toBe(false);
      same(drawing.board.totals(), said.totals, bent ? BENT : STRAIGHT, where);
      for (const name of ["grids", "unassigned_atoms", "unassigned_households"] as const) expect(drawing.board.totals()[name], `${where} ${name}`).toBe(said.totals[name]);
      found(drawing, said, where);
    }
    expect(foreseen).toBeGreaterThan(recorded.steps.length / 2);
    for (const kind of ["assign", "merge", "split", "lock", "undo", "redo"]) expect(kinds).toContain(kind);
    expect(ever || !kinds.has("move_corner")).toBe(true);
  });

  test("control: another figure would be noticed", () => {
    const drawing = drawingOn([], () => undefined);
    const [grid] = recorded.board.grids;
    if (grid === undefined) throw new Error("no grid");
    expect(() => same(drawing.board.metrics(grid.number), { ...grid.metrics, compactness: (grid.metrics["compactness"] ?? 0) + 1e-6 }, STRAIGHT, "")).toThrow("compactness");
    expect(() => same(drawing.board.metrics(grid.number), { ...grid.metrics, households_moved: 1 }, STRAIGHT, "")).toThrow("households_moved");
  });
});

/** What the pages find by themselves, the server finds: the same kinds, of the same grids and atoms. */
function found(drawing: Drawing, said: Done, where: string): void {
  const own = ["not-contiguous", "off-target", "large-atom", "unassigned", "empty"];
  const spelled = (one: { readonly kind: string; readonly grids: readonly number[]; readonly atoms: readonly number[] }): string => `${one.kind} ${one.grids.join(",")}: ${one.atoms.join(",")}`;
  const ours = (said.changed?.grids ?? []).flatMap((grid) => findingsOf(drawing.board, drawing.places, grid.number));
  const theirs = said.findings.filter((one) => own.includes(one.kind) && one.kind !== "unassigned");
  expect(ours.map(spelled).sort(), where).toEqual(theirs.map(spelled).sort());
  const bare = said.findings.filter((one) => one.kind === "unassigned");
  if (bare.length > 0) expect(unassignedOf(drawing.board, drawing.places).map(spelled).sort(), where).toEqual(bare.map(spelled).sort());
}

