import { describe, expect, test } from "vitest";
import { changeOf, changesOf, ranked, signed, steps } from "../src/features/comparison/changes";

describe("what has changed", () => {
  test("small numbers are no change, whatever their ratio", () => {
    expect(changeOf("a", 4, 1)).toMatchObject({ ratio: 4, few: true, sure: false, step: 0 });
    expect(changeOf("a", 0, 0)).toMatchObject({ ratio: null, difference: 0, step: 0 });
  });

  test("a difference within what chance makes of equal rates stays at zero", () => {
    expect(changeOf("a", 60, 50)).toMatchObject({ sure: false, step: 0 });
    expect(changeOf("a", 80, 50)).toMatchObject({ sure: true, step: 1 });
    expect(changeOf("a", 50, 80)).toMatchObject({ sure: true, step: -1 });
    expect(changeOf("a", 100, 50)).toMatchObject({ step: 2 });
    expect(changeOf("a", 30, 60)).toMatchObject({ step: -2 });
    expect(changeOf("a", 9, 0)).toMatchObject({ ratio: null, sure: true, step: 2 });
  });

  test("the same either way round, with the sign turned", () => {
    for (let a = 0; a < 60; a += 3) for (let b = 0; b < 60; b += 7) expect(changeOf("x", a, b).step + changeOf("x", b, a).step).toBe(0);
  });

  test("areas that are on one side only", () => {
    const found = changesOf([{ id: "1", count: 9 }, { id: "2", count: 3 }], [{ id: "2", count: 3 }, { id: "3", count: 20 }]);
    expect(found.map(({ id, difference }) => [id, difference])).toEqual([["1", 9], ["2", 0], ["3", -20]]);
    expect(steps(found)).toEqual([1, 0, 1, 0, 1]);
    expect(ranked(found).map(({ id }) => id)).toEqual(["3", "1", "2"]);
  });

  test("signs that can be read", () => {
    expect([5, 0, -1200].map((value) => signed(value, (n) => n.toLocaleString("en")))).toEqual(["+5", "0", "−1,200"]);
  });
});
