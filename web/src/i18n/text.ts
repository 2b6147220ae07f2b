// Owns turning keys, numbers, days and distances into the words of one language. Pure: no React, no clock.
import type { Level } from "../api/city";
import { en, enOne } from "./en";
import { type Key, zh } from "./zh";

export type Lang = "zh" | "en";
export type Vars = Readonly<Record<string, string | number>>;

export const LANG_TAG: Readonly<Record<Lang, string>> = { zh: "zh-CN", en: "en" };

export interface Text {
  readonly lang: Lang;
  /** The words for a key; numbers among the variables are written as the language does. `n` = 1 takes the singular. */
  (key: Key, vars?: Vars): string;
}

export function textFor(lang: Lang): Text {
  const write = (key: Key, vars: Vars = {}): string => {
    const singular = lang === "en" && vars["n"] === 1 ? enOne[key] : undefined;
    const pattern = singular ?? (lang === "zh" ? zh : en)[key];
    return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = vars[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? number(lang, value) : value;
    });
  };
  return Object.assign(write, { lang });
}

/** The name of a level inside a sentence. */
export function levelWord(text: Text, level: Level): string {
  const word = text(`level.${level}`);
  return text.lang === "en" ? word.toLowerCase() : word;
}

/** Made once: making one costs far more than writing a number with it. */
const FORMATS = new Map<string, Intl.NumberFormat>();

export function number(lang: Lang, value: number, digits = 0): string {
  const key = `${lang}${String(digits)}`;
  const format = FORMATS.get(key) ?? new Intl.NumberFormat(LANG_TAG[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits });
  FORMATS.set(key, format);
  return format.format(value);
}

/** A day (YYYY-MM-DD) as people write it; the year is left out when `short`. */
export function dayText(lang: Lang, day: string, short = false): string {
  const options: Intl.DateTimeFormatOptions = short
    ? { month: lang === "zh" ? "numeric" : "short", day: "numeric" }
    : { year: "numeric", month: lang === "zh" ? "numeric" : "short", day: "numeric" };
  return new Intl.DateTimeFormat(LANG_TAG[lang], { ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** An instant in the city's own time. */
export function instantText(lang: Lang, instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LANG_TAG[lang], { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(instant));
}

/** Metres below a kilometre, then kilometres with one or two digits. */
export function distanceText(text: Text, metres: number): string {
  if (metres < 999.5) return text("unit.m", { n: Math.round(metres) });
  const km = metres / 1000;
  return text("unit.km", { n: number(text.lang, km, km < 10 ? 2 : 1) });
}

/** The first of the wished languages that the pages speak; Chinese when none is. */
export function oneOfLangs(wished: readonly string[]): Lang {
  const found = wished.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag === "zh" || tag === "en");
  return found === "en" ? "en" : "zh";
}
