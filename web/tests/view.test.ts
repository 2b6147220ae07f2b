import { describe, expect, test } from "vitest";
import { readView, START, type View, writeView } from "../src/state/view";

const FULL: View = {
  level: "community",
  measure: "rate",
  paint: "heat",
  category: "06",
  from: "2026-01-05",
  to: "2026-02-01",
  point: { lon: 117.123456, lat: 32.5 },
  duty: "06010",
  incident: "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11",
  camera: { zoom: 13.25, lon: 117.1, lat: 32.50001 },
  table: true,
  hidden: [0, 3],
};

describe("the view in the address", () => {
  test("the start needs no address at all", () => {
    expect(writeView(START)).toBe("");
    expect(readView("")).toEqual(START);
  });

  test("what is written is read back", () => {
    expect(readView(writeView(FULL))).toEqual(FULL);
  });

  test("each field survives alone", () => {
    for (const key of Object.keys(FULL) as (keyof View)[]) {
      const view = { ...START, [key]: FULL[key] };
      expect(readView(writeView(view))).toEqual(view);
      expect(writeView(view)).not.toBe("");
    }
  });

  test.each([
    "?level=planet&measure=x&paint=&cat=%3Cscript%3E&from=2026-02-30&to=tomorrow",
    "?at=1,2,3&map=9&table=yes&hide=a.b&duty=%22&incident=../x",
    "?at=200,10&map=99,0,0",
    "?at=,&map=,,",
  ])("nonsense falls back to the start: %s", (search) => {
    expect(readView(search)).toEqual(START);
  });

  test("a window written backwards is turned", () => {
    expect(readView("?from=2026-03-01&to=2026-02-01")).toMatchObject({ from: "2026-02-01", to: "2026-03-01" });
  });
});
