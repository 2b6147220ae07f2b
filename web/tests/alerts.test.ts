import { describe, expect, test } from "vitest";
import type { Standing } from "../src/api/alerts";
import { LIMITS, measured, proposable, whole } from "../src/features/alerts/limits";
import { alertsDrawn, short } from "../src/features/alerts/standing";

const names = { zh: "甲", en: "A" };
const item = (rule: string, area_id: string, value: number, threshold: number): Standing => ({
  rule, names, level: "grid", days: 7, area_id, area_code: area_id, area_names: names, lon: 116.9, lat: 33.1, value, threshold, measure: "count", of: "incidents", since: "2026-11-20T00:00:00Z",
});

describe("what stands above a threshold", () => {
  test("one mark an area: of several rules the one furthest above", () => {
    const { features } = alertsDrawn({ as_of: "2026-11-24T00:00:00Z", total: 3, items: [item("a", "1", 30, 20), item("b", "1", 25, 5), item("a", "2", 22, 20)] });
    expect(features.map(({ properties }) => properties?.["n"] as unknown)).toEqual(["25", "22"]);
    expect(alertsDrawn(undefined).features).toEqual([]);
  });

  test("figures that fit into a mark", () => {
    expect([7, 4.25, 999, 1234, 9949, 9950, 123456].map(short)).toEqual(["7", "4.3", "999", "1.2k", "9.9k", "10k", "123k"]);
  });

  test("numbers of a rule: whole days, thresholds with a fraction, within the limits", () => {
    const texts = ["7", " 14 ", "0", "-3", "1.5", "", "abc", "999", "9999999999"];
    expect(texts.map((text) => whole(text, LIMITS.days))).toEqual([7, 14, null, null, null, null, null, null, null]);
    expect(texts.map((text) => measured(text, LIMITS.threshold))).toEqual([7, 14, null, null, 1.5, null, null, 999, null]);
    expect(measured("1.234", LIMITS.threshold)).toBeNull();
  });

  test("a rule is made of what can be written as a plain number", () => {
    expect(["count", "per_km2", "lowest_share", "overdue_share"].map(proposable)).toEqual(["count", "per_km2", "count", "count"]);
  });
});
