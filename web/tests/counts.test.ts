import { describe, expect, test } from "vitest";
import { type Counts, lowestShares, type Measured } from "../src/api/counts";
import { address } from "../src/api/http";
import { type Asked, filtersOf, isNarrowed, paramsOf, usualOf } from "../src/features/analytics/asked";
import { type Behind, lightOf, listParams, totalOf, totalQuestion } from "../src/features/analytics/behind";
import { scaleOf, writeValue } from "../src/features/analytics/measures";
import { changeOf, rankedOf, sortRanked, tableRows } from "../src/features/analytics/ranking";
import { textFor } from "../src/i18n/text";
import { againstUsual, joined, periodText, sentenceParts, usualText } from "../src/pages/board/sentence";

const ASKED: Asked = { of: "cases", from: "2026-11-01", to: "2026-11-07", categories: ["06", "0701"], agencies: ["7"], channels: [], states: ["handling"], area: null, asBy: null };
const counts = (part: Partial<Counts>): Counts => ({
  of: "cases",
  by: "grid",
  total: 0,
  unlocated: 0,
  above_level: 0,
  behind: "",
  ids: null,
  codes: [],
  then_codes: null,
  counts: [],
  measures: {},
  ...part,
});

describe("what is asked", () => {
  test("the last day is included for people and excluded on the wire; several values are several parameters", () => {
    expect(address("/counts", paramsOf(ASKED))).toBe("/api/v1/counts?of=cases&from=2026-11-01&to=2026-11-08&category=06&category=0701&agency=7&status=handling");
    expect(address("/density", filtersOf({ ...ASKED, of: "incidents", to: null, states: [] }))).toBe("/api/v1/density?from=2026-11-01&category=06&category=0701&agency=7");
  });

  test("time alone narrows nothing", () => {
    const bare = { ...ASKED, categories: [], agencies: [], states: [] };
    expect(isNarrowed(bare)).toBe(false);
    expect(isNarrowed({ ...bare, area: "3" })).toBe(true);
    expect(isNarrowed({ ...bare, channels: ["worker"] })).toBe(true);
  });
});

