import { describe, expect, test } from "vitest";
import type { Anchor } from "../src/api/areas";
import { boxOf, circleOf, clustersDrawn, metres, ring, spotsDrawn } from "../src/features/hotspots/drawn";
import { bars, placeOf } from "../src/features/hotspots/scales";

const anchor = (id: string, lon: number, lat: number, area_km2 = 0.04): [string, Anchor] => [id, { id, level: "grid", code: id, names: { zh: id, en: id }, area_km2, label: { lon, lat } }];
const ANCHORS = new Map([anchor("1", 116.9, 33.1), anchor("2", 116.905, 33.1), anchor("3", 116.9, 33.104)]);
const names = { zh: "甲", en: "A" };

describe("findings on the map", () => {
  test("a circle covers every area of its cluster, and no more than it must", () => {
    const found = circleOf([{ id: "1" }, { id: "2" }, { id: "3" }], ANCHORS);
    if (found === null) throw new Error("no circle");
    for (const { label } of ANCHORS.values()) expect(metres(found.centre, label)).toBeLessThan(found.radiusM);
    expect(found.radiusM).toBeLessThan(600);
    for (const [lon = 0, lat = 0] of ring(found.centre, found.radiusM)) expect(metres(found.centre, { lon, lat })).toBeCloseTo(found.radiusM, -1);
    const [west, south, east, north] = boxOf([{ id: "1" }, { id: "2" }], ANCHORS) ?? [0, 0, 0, 0];
    expect(west < 116.9 && east > 116.905 && south < 33.1 && north > 33.1).toBe(true);
  });

  test("areas that nobody knows of are left out", () => {
    expect(circleOf([{ id: "9" }], ANCHORS)).toBeNull();
    expect(clustersDrawn([], ANCHORS, null).features).toEqual([]);
  });

  test("circles carry the number of their row, the chosen one is told", () => {
    const cluster = (id: string) => ({ areas: [{ id, code: id, names }], first: "2026-01-01", last: "2026-01-02", count: 9, expected: 3, ratio: 3, p: 0.01, kinds: [], said: names });
    const { features } = clustersDrawn([cluster("1"), cluster("9"), cluster("3")], ANCHORS, 2);
    expect(features.map(({ properties }) => properties)).toEqual([
      { role: "circle", chosen: false },
      { role: "circle", chosen: true },
      { role: "number", n: 1 },
      { role: "number", n: 3 },
    ]);
  });

  test("who may only count is shown no point", () => {
    const repeat = { group: { code: "06", names }, area: null, spots: 3, count: 12, days: 5, first: "2026-01-01", last: "2026-01-09", gap_days: null, said: names };
    expect(spotsDrawn([{ ...repeat, lon: null, lat: null }]).features).toEqual([]);
    expect(spotsDrawn([{ ...repeat, lon: 116.9, lat: 33.1 }]).features).toHaveLength(1);
  });
});

describe("small pictures of a finding", () => {
  test("doublings are evenly apart; what is beyond the ends stays at them", () => {
    expect([0.01, 0.25, 1, 2, 4, 16, 99].map(placeOf)).toEqual([0, 0, 0.333, 0.5, 0.667, 1, 1]);
  });

  test("bars begin at zero, the highest fills the height, days without anything have none", () => {
    const days = [
      { day: "2026-01-01", count: 2 },
      { day: "2026-01-02", count: 0 },
      { day: "2026-01-03", count: 4 },
    ];
    expect(bars(days, "2026-01-03", "2026-01-03", 30, 20)).toEqual({ before: "M0 20v-10h9V20z", during: "M20 20v-20h9V20z" });
    expect(bars([], "2026-01-03", "2026-01-03", 30, 20)).toEqual({ before: "", during: "" });
  });
});
