// Owns how thresholds are put into words. Pure.
import type { AlertMeasure, AlertRule, Tier } from "../../api/alerts";
import { levelWord, number, type Text } from "../../i18n/text";

export const tierWord = (text: Text, tier: Tier): string => (tier === "city" ? text("signals.alerts.city") : levelWord(text, tier));

export function alertMeasureWord(text: Text, measure: AlertMeasure): string {
  const word = text(`signals.measure.${measure}`);
  return text.lang === "en" ? word.toLowerCase() : word;
}

/** With as many digits as it has, two at most. */
export const written = (text: Text, value: number): string => number(text.lang, value, Number.isInteger(value) ? 0 : Number.isInteger(value * 10) ? 1 : 2);

type Ruled = Pick<AlertRule, "by" | "days" | "measure" | "threshold">;

export const ruleWords = (text: Text, { by, days, measure, threshold }: Ruled): string =>
  text("signals.alerts.rule", { by: tierWord(text, by), n: days, measure: alertMeasureWord(text, measure), threshold: written(text, threshold) });

/** What a rule is called; where it has no name, what it says. */
export const called = (text: Text, names: AlertRule["names"], otherwise: string): string => (names[text.lang].trim() === "" ? otherwise : names[text.lang]);
