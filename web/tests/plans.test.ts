import { describe, expect, test } from "vitest";
import type { Compared, GridPair } from "../src/api/effects";
import type { Activation, Community, Plan, PlanGrid } from "../src/api/plans";
import { IN_FORCE } from "../src/api/effects";
import { opens, readPlans, START, writePlans } from "../src/features/plans/address";
import { matching, within } from "../src/features/plans/below";
import { standingColour, standingOf, STANDINGS } from "../src/features/plans/deviation";
import { figuresOf } from "../src/features/plans/figures";
import { lineOf } from "../src/features/plans/line";
import { atWork, shareOf } from "../src/features/plans/progress";
import { around, boxOf, inside } from "../src/features/plans/shapes";
import { gridsOn, totalsOf } from "../src/features/plans/totals";
import { gridName, operationWord, signed, timeLine } from "../src/features/plans/words";
import { textFor } from "../src/i18n/text";
import { fateGrids, fatesByArea, fatesOf, keyOf, movedOf, ofKey } from "../src/pages/plan/drawn";

const zh = textFor("zh");
const en = textFor("en");

const plan = (part: Partial<Plan>): Plan => ({
  id: "1",
  name: "方案",
  purpose: "",
  state: "draft",
  target: { households: 300, band: 0.1 },
  revision: 0,
  parts: 0,
  communities: [],
  operations: 0,
  drawn_at: null,
  copy_of: null,
  returns_to: null,
  created_at: "2026-11-01T00:00:00Z",
  created_by_account: null,
  submitted_at: null,
  submitted_by_account: null,
  wanted_from: null,
  approval_id: null,
  effective_at: null,
  retired_at: null,
  ...part,
});

describe("the address", () => {
  test("what is written is read back", () => {
    const view = { ...START, plan: "12", show: "compare" as const, with: "7", both: true, part: "31", grids: [2, 14], at: { lon: 116.9, lat: 33.1 }, camera: { lon: 116.88, lat: 33.13, zoom: 14.5 } };
    expect(readPlans(writePlans(view))).toEqual(view);
    expect(writePlans(START)).toBe("");
    expect(readPlans(writePlans({ ...START, fresh: true })).fresh).toBe(true);
  });

  test("what cannot be read falls back", () => {
    expect(readPlans("?plan=x&show=nothing&with=-3&grids=a.b&map=1,2&part=0")).toEqual(START);
    expect(readPlans("?plan=3&show=nothing&with=-3&at=900,1")).toEqual({ ...START, plan: "3" });
    expect(readPlans("?plan=3&grids=1.2").grids).toEqual([]);
    expect(readPlans("?plan=3&with=in-force").with).toBe(IN_FORCE);
  });

  test("what belongs to a plan is nothing without one", () => {
    expect(readPlans("?show=publish&edit=4&part=2")).toEqual(START);
  });

  test("the state of the editor is kept as it stands", () => {
    const search = "?plan=3&edit=4&e.tool=lasso&e.by=target";
    expect(writePlans(readPlans(search))).toBe(search);
  });

  test("Back undoes what opened something, and moving about is no step", () => {
    const open = { ...START, plan: "3" };
    expect(opens(START, open)).toBe(true);
    expect(opens(open, { ...open, show: "compare" })).toBe(true);
    expect(opens(open, { ...open, edit: "4" })).toBe(true);
    expect(opens(open, { ...open, camera: { lon: 1, lat: 2, zoom: 3 } })).toBe(false);
    expect(opens(open, { ...open, grids: [1] })).toBe(false);
  });
});

test("how a grid stands to its target", () => {
  expect(standingOf(0.05, true, 0.1)).toBe("within");
  expect(standingOf(-0.15, false, 0.1)).toBe("below");
  expect(standingOf(-0.25, false, 0.1)).toBe("far-below");
  expect(standingOf(0.15, false, 0.1)).toBe("above");
  expect(standingOf(0.5, false, 0.1)).toBe("far-above");
  for (const theme of ["light", "dark"] as const) expect(new Set(STANDINGS.map((one) => standingColour(theme, one))).size).toBe(5);
});

