import { describe, expect, test } from "vitest";
import { addDays, dayOf, daysBetween, instantOf, isDay, wallTime } from "../src/time/days";

describe("days of a city", () => {
  test("the day of an instant is the city's own", () => {
    expect(dayOf("2026-03-01T16:00:00Z", "Asia/Shanghai")).toBe("2026-03-02");
    expect(dayOf("2026-03-01T15:59:59Z", "Asia/Shanghai")).toBe("2026-03-01");
    expect(dayOf("2016-08-01T03:59:00Z", "America/New_York")).toBe("2016-07-31");
  });

  test("arithmetic over months, leap days and clock changes", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysBetween("2026-03-07", "2026-03-09")).toBe(2);
    expect(daysBetween("2026-12-31", "2026-01-01")).toBe(-364);
  });

  test("only real days are days", () => {
    expect(isDay("2026-02-28")).toBe(true);
    for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "", "x", "2026-01-01T00:00"]) expect(isDay(text)).toBe(false);
  });

  test.each(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC"])("wall time and instant are each other's way back in %s", (zone) => {
    for (const instant of ["2026-01-15T00:30:00.000Z", "2026-03-08T12:00:00.000Z", "2026-07-04T23:45:00.000Z", "2026-11-01T12:00:00.000Z"]) {
      expect(instantOf(wallTime(instant, zone), zone)).toBe(instant);
    }
  });

  test("wall time in the city", () => {
    expect(wallTime("2026-03-01T16:05:00Z", "Asia/Shanghai")).toBe("2026-03-02T00:05");
    expect(instantOf("2026-03-02T00:05", "Asia/Shanghai")).toBe("2026-03-01T16:05:00.000Z");
  });
});
