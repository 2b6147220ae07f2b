import { describe, expect, test } from "vitest";
import type { DensityItem } from "../src/api/density";
import { filterRows, rowsOf, sortRows, toCsv } from "../src/features/analytics/rows";

const item = (id: string, zh: string, count: number, households: number | null): DensityItem => ({
  id,
  code: `34${id}`,
  names: { zh, en: `Grid ${id}` },
  count,
  households,
  per_100_households: households === null ? null : (100 * count) / households,
});
const ITEMS = [item("1", "重阳", 5, 100), item("2", "安平", 15, null), item("10", "北苑", 0, 300)];

describe("the table twin", () => {
  const rows = rowsOf(ITEMS, "zh");

  test("shares add up to the whole", () => {
    expect(rows.map((row) => row.figures["share"])).toEqual([0.25, 0.75, 0]);
    expect(rowsOf([item("1", "甲", 0, 1)], "zh")[0]?.figures["share"]).toBe(0);
  });

  test("sorted by figures both ways, missing ones last either way", () => {
    const codes = (down: boolean) => sortRows(rows, { column: "rate", down }, "zh").map((row) => row.id);
    expect(codes(true)).toEqual(["1", "10", "2"]);
    expect(codes(false)).toEqual(["10", "1", "2"]);
  });

  test("names by pinyin in 中文, numbers inside names by value in English", () => {
    expect(sortRows(rows, { column: "name", down: false }, "zh").map((row) => row.name)).toEqual(["安平", "北苑", "重阳"]);
    expect(sortRows(rowsOf(ITEMS, "en"), { column: "name", down: false }, "en").map((row) => row.name)).toEqual(["Grid 1", "Grid 2", "Grid 10"]);
  });

  test("filtered by name or code", () => {
    expect(filterRows(rows, " 安 ").map((row) => row.id)).toEqual(["2"]);
    expect(filterRows(rows, "3410").map((row) => row.id)).toEqual(["10"]);
    expect(filterRows(rows, "")).toHaveLength(3);
  });

  test("CSV: quoted where it must be, numbers bare, no formula starts a cell", () => {
    expect(toCsv(["a", "b"], [["x,y", 1.5], ['say "hi"', null], ["=1+1", 0]])).toBe('\uFEFFa,b\r\n"x,y",1.5\r\n"say ""hi""",\r\n\'=1+1,0\r\n');
  });
});
