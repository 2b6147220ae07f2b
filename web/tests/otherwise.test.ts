import { describe, expect, test } from "vitest";
import type { Boundary } from "../src/api/boundaries";
import { anchorsOf, shapesDrawn } from "../src/features/comparison/otherwise";

const DEG_KM = 111.32;
const square = (west: number, south: number, side: number): number[][] => [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]];
const boundary = (id: string, geometry: Boundary["geometry"]): Boundary => ({ id, properties: { code: `c${id}`, names: { zh: `第${id}网格`, en: `Grid ${id}` }, label: [117, 60] }, geometry });
const ONE = boundary("-3", { type: "Polygon", coordinates: [square(117, 60, 0.1), square(117.02, 60.02, 0.05)] });
const TWO = boundary("4", { type: "MultiPolygon", coordinates: [[square(117, 60, 0.1)], [square(118, 60, 0.1)]] });

describe("areas of other boundaries", () => {
  test("are known as those in force are: name, place, size without holes, all parts", () => {
    const anchors = anchorsOf("grid", [ONE, TWO]);
    const whole = (0.1 * DEG_KM) ** 2 * Math.cos(Math.PI / 3);
    expect(anchors.get("-3")).toMatchObject({ id: "-3", level: "grid", code: "c-3", names: { en: "Grid -3" }, label: { lon: 117, lat: 60 } });
    expect(anchors.get("-3")?.area_km2).toBeCloseTo(whole * 0.75, 6);
    expect(anchors.get("4")?.area_km2).toBeCloseTo(whole * 2, 6);
  });

  test("are drawn by their class; what was not counted has none", () => {
    const drawn = shapesDrawn([ONE, TWO], new Map([["4", 2]]));
    expect(drawn.features.map((one) => one.properties)).toEqual([{ id: "-3", c: -1 }, { id: "4", c: 2 }]);
  });
});
