import { describe, expect, test } from "vitest";
import { before, cutAt, recorded, wholeMonths } from "../src/features/comparison/spans";
import { daysBetween } from "../src/time/days";

const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();
const days = (from: string, to: string) => ({ from, to });

describe("what a window is compared with", () => {
  test("a week with the week before, a day with the same weekday", () => {
    expect(before(days("2026-11-16", "2026-11-22"), "week")).toEqual({ from: "2026-11-09", to: "2026-11-15", aligned: "weekdays" });
    expect(before(days("2026-11-18", "2026-11-18"), "week")).toMatchObject({ from: "2026-11-11", to: "2026-11-11" });
    expect(before(days("2026-11-16", "2026-11-22"), "year")).toMatchObject({ from: "2025-11-17", to: "2025-11-23" });
  });

  test("whole months with whole months, over the end of a year and of February", () => {
    expect(before(days("2027-01-01", "2027-01-31"), "month")).toEqual({ from: "2026-12-01", to: "2026-12-31", aligned: "months" });
    expect(before(days("2024-03-01", "2024-03-31"), "month")).toMatchObject({ from: "2024-02-01", to: "2024-02-29" });
    expect(before(days("2024-02-01", "2024-02-29"), "year")).toMatchObject({ from: "2023-02-01", to: "2023-02-28" });
    expect(before(days("2026-07-01", "2026-09-30"), "month")).toMatchObject({ from: "2026-04-01", to: "2026-06-30" });
    expect(wholeMonths(days("2026-07-01", "2026-09-29"))).toBe(0);
  });

  test("never overlapping, as long as the window, on the same weekdays", () => {
    for (const against of ["week", "month", "year"] as const) {
      for (let length = 1; length <= 400; length += 13) {
        const window = days("2026-03-11", new Date(Date.parse("2026-03-11") + (length - 1) * 86_400_000).toISOString().slice(0, 10));
        const span = before(window, against);
        expect(span.to < window.from, `${against} ${length}`).toBe(true);
        expect(daysBetween(span.from, span.to) + 1).toBe(length);
        expect(weekday(span.from)).toBe(weekday(window.from));
      }
    }
  });

  test("what was recorded of it", () => {
    expect(recorded(days("2026-08-01", "2026-08-07"), "2026-08-01")).toBe("whole");
    expect(recorded(days("2026-08-01", "2026-08-07"), "2026-08-04")).toBe("part");
    expect(recorded(days("2026-08-01", "2026-08-07"), "2026-08-08")).toBe("none");
  });

  test("a window that ends today ends at the same hour before", () => {
    const window = days("2026-11-18", "2026-11-24");
    const span = before(window, "week");
    expect(cutAt(window, span, "2026-11-25", Date.parse("2026-11-25T03:14:15Z"))).toBeNull();
    expect(cutAt(window, span, "2026-11-24", Date.parse("2026-11-24T03:14:15Z"))).toBe("2026-11-17T03:10:00Z");
  });
});
