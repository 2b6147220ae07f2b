import { describe, expect, test } from "vitest";
import { ageMin, begin, PAGES, REST_MS, rests, tick, toggled, touched, turned } from "../src/pages/board/screen/turning";

const EVERY = 10_000;

describe("the wall screen", () => {
  test("turns through all pages and begins again, for days", () => {
    let turning = begin(0);
    const seen: number[] = [];
    for (let now = 0; now <= 3 * 86_400_000; now += EVERY / 2) {
      const next = tick(turning, now, EVERY);
      if (next.page !== turning.page) seen.push(next.page);
      turning = next;
    }
    expect(seen.slice(0, PAGES.length)).toEqual([...PAGES.map((_, index) => index).slice(1), 0]);
    expect(seen).toHaveLength((3 * 86_400_000) / EVERY);
  });

  test("a key stops it, the same key lets it go on; a page then stays its full time", () => {
    const stopped = toggled(begin(0), 4000);
    expect(tick(stopped, 10 * EVERY, EVERY)).toBe(stopped);
    const again = toggled(stopped, 50_000);
    expect(tick(again, 59_999, EVERY).page).toBe(0);
    expect(tick(again, 60_000, EVERY).page).toBe(1);
  });

  test("a hand at the mouse makes it rest, a mouse that lies still does not", () => {
    const resting = touched(begin(0), 5000);
    expect(rests(resting, 5000 + REST_MS - 1)).toBe(true);
    expect(tick(resting, 5000 + REST_MS - 1, EVERY).page).toBe(0);
    expect(tick(resting, 5000 + REST_MS + EVERY, EVERY).page).toBe(1);
  });

  test("after a sleep of the machine one page is turned, not hundreds", () => {
    expect(tick(begin(0), 86_400_000, EVERY).page).toBe(1);
  });

  test("back from the first page is the last", () => {
    expect(turned(begin(0), -1, 0).page).toBe(PAGES.length - 1);
  });

  test("how old the numbers are, once they are no longer fresh", () => {
    expect(ageMin(0, 90_000, 90_000)).toBeNull();
    expect(ageMin(0, 90_001, 90_000)).toBe(1);
    expect(ageMin(0, 3_600_000, 90_000)).toBe(60);
  });
});
