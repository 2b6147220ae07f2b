// Owns what the legend of the board says. Pure.
import type { Level } from "../../api/city";
import type { MeasureName } from "../../api/counts";
import { type Classes, rangeOf } from "../../features/analytics/breaks";
import { measureWord } from "../../features/analytics/measures";
import { levelWord, number, type Text } from "../../i18n/text";
import type { LegendRows } from "./slots";
import type { BoardView } from "./view";

export function titleOf(text: Text, view: BoardView, measure: MeasureName, level: Level, bandwidthM: number): string {
  switch (view.paint) {
    case "areas":
      return text(view.of === "cases" ? "board.legend.cases" : "board.legend.of", { level: levelWord(text, level), measure: measureWord(text, measure) });
    case "heat":
      return text("legend.heat");
    case "hexagons":
      return text("board.legend.hexagons");
    case "surface":
      return text("board.legend.surface", { n: Math.round(bandwidthM) });
  }
}

/** For pictures and print; null where there are no classes. */
export function legendRows(text: Text, title: string, classes: Classes, colours: readonly string[]): LegendRows | null {
  if (classes.bins.length === 0) return null;
  const write = (value: number): string => number(text.lang, value, classes.digits);
  return {
    title,
    rows: classes.bins.map((bin, index) => ({
      colour: colours[index] ?? "",
      words: rangeOf(bin, index === classes.bins.length - 1, classes.digits, write),
      figure: text("legend.areas", { n: bin.areas }),
    })),
  };
}
