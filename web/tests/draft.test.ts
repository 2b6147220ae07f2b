import { describe, expect, test } from "vitest";
import { faultsOf, newDraft, reportOf } from "../src/features/incidents/draft";

const ZONE = "Asia/Shanghai";
const NOW = new Date("2026-11-20T04:00:00Z");
const WINDOW = ["window"];
const POINT = { lon: 117.1, lat: 32.5 };
const good = { ...newDraft("0199f0a4-7b7e-4c3a-9a50-7d1f0f6b2c11", "06010"), text: " 路口有垃圾 ", attempted: NOW.toISOString() };

describe("a report being written", () => {
  test("what is missing or impossible is named, field by field", () => {
    expect([...faultsOf(newDraft("x", null), NOW, ZONE)]).toEqual([
      ["category", "missing"],
      ["text", "missing"],
    ]);
    expect(faultsOf(good, NOW, ZONE).size).toBe(0);
    for (const accuracy of ["-1", "10001", "ten"]) expect(faultsOf({ ...good, accuracy }, NOW, ZONE).get("accuracy_m")).toBe("accuracy");
    expect(faultsOf({ ...good, when: "2026-11-20T12:02" }, NOW, ZONE).get("happened_at")).toBe("future");
    expect(faultsOf({ ...good, when: "2026-11-20T12:00" }, NOW, ZONE).size).toBe(0);
  });

  test("a retry is the same body, byte for byte", () => {
    expect(JSON.stringify(reportOf(good, POINT, ZONE, WINDOW))).toBe(JSON.stringify(reportOf({ ...good }, { ...POINT }, ZONE, WINDOW)));
    expect(reportOf(good, POINT, ZONE, WINDOW)).toEqual({
      id: good.id,
      category: "06010",
      point: POINT,
      datum: "wgs84",
      happened_at: "2026-11-20T04:00:00.000Z",
      channel: "window",
      text: "路口有垃圾",
    });
  });

  test("what is left empty is not sent; a given time is the city's", () => {
    const full = reportOf({ ...good, accuracy: "30", when: "2026-11-20T08:15", name: "", phone: " 123 " }, POINT, ZONE, WINDOW);
    expect(full.accuracy_m).toBe(30);
    expect(full.happened_at).toBe("2026-11-20T00:15:00.000Z");
    expect(full.reporter).toEqual({ phone: "123" });
  });
});
