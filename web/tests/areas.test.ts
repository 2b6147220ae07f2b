import { describe, expect, test } from "vitest";
import type { Turn, Version } from "../src/api/history";
import type { Unit } from "../src/api/sites";
import { kindsOf, linesOf } from "../src/features/agencies/choosing";
import { kindWord, UNIT_KINDS } from "../src/features/agencies/words";
import { textFor } from "../src/i18n/text";
import { changesOf, dayBefore, daysOfChange, percent, sameGround, turnOn, versionOn } from "../src/features/areas/times";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { type Look, styleOf, tilesAt } from "../src/pages/areas/style";
import { halfway } from "../src/pages/areas/drawn";
import { type AreasView, opens, readAreas, START, writeAreas } from "../src/pages/areas/view";

const ZONE = "Asia/Shanghai";
const FULL: AreasView = {
  tab: "service", level: "community", day: "2026-05-31", place: { lon: 117.123456, lat: 32.5 }, area: "12", agency: "3", site: "8", kind: "bureau",
  category: "06010", by: "road", camera: { zoom: 13.25, lon: 117.1, lat: 32.50001 }, table: true,
};

describe("the page of areas in the address", () => {
  test("the start needs no address, and what is written is read back", () => {
    expect(writeAreas(START)).toBe("");
    expect(readAreas("")).toEqual(START);
    expect(readAreas(writeAreas(FULL))).toEqual(FULL);
  });
  test("each field survives alone", () => {
    for (const key of Object.keys(FULL) as (keyof AreasView)[]) {
      const view = { ...START, [key]: FULL[key] };
      expect(readAreas(writeAreas(view))).toEqual(view);
      expect(writeAreas(view)).not.toBe("");
    }
  });
  test.each(["?tab=x&level=planet&at=2026-02-30&place=1,2,3&area=-1&by=air&map=9&table=yes", "?at=yesterday&area=1e3&agency=%3Cb%3E&site=../x&kind=%22&cat=%3Cscript%3E"])(
    "what cannot be read falls back: %s",
    (search) => expect(readAreas(search)).toEqual(START),
  );
  test("Back undoes what opened something, and another day; not moving about", () => {
    expect(opens(START, { ...START, place: { lon: 1, lat: 2 } })).toBe(true);
    expect(opens(START, { ...START, day: "2026-05-31" })).toBe(true);
    expect(opens(FULL, { ...FULL, camera: null })).toBe(false);
    expect(opens({ ...START, place: { lon: 1, lat: 2 } }, { ...START, place: { lon: 1.1, lat: 2 } })).toBe(false);
  });
});

const turn = (plan_id: string, at: string | null, began = 1): Turn => ({ plan_id, name: `plan ${plan_id}`, at, began, ended: 0 });
const version = (since: string | null, until: string | null): Version => ({
  level: "grid", code: "A", names: { zh: "甲", en: "A" }, kind: null, population: null, households: null, area_km2: 1, parent: null, since, until,
  begun_by: turn("1", since), ended_by: null, came_from: [], became: [],
});

describe("stepping back in time", () => {
  const june = "2026-05-31T16:00:00Z"; // midnight of 1 June in the city
  const versions = [version(june, null), version(null, june)];
  test("a version is found by the city's day", () => {
    expect(versionOn(versions, "2026-06-01", ZONE)).toBe(versions[0]);
    expect(versionOn(versions, "2026-05-31", ZONE)).toBe(versions[1]);
    expect(versionOn(versions, null, ZONE)).toBe(versions[0]);
    expect(versionOn([version(june, null)], "2026-05-31", ZONE)).toBeNull();
    expect(dayBefore(june, ZONE)).toBe("2026-05-31");
  });
  test("plans of one instant are one change; the one in force on a day is found", () => {
    const turns = [turn("9", june, 3), turn("2", null, 262), turn("1", null, 30)];
    expect(daysOfChange(turns, ZONE)).toEqual(["2026-06-01"]);
    expect(changesOf(turns).map(({ plan_id, began }) => [plan_id, began])).toEqual([["9", 3], ["2", 292]]);
    expect(turnOn(changesOf(turns), "2026-05-31", "2026-07-01", ZONE)?.plan_id).toBe("2");
    expect(turnOn(changesOf(turns), null, "2026-07-01", ZONE)?.plan_id).toBe("9");
  });
  test("shares never round to nothing nor to the whole", () => {
    expect([0.5, 0.0004, 0.9996, 1, 0.333, 0.05].map(percent)).toEqual(["50", "< 0.1", "> 99.9", "100", "33", "5"]);
    const kin = { area_id: "1", code: "A", names: { zh: "甲", en: "A" }, common_km2: 1, ground_share: 1, kept_share: 1, households: null };
    expect(sameGround([kin])).toBe(true);
    expect(sameGround([{ ...kin, kept_share: 0.5 }])).toBe(false);
  });
  test("tiles of areas are those of the day, others are not", () => {
    const tiles = tilesAt("http://x", "7", "2026-05-31");
    expect(tiles("areas")).toBe("http://x/api/v1/tiles/boundaries/{z}/{x}/{y}.mvt?at=2026-05-31&v=7");
    expect(tiles("streets")).toBe("http://x/api/v1/tiles/streets/{z}/{x}/{y}.mvt?v=7");
    expect(tilesAt("http://x", "7", null)("areas")).toBe("http://x/api/v1/tiles/areas/{z}/{x}/{y}.mvt?v=7");
  });
});

