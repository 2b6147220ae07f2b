import { beforeEach, describe, expect, test, vi } from "vitest";
import { dropDraft, faultsOf, forgetWriting, keepDraft, keptDraft, newDraft, reportOf, wasWriting } from "../src/features/incidents/draft";

const ZONE = "Asia/Shanghai";
const NOW = new Date("2026-11-20T04:00:00Z");
const SETTING = { timeZone: ZONE, channels: ["window", "hotline"], notice: null };
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
    expect(JSON.stringify(reportOf(good, POINT, SETTING))).toBe(JSON.stringify(reportOf({ ...good }, { ...POINT }, SETTING)));
    expect(reportOf(good, POINT, SETTING)).toEqual({
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
    const full = reportOf({ ...good, accuracy: "30", when: "2026-11-20T08:15", name: "", phone: " 123 " }, POINT, SETTING);
    expect(full.accuracy_m).toBe(30);
    expect(full.happened_at).toBe("2026-11-20T00:15:00.000Z");
    expect(full.reporter).toEqual({ phone: "123" });
  });

  test("the channel is the one chosen where the role has it, else its usual one; a contact names the notice that was shown", () => {
    const at = (channel: string | null, channels: string[]) => reportOf({ ...good, channel }, POINT, { ...SETTING, channels }).channel;
    expect(at(null, ["hotline", "window"])).toBe("hotline");
    expect(at("window", ["hotline", "window"])).toBe("window");
    expect(at("window", ["worker"])).toBe("worker");
    const told = { ...SETTING, notice: 3 };
    expect(reportOf({ ...good, phone: "123" }, POINT, told).reporter).toEqual({ phone: "123", notice: 3 });
    expect(reportOf(good, POINT, told)).not.toHaveProperty("reporter");
  });
});

describe("what is kept of a report being written", () => {
  const store = new Map<string, string>();
  const written = { ...good, name: "测试", phone: "123", channel: "window" };
  beforeEach(() => {
    store.clear();
    forgetWriting();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, value: string) => void store.set(key, value),
      removeItem: (key: string) => void store.delete(key),
    });
  });

  test("a session that ran out costs nothing, contact included; where it was written is known", () => {
    keepDraft("g0001", POINT, written);
    expect(keptDraft("g0001")).toEqual(written);
    expect(wasWriting("g0001", POINT)).toBe(true);
    expect(wasWriting("g0001", { ...POINT, lat: 32.6 })).toBe(false);
  });

  test("the device keeps the words, never the contact", () => {
    keepDraft("g0001", POINT, written);
    expect([...store.values()].join("")).not.toMatch(/测试|123/);
    forgetWriting();
    expect(keptDraft("g0001")).toEqual({ ...written, name: "", phone: "" });
    expect(wasWriting("g0001", POINT)).toBe(false);
  });

  test("nobody else sees it", () => {
    keepDraft("g0001", POINT, written);
    expect(keptDraft("g0002")).toBeNull();
    expect(wasWriting("g0002", POINT)).toBe(false);
    keepDraft("g0002", POINT, { ...written, text: "别的" });
    expect(keptDraft("g0001")?.text).toBe(written.text);
  });

  test("after it was sent, and after nonsense in the store, there is nothing", () => {
    keepDraft("g0001", POINT, written);
    dropDraft("g0001");
    expect(keptDraft("g0001")).toBeNull();
    expect(store.size).toBe(0);
    store.set("gridgov.draft.g0001", "{");
    expect(keptDraft("g0001")).toBeNull();
  });
});
