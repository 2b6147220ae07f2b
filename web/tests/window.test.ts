import { describe, expect, test } from "vitest";
import { daysOf, fillDays, growFrom, growOn, isWhole, moveEnd, moveStart, playFrom, playOn, shift, spanOf } from "../src/features/analytics/window";

const COUNT = 90;
const WHOLE = { first: 0, last: 89 };

describe("the time window", () => {
  test("handles never cross and never leave the row", () => {
    expect(moveStart({ first: 10, last: 20 }, 30)).toEqual({ first: 20, last: 20 });
    expect(moveStart({ first: 10, last: 20 }, -5)).toEqual({ first: 0, last: 20 });
    expect(moveEnd({ first: 10, last: 20 }, 3, COUNT)).toEqual({ first: 10, last: 10 });
    expect(moveEnd({ first: 10, last: 20 }, 500, COUNT)).toEqual({ first: 10, last: 89 });
  });

  test("dragging keeps the length and stops at the edges", () => {
    expect(shift({ first: 10, last: 16 }, 5, COUNT)).toEqual({ first: 15, last: 21 });
    expect(shift({ first: 10, last: 16 }, -50, COUNT)).toEqual({ first: 0, last: 6 });
    expect(shift({ first: 10, last: 16 }, 500, COUNT)).toEqual({ first: 83, last: 89 });
    expect(shift(WHOLE, 4, COUNT)).toEqual(WHOLE);
  });

  test("playing goes from a first week to the end, a day at a time, and stops", () => {
    let span: { first: number; last: number } | null = playFrom(WHOLE, COUNT);
    const seen: number[] = [];
    while (span !== null) {
      expect(span.last - span.first).toBe(6);
      seen.push(span.first);
      span = playOn(span, COUNT);
    }
    expect(seen).toEqual(Array.from({ length: 84 }, (_, index) => index));
    expect(playFrom({ first: 83, last: 89 }, COUNT)).toEqual({ first: 0, last: 6 });
    expect(playFrom({ first: 5, last: 9 }, COUNT)).toEqual({ first: 5, last: 9 });
  });

  test("days and positions agree; an end at the row's end stays open", () => {
    for (const span of [WHOLE, { first: 3, last: 3 }, { first: 0, last: 40 }, { first: 60, last: 89 }]) {
      const { from, to } = daysOf(span, "2026-01-30", COUNT);
      expect(spanOf(from, to, "2026-01-30", COUNT)).toEqual(span);
      expect(isWhole(span, COUNT)).toBe(from === null && to === null);
    }
    expect(spanOf("1999-01-01", "2050-01-01", "2026-01-30", COUNT)).toEqual(WHOLE);
  });

  test("days without incidents are there, with nothing", () => {
    expect(fillDays([{ day: "2026-02-28", count: 4 }], "2026-02-27", "2026-03-01")).toEqual([
      { day: "2026-02-27", count: 0 },
      { day: "2026-02-28", count: 4 },
      { day: "2026-03-01", count: 0 },
    ]);
  });
});

describe("growing", () => {
  test("from the first week up to the last day, a day at a time, and over again", () => {
    expect(growFrom({ first: 0, last: 29 }, 30)).toEqual({ first: 0, last: 6 });
    expect(growFrom({ first: 0, last: 12 }, 30)).toEqual({ first: 0, last: 12 });
    expect(growOn({ first: 0, last: 12 }, 30)).toEqual({ first: 0, last: 13 });
    expect(growOn({ first: 0, last: 29 }, 30)).toBeNull();
  });
});