const unit = (id: string, parent: string | null, zh: string, en: string, kind: string | null = null): Unit => ({
  id, code: `C${id}`, names: { zh, en }, kind, parent, stationed: null, stationed_names: null, closed_at: null, sites: 0, sites_below: 0,
});

describe("agencies in a list", () => {
  const units = [unit("1", null, "城市管理局", "Urban Management", "bureau"), unit("2", "1", "环卫所", "Sanitation", "unit"), unit("3", null, "交警大队", "Traffic Police", "bureau")];
  test("each stands below its parent, and keeps it when it is searched for", () => {
    expect(linesOf(units, null, "").map(({ unit: { id }, depth }) => [id, depth])).toEqual([["1", 0], ["2", 1], ["3", 0]]);
    expect(linesOf(units, null, "环卫").map(({ unit: { id } }) => id)).toEqual(["1", "2"]);
    expect(linesOf(units, null, "traffic").map(({ unit: { id } }) => id)).toEqual(["3"]);
    expect(linesOf(units, "unit", "").map(({ unit: { id } }) => id)).toEqual(["1", "2"]);
    expect(linesOf(units, null, "nobody")).toEqual([]);
    expect(kindsOf(units)).toEqual(["bureau", "unit"]);
  });
});

describe("distances on the map", () => {
  test("stand in the middle of the length, not of the corners", () => {
    expect(halfway([[0, 0], [1, 0], [2, 0], [10, 0]])).toEqual([5, 0]);
    expect(halfway([[0, 0], [0, 4]])).toEqual([0, 2]);
    expect(halfway([[3, 3], [3, 3]])).toEqual([3, 3]);
  });
});

describe("the style of the map of areas", () => {
  const look: Look = {
    theme: "light", lang: "zh", tab: "areas", level: "grid", levels: ["district", "community", "grid"], outlined: "12", site: "3", pictures: null,
    tiles: tilesAt("http://x", "7", null), bounds: [116, 33, 117, 34],
  };
  test.each([look, { ...look, theme: "dark", lang: "en", outlined: null, site: null } as const, { ...look, pictures: { maxZoom: 18, tiles: "http://x/{z}/{x}/{y}" } }])(
    "is valid by the specification (%#)",
    (value) => expect(validateStyleMin(styleOf(value)).map((fault) => fault.message)).toEqual([]),
  );
  test("pictures lie under everything but the ground, and our own streets give way", () => {
    const layers = (value: Look): string[] => styleOf(value).layers.map(({ id }) => id);
    const own = layers(look);
    const over = layers({ ...look, pictures: { maxZoom: 18, tiles: "http://x/{z}/{x}/{y}" } });
    expect(own).toContain("street");
    expect(over).not.toContain("street");
    expect(own).not.toContain("raster");
    expect(over.indexOf("raster")).toBeLessThan(over.indexOf("edge-grid"));
  });
});

test("kinds of agencies are words in both languages; a city's own kind stays as its files have it", () => {
  const [zh, en] = [textFor("zh"), textFor("en")];
  for (const kind of UNIT_KINDS) {
    expect(kindWord(kind, zh), kind).toMatch(/\p{Script=Han}/u);
    expect(kindWord(kind, en), kind).toMatch(/^[A-Z]/);
  }
  expect(kindWord("海关", en)).toBe("海关");
});