describe("what is behind a number", () => {
  const behind = (part: Partial<Behind>): Behind => ({ group: "all", id: null, which: "count", ...part });
  const query = (of: Behind, within = false): string => address("/cases", listParams({ ...ASKED, categories: [], agencies: [], states: [], from: null, to: null, area: "9" }, of, "grid", within));

  test("each group and each measure has its list", () => {
    expect(query(behind({}))).toBe("/api/v1/cases?area=9");
    expect(query(behind({ group: "area", id: "42" }))).toBe("/api/v1/cases?area=42");
    expect(query(behind({ group: "area", id: "3" }), true)).toBe("/api/v1/cases?area=9");
    expect(query(behind({ group: "agency", id: "0", which: "overdue" }))).toBe("/api/v1/cases?area=9&held_by=0&overdue=true");
    expect(query(behind({ group: "outside" }))).toBe("/api/v1/cases?area=9&outside=true");
    expect(query(behind({ group: "above" }))).toBe("/api/v1/cases?area=9&above=grid");
    expect(query(behind({ which: "lowest" }))).toBe("/api/v1/cases?area=9&closed=true&tier=grid");
  });

  test("several areas and areas by other boundaries are asked for by where it lies", () => {
    const by: Asked = { ...ASKED, of: "incidents", categories: [], agencies: [], states: [], from: null, to: null, area: "9", asBy: "17" };
    const list = (of: Behind): string => address("/incidents", listParams(by, of, "grid", false));
    expect(list(behind({ group: "areas", id: "4.5" }))).toBe("/api/v1/incidents?area=9&lies_in=4&lies_in=5");
    expect(list(behind({ group: "area", id: "-3" }))).toBe("/api/v1/incidents?area=9&lies_in=-3&as_by=17");
    expect(list(behind({ group: "agency", id: "7" }))).toBe("/api/v1/incidents?area=9&held_by=7");
    expect(list(behind({}))).toBe("/api/v1/incidents?area=9");
    expect(totalQuestion(by, behind({ group: "area", id: "-3" }), "grid", false)).toMatchObject({ by: "grid", params: { as_by: "17", area: "9" } });
    expect(totalQuestion(by, behind({ group: "areas", id: "4.5" }), "community", false)).toMatchObject({ by: "community", params: { area: "9" } });
    expect(totalQuestion(by, behind({ group: "areas", id: "4.5" }), "community", false).params["as_by"]).toBeUndefined();
    const found = counts({ ids: ["-3", "4", "5"], codes: ["x", "a", "b"], counts: [6, 2, 3] });
    expect(totalOf(found, by, behind({ group: "areas", id: "4.5" }))).toBe(5);
    expect(totalOf(found, by, behind({ group: "area", id: "-3" }))).toBe(6);
    expect(totalOf(found, by, behind({ group: "areas", id: "4.6" })), "counted by another level").toBeNull();
  });

  test("in a list of what was overdue nothing is in time", () => {
    expect([...["green", "yellow", "red", null].map((light) => lightOf(light, true)), lightOf("blue", true)]).toEqual(["late", "late", "red", "late", "late"]);
    expect([...["green", "yellow", "red", null].map((light) => lightOf(light, false)), lightOf("blue", false)]).toEqual(["green", "yellow", "red", null, null]);
  });

  test("how many they are is read from the counts that the question asks for", () => {
    const agencies = counts({ ids: ["0", "7"], codes: ["", "A"], counts: [5, 3], measures: { overdue: [4, 1] } });
    expect(totalOf(agencies, ASKED, behind({ group: "agency", id: "7" }))).toBe(3);
    expect(totalOf(agencies, ASKED, behind({ group: "agency", id: "0", which: "overdue" }))).toBe(4);
    expect(totalOf(agencies, ASKED, behind({ group: "agency", id: "8" }))).toBe(0);
    expect(totalOf(counts({ codes: ["open", "closed"], counts: [5, 3] }), ASKED, behind({ group: "area", id: "1" }))).toBe(8);
    expect(totalOf(counts({ unlocated: 2, above_level: 6 }), ASKED, behind({ group: "outside" }))).toBe(2);
    expect(totalOf(counts({ unlocated: 2, above_level: 6 }), ASKED, behind({ group: "above" }))).toBe(6);
    expect(totalOf(counts({ codes: ["none", "grid"], counts: [9, 9], measures: { closed: [1, 7] } }), ASKED, behind({ which: "lowest" }))).toBe(7);
    expect(totalOf(counts({}), ASKED, behind({ which: "overdue" }))).toBeNull();
    expect(totalQuestion(ASKED, behind({ which: "lowest" }), "grid", false)).toMatchObject({ by: "tier", measures: ["closed"] });
    expect(totalQuestion(ASKED, behind({ group: "area", id: "4" }), "grid", false)).toMatchObject({ by: "status", measures: [], params: { area: "4" } });
  });
});

describe("measures", () => {
  test("closed by the lowest tier, of all closed", () => {
    const whole = counts({ codes: ["a", "b", "c"], counts: [5, 4, 1] });
    const tiers = counts({ codes: ["a", "a", "b"], then_codes: ["grid", "agency", "agency"], counts: [3, 2, 4], measures: { closed: [3, 1, 0] } });
    expect(lowestShares(whole, tiers)).toEqual([0.75, null, null]);
  });

  test("written in the unit in which most can be read", () => {
    const en = textFor("en");
    const zh = textFor("zh");
    expect(writeValue(en, scaleOf("overdue_share", [0.5]), 0.4251)).toBe("42.5 %");
    expect(writeValue(en, scaleOf("response_median_s", [300, 420, null]), 426)).toBe("7.1 min");
    expect(writeValue(zh, scaleOf("response_median_s", [3 * 3600]), 3 * 3600)).toBe("3.0 小时");
    expect(writeValue(zh, scaleOf("handling_median_s", [86_400 * 3]), 86_400)).toBe("1.0 天");
    expect(writeValue(en, scaleOf("count", [1]), 1234)).toBe("1,234");
    expect(writeValue(en, scaleOf("count", [1]), null)).toBe("—");
  });
});

