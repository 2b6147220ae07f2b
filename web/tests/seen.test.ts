// Owns the proof that ground is drawn as areas where one looks, and nowhere else. Does not own how it is drawn.
import { describe, expect, test } from "vitest";
import type { Compared } from "../src/api/effects";
import { basesSeen, MOST_OUTLINED, viewOf } from "../src/pages/plan/seen";

/** Communities in a row, a hundredth of a degree apart, each with one more moved atom than the one before. */
const row: readonly Compared[] = Array.from({ length: 20 }, (_, at) => ({
  community: String(at),
  community_id: String(at + 1),
  basis_id: String(at + 100),
  names: { zh: "", en: "" },
  households: 0,
  households_moved: 0,
  cases_moved: null,
  unassigned_before: 0,
  unassigned_after: 0,
  totals_before: {},
  totals_after: {},
  grids: [],
  moved_count: at + 1,
  moved: Array.from({ length: at + 1 }, (_atom, atom) => ({ atom, key: String(atom), place: [116 + at * 0.01, 33], before: 1, after: 2, households: 3, cases: null })),
}));

describe("outlines", () => {
  test("from afar: of those that change most", () => {
    expect(basesSeen(row, null)).toEqual(["119", "118", "117", "116", "115", "114"]);
    expect(basesSeen(row, { lon: 116.1, lat: 33, zoom: 11 })).toHaveLength(MOST_OUTLINED);
  });

  test("near by: of those that are looked at, however little changes there", () => {
    expect(basesSeen(row, { lon: 116, lat: 33, zoom: 16.2 })).toEqual(["100"]);
    expect(basesSeen(row, { lon: 116.03, lat: 33, zoom: 16.2 })).toEqual(["103"]);
    expect(new Set(basesSeen(row, { lon: 116.03, lat: 33, zoom: 15.2 }))).toEqual(new Set(["102", "103", "104"]));
  });

  test("where nothing moves, none", () => {
    expect(basesSeen(row, { lon: 116, lat: 34, zoom: 16 })).toEqual([]);
    expect(basesSeen(row.map((one) => ({ ...one, moved: [], moved_count: 0 })), null)).toEqual([]);
  });

  test("a view is as large as a wide screen", () => {
    const [west, south, east, north] = viewOf({ lon: 116, lat: 0, zoom: 9 });
    expect(east - west).toBeCloseTo((1920 / 512) * (360 / 512), 6);
    expect(north - south).toBeCloseTo((1200 / 512) * (360 / 512), 6);
    const [, higher, , lower] = viewOf({ lon: 116, lat: 60, zoom: 9 });
    expect(lower - higher).toBeCloseTo((north - south) / 2, 6);
  });
});