describe("a job", () => {
  const said = "已完成 1/4 done，正在处理 at work on 春晖社区 45%、书院社区 5%";
  test("is as far as its communities are", () => {
    expect(shareOf({ state: "running", done: 1, total: 4, said })).toBeCloseTo(0.375);
    expect(shareOf({ state: "queued", done: 0, total: 4, said: "" })).toBe(0);
    expect(shareOf({ state: "done", done: 4, total: 4, said: "完成 done: 4/4" })).toBe(1);
    expect(shareOf({ state: "cancelled", done: 1, total: 4, said: "已取消 cancelled: 1/4" })).toBe(0.25);
  });
  test("names those at work", () => {
    expect(atWork(said)).toEqual(["春晖社区", "书院社区"]);
    expect(atWork("已完成 1/4 done")).toEqual([]);
  });
});

describe("the line of versions", () => {
  const activation = (id: string, of: string, at: string): Activation => ({ id, plan_id: of, name: `方案${of}`, before_id: null, effective_from: at });
  test("runs from the first boundaries to what is to come", () => {
    const plans = [
      plan({ id: "4", state: "review" }),
      plan({ id: "3", state: "approved", wanted_from: "2199-01-01T00:00:00Z" }),
      plan({ id: "2", state: "effective", effective_at: "2026-10-01T00:00:00Z" }),
      plan({ id: "1", state: "retired", effective_at: "2026-09-01T00:00:00Z" }),
      plan({ id: "5", state: "draft" }),
    ];
    const line = lineOf([activation("8", "2", "2026-10-01T00:00:00Z"), activation("7", "1", "2026-09-01T00:00:00Z")], plans);
    expect(line.map((one) => [one.plan, one.standing])).toEqual([
      [null, "past"],
      ["1", "past"],
      ["2", "now"],
      ["4", "waiting"],
      ["3", "coming"],
    ]);
  });
  test("begins with what was there before any plan", () => {
    expect(lineOf([], [])).toEqual([{ key: "first", plan: null, name: null, standing: "now", from: null }]);
  });
});

describe("shapes", () => {
  const square = { type: "Polygon" as const, coordinates: [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]] };
  // A U: its middle is outside of it.
  const crescent = { type: "Polygon" as const, coordinates: [[[0, 0], [9, 0], [9, 9], [6, 9], [6, 2], [3, 2], [3, 9], [0, 9], [0, 0]]] };
  const holed = { type: "Polygon" as const, coordinates: [...square.coordinates, [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]] };
  test("a name stands inside", () => {
    const [x = Number.NaN] = inside(crescent);
    expect(x < 3 || x > 6).toBe(true);
    const [hx = Number.NaN] = inside(holed);
    expect(hx < 1 || hx > 3).toBe(true);
    expect(inside(square)[0]).toBeCloseTo(2);
  });
  test("boxes", () => {
    expect(boxOf([square, crescent])).toEqual([0, 0, 9, 9]);
    expect(boxOf([])).toBeNull();
    expect(around([[0, 0, 1, 1], [2, -1, 3, 0]])).toEqual([0, -1, 3, 1]);
    expect(around([])).toBeNull();
  });
});

describe("where a planner draws", () => {
  const community = (id: string, parent: string): Community => ({ id, code: `3499${id}`, names: { zh: `春晖${id}`, en: `Chunhui ${id}` }, parent, households: null, area_km2: 1, label: { lon: 0, lat: 0 } });
  const all = [community("11", "5"), community("12", "6"), community("13", "2")];
  const above = [community("5", "2"), community("6", "3")];
  test("below the area of the post, a tier between them or not", () => {
    expect(within(all, above, null).map((one) => one.id)).toEqual(["11", "12", "13"]);
    expect(within(all, above, "2").map((one) => one.id)).toEqual(["11", "13"]);
    expect(within(all, above, "6").map((one) => one.id)).toEqual(["12"]);
    expect(within(all, above, "11").map((one) => one.id)).toEqual(["11"]);
    expect(within(all, above, "99")).toEqual([]);
  });
  test("found by name in either language, or by code", () => {
    expect(matching(all, "chunhui 12").map((one) => one.id)).toEqual(["12"]);
    expect(matching(all, "349913").map((one) => one.id)).toEqual(["13"]);
    expect(matching(all, " ")).toHaveLength(3);
  });
});