describe("the ranking", () => {
  const measured = (codes: string[], values: (number | null)[]): Measured => {
    const found = counts({ codes, ids: codes.map((code) => code.slice(1)), counts: values.map((value) => value ?? 0) });
    return { by: "grid", measure: "count", counts: found, values: found.counts };
  };
  const now = measured(["g1", "g2", "g3"], [5, 9, 5]);
  const rows = rankedOf(now, (id) => `Grid ${id}`, measured(["g1", "g2"], [7, 2]));

  test("against the span before: who was not there had none", () => {
    expect(rows.map((row) => [row.id, row.value, row.before, changeOf(row)])).toEqual([
      ["1", 5, 7, -2],
      ["2", 9, 2, 7],
      ["3", 5, 0, 5],
    ]);
    expect(rankedOf(now, (id) => id, undefined).every((row) => row.before === null)).toBe(true);
  });

  test("sorted, equal ones by code, without a value last", () => {
    const ids = (order: "most" | "least" | "change" | "name") => sortRanked(rows, order, "en").map((row) => row.id);
    expect(ids("most")).toEqual(["2", "1", "3"]);
    expect(ids("least")).toEqual(["1", "3", "2"]);
    expect(ids("change")).toEqual(["2", "3", "1"]);
    expect(ids("name")).toEqual(["1", "2", "3"]);
    const [first] = rows;
    if (first === undefined) throw new Error("no row");
    expect(sortRanked([{ ...first, value: null }, ...rows.slice(1)], "least", "en").at(-1)?.id).toBe("1");
  });

  test("as rows of the table, in the printed unit", () => {
    const [row] = tableRows([{ id: "1", code: "a", name: "A", count: 8, value: 0.123456, before: 0.1 }], scaleOf("overdue_share", []));
    expect(row?.figures).toEqual({ value: 12.346, count: 8, before: 10, change: 2.346 });
  });
});

describe("what is usual", () => {
  const days = Array.from({ length: 35 }, (_, index) => ({ day: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10), count: index < 28 ? index % 7 : 10 }));

  test("the mean of the weeks before, on the same weekdays", () => {
    expect(usualOf(days, "2026-01-29", "2026-02-04")).toEqual({ mean: 21, spans: 4 });
    expect(usualOf(days, "2026-01-30", "2026-01-30")).toEqual({ mean: 1, spans: 4 });
    expect(usualOf(days, "2026-01-20", "2026-02-04")).toBeNull();
    expect(usualOf(days, "2026-01-03", "2026-01-05")).toBeNull();
    expect(usualOf([], "2026-01-03", "2026-01-05")).toBeNull();
  });

  test("said in both languages", () => {
    const [zh, en] = [textFor("zh"), textFor("en")];
    expect(againstUsual(en, 33, { mean: 21, spans: 4 })).toBe("12 more than usual");
    expect(againstUsual(zh, 9, { mean: 21, spans: 4 })).toBe("比平常少 12 件");
    expect(againstUsual(zh, 21, { mean: 21.2, spans: 4 })).toBe("与平常持平");
    expect(againstUsual(zh, 21, null)).toBeNull();
    expect(usualText(en, { mean: 21, spans: 4 })).toContain("mean of the 4 spans before");
    const named = { categories: ["A", "B"], agencies: [], channels: [], states: [], area: "C" };
    const period = periodText(en, { from: "2026-01-29", to: null }, false, "2026-02-04");
    expect(joined(en, sentenceParts(en, "cases", 37, period, named))).toBe("37 cases, last 7 days, in C, of A, B");
    expect(periodText(en, { from: null, to: "2026-02-04" }, true, "2026-03-01")).toBe("up to Feb 4, 2026");
    expect(periodText(zh, { from: null, to: null }, false, null)).toBe("全部时间");
  });
});
