import { describe, expect, test } from "vitest";
import { classesFor, classify, classOf, naturalBreaks, rangeOf } from "../src/features/analytics/breaks";

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

describe("natural breaks", () => {
  /** Every way to cut a sorted row into classes, and its sum of squares. */
  function best(sorted: readonly number[], classes: number): number {
    const spread = (part: readonly number[]): number => {
      const mean = part.reduce((sum, one) => sum + one, 0) / part.length;
      return part.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    };
    if (classes === 1) return spread(sorted);
    return Math.min(...Array.from({ length: sorted.length - classes + 1 }, (_, index) => spread(sorted.slice(0, index + 1)) + best(sorted.slice(index + 1), classes - 1)));
  }
  const cost = (sorted: readonly number[], begins: readonly number[]): number =>
    [-Infinity, ...begins].reduce((sum, low, index) => sum + best(sorted.filter((one) => one >= low && one < (begins[index] ?? Infinity)), 1), 0);

  test.each(Array.from({ length: 40 }, (_, seed) => seed))("no other cut is better (seed %i)", (seed) => {
    const random = rng(seed + 7);
    const sorted = Array.from({ length: 9 }, () => random() * 1000).sort((a, b) => a - b);
    expect(cost(sorted, naturalBreaks(sorted, 3))).toBeCloseTo(best(sorted, 3), 6);
  });

  test("control: quantiles of a lopsided row are worse", () => {
    const sorted = [1, 2, 3, 4, 5, 100, 101, 1000];
    expect(naturalBreaks(sorted, 3)).toEqual([100, 1000]);
    expect(cost(sorted, [3, 5])).toBeGreaterThan(cost(sorted, [100, 1000]));
  });

  test("equal values share a class; many thousands are gathered first", () => {
    expect(naturalBreaks([1, 1, 1, 1], 3)).toEqual([]);
    expect(naturalBreaks([], 3)).toEqual([]);
    const many = Array.from({ length: 30_000 }, (_, index) => index + (index >= 20_000 ? 1e6 : 0));
    expect(naturalBreaks(many, 2)[0]).toBe(1_020_000);
    expect(classify(many, 6, true, "natural").bins).toHaveLength(6);
  });
});
