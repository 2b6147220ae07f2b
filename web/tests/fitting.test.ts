// The drawing that stands in for the map lies where the map will.
import { describe, expect, it } from "vitest";
import { FIT, fillsOf, mercator, viewBox } from "../src/map/fitting";

const WORLD = 2 ** 24;
const numbers = (box: string): number[] => box.split(" ").map(Number);
/** Where a place is drawn, in pixels of a map of this size. */
function pixel(box: string, origin: readonly [number, number], width: number, lon: number, lat: number): readonly [number, number] {
  const [x = 0, y = 0, w = 1] = numbers(box);
  const [mx, my] = mercator(lon, lat);
  const scale = width / w;
  return [(mx * WORLD - origin[0] - x) * scale, (my * WORLD - origin[1] - y) * scale];
}
const origin = [13_835_000, 6_750_000] as const;
const outlines = { world: WORLD, origin };

describe("the drawing", () => {
  it("knows the corners of Web Mercator", () => {
    expect(mercator(-180, 0)).toEqual([0, 0.5]);
    expect(mercator(0, 85.05112878)[1]).toBeCloseTo(0, 8);
  });

  it("has a camera's middle in the middle, and its zoom", () => {
    const box = viewBox(outlines, { lon: 117, lat: 33, zoom: 12 }, 900, 600);
    const [x, y] = pixel(box, origin, 900, 117, 33);
    expect(x).toBeCloseTo(450, 1);
    expect(y).toBeCloseTo(300, 1);
    const [, , width = 0] = numbers(box);
    expect(900 / width).toBeCloseTo((512 * 2 ** 12) / WORLD, 4);
  });

  it("fits a box between what lies above it, as the map does", () => {
    const box = viewBox(outlines, [116.85, 33.08, 116.95, 33.15], 900, 600);
    const [west, north] = pixel(box, origin, 900, 116.85, 33.15);
    const [east, south] = pixel(box, origin, 900, 116.95, 33.08);
    const { top, right, bottom, left } = FIT.padding;
    const free = [west - left, 900 - right - east, north - top, 600 - bottom - south];
    for (const room of free) expect(room).toBeGreaterThanOrEqual(-0.5);
    expect(Math.min(...free)).toBeLessThan(0.5);
    expect(west - left).toBeCloseTo(900 - right - east, 0);
    expect(north - top).toBeCloseTo(600 - bottom - south, 0);
  });

  it("comes no nearer than the map does", () => {
    const [, , width = 0] = numbers(viewBox(outlines, [117, 33, 117.00001, 33.00001], 900, 600));
    expect(900 / width).toBeCloseTo((512 * 2 ** FIT.maxZoom) / WORLD, 2);
  });
});

it("fills what has a class that is shown", () => {
  const fills = fillsOf(new Map([["a", 0], ["b", 1], ["c", 7]]), ["#eee", "#888"], [1]);
  expect([...fills]).toEqual([["a", "#eee"]]);
});
