import { describe, expect, test } from "vitest";
import { id, list, Malformed, names, nullable, num, object, oneOf, str, withDefault } from "../src/api/check";
import { address } from "../src/api/http";

describe("the check at the border", () => {
  const shape = object({ code: str, n: num, tags: withDefault(list(str), []), note: nullable(str), kind: oneOf("a", "b") });

  test("what fits comes through; unknown keys stay out; missing and null are the same", () => {
    expect(shape({ code: "x", n: 1, kind: "b", more: 1 }, "body")).toEqual({ code: "x", n: 1, tags: [], note: null, kind: "b" });
  });

  test.each([
    [{ code: 1, n: 1, kind: "a" }, "body.code"],
    [{ code: "x", n: "1", kind: "a" }, "body.n"],
    [{ code: "x", n: Number.NaN, kind: "a" }, "body.n"],
    [{ code: "x", n: 1, kind: "c" }, "body.kind"],
    [{ code: "x", n: 1, kind: "a", tags: ["y", 2] }, "body.tags[1]"],
    [null, "body"],
    [[], "body"],
  ])("what does not fit is refused with its place: %j", (value, path) => {
    expect(() => shape(value, "body")).toThrow(Malformed);
    expect(() => shape(value, "body")).toThrow(new RegExp(`^${path.replace(/[[\].]/g, "\\$&")}:`));
  });

  test("ids become text; a missing language borrows the other", () => {
    expect(id(12, "id")).toBe("12");
    expect(names({ zh: "网格", en: null }, "names")).toEqual({ zh: "网格", en: "网格" });
    expect(names({ en: "Grid" }, "names")).toEqual({ zh: "Grid", en: "Grid" });
  });

  test("addresses leave out what is not asked", () => {
    expect(address("/density", { level: "grid", from: null, to: undefined, category: "06*", x: "" })).toBe("/api/v1/density?level=grid&category=06*");
    expect(address("/search", { q: "平安 & 路" })).toBe("/api/v1/search?q=%E5%B9%B3%E5%AE%89+%26+%E8%B7%AF");
  });
});