const side = (number: number, households: number, area: string | null) => ({ number, code: null, names: { zh: "", en: "" }, area_id: area, households, metrics: {} });
const pairs: GridPair[] = [
  { fate: "merged", before: side(1, 300, "101"), after: side(1, 580, "101"), partners: [2], came: 280, went: 0 },
  { fate: "ended", before: side(2, 280, "102"), after: null, partners: [1], came: 0, went: 280 },
];
const compared: Compared = {
  community: "W1",
  community_id: "11",
  basis_id: "1",
  names: { zh: "春晖", en: "Chunhui" },
  households: 580,
  households_moved: 280,
  cases_moved: null,
  unassigned_before: 0,
  unassigned_after: 0,
  totals_before: { in_band: 1, compactness: 0.5 },
  totals_after: { in_band: 0, compactness: 0.6 },
  grids: pairs,
  moved_count: 1,
  moved: [{ atom: 3, key: "k", place: [1, 2], before: 2, after: 1, households: 280, cases: null }],
};

describe("a comparison", () => {
  test("totals are means over grids", () => {
    const other: Compared = { ...compared, grids: pairs.slice(0, 1), totals_before: { in_band: 0, compactness: 0.8 } };
    expect([gridsOn([compared], "before"), gridsOn([compared], "after")]).toEqual([2, 1]);
    const found = totalsOf([compared, other]).find((one) => one.measure === "in_band");
    expect(found?.before).toBeCloseTo(2 / 3);
    expect(totalsOf([compared]).map((one) => one.measure)).toEqual(["in_band", "compactness"]);
  });
  test("colours follow the fate of each side", () => {
    expect([...fatesOf([compared], "before")]).toEqual([[keyOf("11", 1), "merged"], [keyOf("11", 2), "ended"]]);
    expect([...fatesOf([compared], "after")]).toEqual([[keyOf("11", 1), "merged"]]);
    expect([...fatesByArea([compared])]).toEqual([["101", "merged"], ["102", "ended"]]);
  });
  test("moved ground has its outline where that is known, else a dot", () => {
    const outline = { type: "Polygon" as const, coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] };
    expect(movedOf(compared.moved, new Map([[3, outline]])).features[0]?.geometry.type).toBe("Polygon");
    expect(movedOf(compared.moved, null).features[0]?.geometry).toEqual({ type: "Point", coordinates: [1, 2] });
  });
});

describe("grids", () => {
  const grid = (number: number, households: number, inBand: boolean): PlanGrid => ({
    part_id: "31",
    community_id: "11",
    number,
    names: { zh: "", en: "" },
    kind: "urban",
    locked: false,
    area_id: null,
    code: null,
    households,
    deviation: 0,
    in_band: inBand,
    bbox: [0, 0, 1, 1],
    geometry: { type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] },
  });
  test("sums by part", () => {
    expect(figuresOf([grid(1, 300, true), grid(2, 100, false)]).get("31")).toEqual({ grids: 2, households: 400, within: 1 });
  });
  test("one that is not compared stays as it is", () => {
    expect(fateGrids([grid(1, 1, true)], new Map()).features[0]?.properties).toEqual({ key: "31:1", class: "same" });
  });
  test("are known again by their key", () => {
    expect(ofKey(keyOf("31", 4))).toEqual({ part: "31", grid: 4 });
    expect(ofKey("31")).toBeNull();
  });
  test("a new one is called by its number", () => {
    expect(gridName(zh, grid(7, 1, true))).toBe("新网格 7");
    expect(gridName(en, { ...grid(7, 1, true), area_id: "5" })).toBe("Grid 7");
  });
});

test("words", () => {
  expect(operationWord(zh, "merge")).toBe("合并");
  expect(operationWord(zh, "something-new")).toBe("something-new");
  expect([signed(en, 3), signed(en, -3), signed(en, 0.01, 1)]).toEqual(["+3", "−3", "0.0"]);
  expect(timeLine(zh, plan({}), "Asia/Shanghai")).toBeNull();
  expect(timeLine(zh, plan({ state: "approved" }), "Asia/Shanghai")).toBe("批准后立即生效");
  expect(timeLine(en, plan({ state: "approved", wanted_from: "2026-12-31T16:00:00Z" }), "Asia/Shanghai")).toContain("Jan 1, 2027");
});
