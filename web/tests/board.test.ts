import { describe, expect, test } from "vitest";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { LEVELS } from "../src/api/city";
import type { Base } from "../src/map/layers/fragment";
import { otherAreas } from "../src/map/layers/otherwise";
import { boardStyle, type Seen } from "../src/pages/board/style";
import { type BoardView, consistent, opensBoard, readBoard, START, writeBoard } from "../src/pages/board/view";

const CASES: BoardView = {
  ...START,
  level: "grid",
  of: "cases",
  measure: "overdue_share",
  breaks: "natural",
  categories: ["06", "0601*"],
  agencies: ["7", "12"],
  channels: ["worker", "hotline"],
  states: ["handling", "closed"],
  area: "12",
  from: "2026-01-05",
  to: "2026-02-01",
  selected: "42",
  behind: { group: "agency", id: "0", which: "overdue" },
  incident: "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11",
  rank: "agency",
  panel: "none",
  table: true,
  hidden: [0, 3],
  camera: { zoom: 13.25, lon: 117.1, lat: 32.50001 },
  signal: "rising",
  hot: true,
  against: "month",
  screen: true,
  every: 45,
};
const INCIDENTS: BoardView = { ...START, paint: "surface", cumulative: true, to: "2026-02-01", states: ["open"], asBy: "17", behind: { group: "outside", id: null, which: "count" } };

describe("the board in the address", () => {
  test("the start needs no address at all", () => {
    expect(writeBoard(START)).toBe("");
    expect(readBoard("")).toEqual(START);
  });

  test.each([
    CASES,
    INCIDENTS,
    { ...START, asBy: "2026-01-01" },
    { ...START, asBy: "17", selected: "-3", behind: { group: "area" as const, id: "-3", which: "count" as const } },
    { ...START, behind: { group: "areas" as const, id: "42.43.7", which: "count" as const } },
  ])("what is written is read back", (view) => {
    expect(readBoard(writeBoard(view))).toEqual(view);
    expect(consistent(view)).toEqual(view);
  });

  test("each field survives alone, where it can stand alone", () => {
    const needsCases = ["measure", "states", "incident"];
    for (const key of Object.keys(CASES) as (keyof BoardView)[]) {
      if (needsCases.includes(key) || CASES[key] === START[key]) continue;
      const view = { ...START, [key]: CASES[key] };
      expect(readBoard(writeBoard(view)), key).toEqual(view);
      expect(writeBoard(view), key).not.toBe("");
    }
  });

  test.each([
    "?level=planet&measure=x&paint=&cat=%3Cscript%3E&from=2026-02-30&to=tomorrow&breaks=2",
    "?agency=0,-1,x&channel=pigeon&state=&area=1e3&selected=&behind=area&incident=../x",
    "?behind=moon-1&rank=galaxy&panel=x&signal=&against=day&as_by=now&every=4&map=9&table=yes&hide=a.b",
    "?behind=area-x&every=9999&mode=window",
    "?behind=all-count-more",
    "?behind=areas-4..5&selected=--3",
    "?behind=areas--4.5&selected=-0",
    "?behind=agency--4",
    "?behind=area--",
  ])("nonsense falls back to the start: %s", (search) => {
    expect(readBoard(search)).toEqual(START);
  });

  test("a window written backwards is turned; up to a day has no first day", () => {
    expect(readBoard("?from=2026-03-01&to=2026-02-01")).toMatchObject({ from: "2026-02-01", to: "2026-03-01" });
    expect(readBoard("?mode=cumulative&from=2026-02-01&to=2026-03-01")).toMatchObject({ cumulative: true, from: null, to: "2026-03-01" });
  });

  test("what cannot be of incidents, or of cases, is not", () => {
    expect(readBoard("?measure=overdue")).toMatchObject({ measure: "count" });
    expect(readBoard("?of=cases&measure=overdue&paint=heat&as_by=17&state=open,handling")).toMatchObject({ measure: "overdue", paint: "areas", asBy: null, states: ["handling"] });
  });

  test("being looked at changes nothing: the same lists stay the very same", () => {
    const view = consistent(INCIDENTS);
    expect(view.states).toBe(INCIDENTS.states);
    expect(view.categories).toBe(INCIDENTS.categories);
  });
});

describe("what Back undoes", () => {
  const window = { ...START, from: "2026-01-01" };
  test.each([
    ["a window", START, window],
    ["a filter", START, { ...START, categories: ["06"] }],
    ["one filter less", { ...START, categories: ["06"] }, START],
    ["a list", START, { ...START, behind: { group: "all" as const, id: null, which: "count" as const } }],
    ["the table", START, { ...START, table: true }],
    ["another thing counted", START, { ...START, of: "cases" as const }],
  ])("%s is a step", (_, before, after) => {
    expect(opensBoard(before, after)).toBe(true);
  });
  test.each([
    ["moving the window", window, { ...window, from: "2026-01-02", to: "2026-02-01" }],
    ["moving the map", START, { ...START, camera: { zoom: 9, lon: 1, lat: 2 } }],
    ["closing a list", { ...START, table: true }, START],
    ["selecting an area", START, { ...START, selected: "42" }],
  ])("%s is none", (_, before, after) => {
    expect(opensBoard(before, after)).toBe(false);
  });
});

describe("the board's map", () => {
  const base: Base = { theme: "light", lang: "zh", bounds: [117, 32, 118, 33], tiles: (layer) => `http://localhost/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt` };
  const PICTURES = { maxZoom: 18, tiles: "http://localhost/api/v1/basemap/{z}/{x}/{y}" };
  const seen = (part: Partial<Seen>): Seen => ({
    base, level: "grid", levels: LEVELS, paint: "areas", colours: ["#ffffff", "#000000"], hidden: [], selected: "7", single: true, total: 10, pictures: null, added: [], ...part,
  });
  const ids = (value: Seen): string[] => boardStyle(value).layers.map((layer) => layer.id);

  test("a provider's pictures stand in for our own streets and water, and the data stays", () => {
    const [own, theirs] = [ids(seen({})), ids(seen({ pictures: PICTURES }))];
    expect(own).not.toContain("raster");
    expect(theirs.indexOf("raster")).toBeLessThan(theirs.indexOf("hit"));
    expect(theirs.filter((id) => !own.includes(id))).toEqual(["raster"]);
    expect(own.filter((id) => !theirs.includes(id)).some((id) => id.includes("street"))).toBe(true);
    for (const id of ["hit", "outline", "area-name"]) expect(theirs).toContain(id);
  });

  test.each([{ colours: ["#ffffff"], hidden: [0], selected: "-3" }, { colours: null, hidden: [], selected: null }])("is valid with other boundaries (%#)", (otherwise) => {
    const style = boardStyle(seen({ pictures: PICTURES, added: [otherAreas(base, otherwise)] }));
    expect(validateStyleMin(style).map((fault) => fault.message)).toEqual([]);
  });
});
