// Owns how measures are named and written: in which unit, with how many digits. Pure.
import type { MeasureName } from "../../api/counts";
import { type Lang, number, type Text } from "../../i18n/text";

/** Values are multiplied by `factor` before they are classed and written. */
export interface Scale {
  readonly factor: number;
  readonly unit: "one" | "percent" | "minute" | "hour" | "day";
  readonly digits: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** The unit in which most of these values can be read at a glance. */
export function scaleOf(measure: MeasureName, values: readonly (number | null)[]): Scale {
  switch (measure) {
    case "count":
    case "overdue":
      return { factor: 1, unit: "one", digits: 0 };
    case "per_100_households":
    case "per_km2":
      return { factor: 1, unit: "one", digits: 1 };
    case "overdue_share":
    case "closed_share":
    case "lowest_share":
      return { factor: 100, unit: "percent", digits: 1 };
    case "response_median_s":
    case "handling_median_s": {
      const known = values.filter((value) => value !== null).sort((a, b) => a - b);
      const middle = known[Math.floor(known.length / 2)] ?? 0;
      if (middle >= 2 * DAY) return { factor: 1 / DAY, unit: "day", digits: 1 };
      return middle >= 2 * HOUR ? { factor: 1 / HOUR, unit: "hour", digits: 1 } : { factor: 1 / MINUTE, unit: "minute", digits: 1 };
    }
  }
}

export const measureWord = (text: Text, measure: MeasureName): string => text(`board.measure.${measure}`);

/** "12", "3.4", "45.0 %", "7.1 min"; a dash for what cannot be said. */
export function writeValue(text: Text, scale: Scale, value: number | null): string {
  return value === null ? "—" : withUnit(text, scale, number(text.lang, value * scale.factor, scale.digits));
}

/** A number that is written already, with its unit where it has one. */
export const withUnit = (text: Text, { unit }: Scale, written: string): string => (unit === "one" ? written : text(`board.unit.${unit}`, { n: written }));

/** A difference in the printed unit: "+12", "−0.5", "±0". */
export function writeChange(lang: Lang, { digits }: Scale, scaled: number): string {
  if (Number(scaled.toFixed(digits)) === 0) return "±0";
  return `${scaled > 0 ? "+" : "−"}${number(lang, Math.abs(scaled), digits)}`;
}
