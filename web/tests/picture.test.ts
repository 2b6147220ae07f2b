import { describe, expect, test } from "vitest";
import { layout, LEGEND_COLUMN, SWATCH, wrapped } from "../src/features/export/picture";

const measure = (words: string, px: number): number => Array.from(words).reduce((sum, letter) => sum + (letter > "\u3000" ? px : px / 2), 0);
const ROWS = [1, 2, 3, 4, 5, 6].map((n) => ({ colour: "#000000", words: `${n}`, figure: "9" }));
const PARTS = { title: "件数", legendTitle: "各社区件数", rows: ROWS, source: "来源" };

describe("the picture of a view", () => {
  test("everything lies within it, and nothing over the map", () => {
    for (const map of [{ width: 1400, height: 800 }, { width: 380, height: 700 }, { width: 900, height: 90 }]) {
      const placed = layout(map, { ...PARTS, title: "一个很长的标题，".repeat(30) }, measure);
      const bottom = placed.map.y + placed.map.height;
      for (const row of placed.rows) {
        expect(row.x + LEGEND_COLUMN <= placed.width || placed.width < LEGEND_COLUMN).toBe(true);
        expect(row.x >= placed.map.x + placed.map.width || row.y >= bottom).toBe(true);
        expect(row.y + SWATCH.height).toBeLessThan(placed.source.y);
      }
      for (const line of placed.title) {
        expect(line.y).toBeLessThan(placed.map.y);
        expect(measure(line.words, 20)).toBeLessThanOrEqual(placed.width);
      }
      expect(bottom).toBeLessThan(placed.source.y);
      expect(placed.source.y).toBeLessThan(placed.height);
    }
  });

  test("the legend stands beside a wide map, below a tall one", () => {
    expect(layout({ width: 1400, height: 800 }, PARTS, measure).rows[0]?.x).toBeGreaterThan(1400);
    expect(layout({ width: 380, height: 700 }, PARTS, measure).rows[0]?.x).toBeLessThan(380);
  });

  test("lines are broken where the languages allow it", () => {
    const wide = (words: string): number => words.length;
    expect(wrapped("37 cases, last 7 days", 10, wide)).toEqual(["37 cases,", "last 7", "days"]);
    expect(wrapped("三十七件近七天", 4, wide)).toEqual(["三十七件", "近七天"]);
    expect(wrapped("", 4, wide)).toEqual([]);
  });
});
