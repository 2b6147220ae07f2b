import { describe, expect, test } from "vitest";
import { en, enOne } from "../src/i18n/en";
import { distanceText, oneOfLangs, textFor } from "../src/i18n/text";
import { type Key, zh } from "../src/i18n/zh";

const places = (pattern: string): string[] => [...pattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
const keys = Object.keys(zh) as Key[];

describe("the words", () => {
  test("every key stands in both languages, with something in it", () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(zh[key].trim(), key).not.toBe("");
      expect(en[key].trim(), key).not.toBe("");
    }
  });

  test("the same places to fill in, in both languages and in the singular", () => {
    for (const key of keys) expect(places(en[key]), key).toEqual(places(zh[key]));
    for (const [key, pattern] of Object.entries(enOne)) expect(places(pattern), key).toEqual(places(en[key as Key]));
  });

  test("no English letters where 中文 is meant, but for names of things", () => {
    const foreign = keys.filter((key) => /[A-Za-z]{2,}/.test(zh[key].replace(/\{\w+\}|WGS-84|WebGL 2|CSV|PNG|Getis-Ord|Moran|English/g, "")));
    expect(foreign).toEqual([]);
  });

  test("numbers, the singular, distances", () => {
    expect(textFor("en")("time.total", { n: 1 })).toBe("1 incident");
    expect(textFor("en")("time.total", { n: 20113 })).toBe("20,113 incidents");
    expect(textFor("zh")("time.total", { n: 1 })).toBe("1 件");
    expect(distanceText(textFor("en"), 12.4)).toBe("12 m");
    expect(distanceText(textFor("en"), 999.6)).toBe("1.00 km");
    expect(distanceText(textFor("zh"), 12345)).toBe("12.3 公里");
  });

  test("the browser's wish, then Chinese", () => {
    expect(oneOfLangs(["fr-FR", "en-GB", "zh"])).toBe("en");
    expect(oneOfLangs(["zh-TW"])).toBe("zh");
    expect(oneOfLangs(["fr"])).toBe("zh");
    expect(oneOfLangs([])).toBe("zh");
  });
});
