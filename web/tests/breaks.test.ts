import { describe, expect, test } from "vitest";
import { classesFor, classify, classOf, rangeOf } from "../src/features/analytics/breaks";

/** A small generator of our own, so that a failing case can be repeated by its seed. */
function rng(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("classify", () => {
  test("quantiles: six classes of equal numbers of areas when all values differ", () => {
    const classes = classify(Array.from({ length: 60 }, (_, index) => index), 6, true);
    expect(classes.bins.map((bin) => bin.areas)).toEqual([10, 10, 10, 10, 10, 10]);
    expect(classes.bins.map((bin) => bin.low)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test("a handful of areas gets a handful of classes", () => {
    expect([2, 8, 11, 30, 262].map(classesFor)).toEqual([2, 4, 5, 6, 6]);
  });

  test("ties share a class, so there are fewer classes", () => {
    const classes = classify([0, 0, 0, 0, 0, 0, 0, 0, 5, 9], 5, true);
    expect(classes.bins.map((bin) => [bin.low, bin.areas])).toEqual([
      [0, 8],
      [5, 2],
    ]);
  });

  test("one value, no value, only blanks", () => {
    expect(classify([3, 3, 3], 6, true).bins).toEqual([{ low: 3, high: 3, areas: 3 }]);
    expect(classify([], 6, true)).toEqual({ bins: [], blank: 0, digits: 0 });
    expect(classify([null, null], 6, false)).toEqual({ bins: [], blank: 2, digits: 0 });
  });

  test.each(Array.from({ length: 200 }, (_, seed) => seed))("every value lies inside the printed range of its class (seed %i)", (seed) => {
    const random = rng(seed);
    const whole = seed % 2 === 0;
    const values = Array.from({ length: 1 + Math.floor(random() * 300) }, () => {
      if (random() < 0.05) return null;
      const value = random() ** 3 * 10 ** Math.floor(random() * 4);
      return whole ? Math.floor(value) : value;
    });
    const classes = classify(values, 7, whole);
    expect(classes.bins.reduce((sum, bin) => sum + bin.areas, 0) + classes.blank).toBe(values.length);
    for (const value of values) {
      const index = classOf(value, classes);
      if (value === null) {
        expect(index).toBeNull();
        continue;
      }
      const bin = classes.bins[index ?? -1];
      if (bin === undefined) throw new Error("a value without a class");
      const last = index === classes.bins.length - 1;
      expect(value).toBeGreaterThanOrEqual(bin.low);
      if (last) expect(value).toBeLessThanOrEqual(bin.high);
      else expect(value).toBeLessThan(bin.high);
    }
  });

  test("printed ranges", () => {
    const write = String;
    expect(rangeOf({ low: 3, high: 8, areas: 1 }, false, 0, write)).toBe("3–7");
    expect(rangeOf({ low: 3, high: 4, areas: 1 }, false, 0, write)).toBe("3");
    expect(rangeOf({ low: 3, high: 8, areas: 1 }, true, 0, write)).toBe("3–8");
    expect(rangeOf({ low: 1.2, high: 2.5, areas: 1 }, false, 1, write)).toBe("1.2 – 2.5");
  });
});
