import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, test } from "vitest";
import { LEVELS } from "../src/api/city";
import { type Look, styleOf } from "../src/pages/map/style";

const look = (part: Partial<Look>): Look => ({
  theme: "light",
  lang: "zh",
  level: "grid",
  levels: LEVELS,
  paint: "areas",
  classes: 6,
  counts: true,
  hidden: [],
  outlined: null,
  site: null,
  tiles: (layer) => `http://localhost/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt`,
  bounds: [117, 32, 118, 33],
  total: 20_000,
  pictures: null,
  ...part,
});

describe("the map's style", () => {
  test.each([
    look({}),
    look({ theme: "dark", lang: "en", paint: "heat", level: "community", outlined: "12" }),
    look({ classes: 0, hidden: [0, 5], level: "district", levels: ["district", "grid"] }),
    look({ classes: 1 }),
    look({ counts: false, classes: 0 }),
    look({ pictures: { maxZoom: 18, tiles: "http://x/api/v1/basemap/{z}/{x}/{y}" } }),
  ])("is valid by the specification (%#)", (value) => {
    expect(validateStyleMin(styleOf(value)).map((fault) => fault.message)).toEqual([]);
  });

  test("the control: a broken style is found", () => {
    const style = styleOf(look({}));
    const [first] = style.layers;
    if (first === undefined) throw new Error("no layers");
    expect(validateStyleMin({ ...style, layers: [{ ...first, paint: { "background-color": 5 } } as never] })).not.toEqual([]);
  });

  test("asks no other host for anything: no glyphs, no sprite, only our tiles", () => {
    const style = styleOf(look({}));
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    const addresses = JSON.stringify(style).match(/[a-z]+:\/\/[^/"]*/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(["http://localhost"]));
  });

  test("layers keep their ids whatever is shown, so that only differences are applied", () => {
    const ids = (value: Look): string[] => styleOf(value).layers.map((layer) => layer.id);
    expect(ids(look({ theme: "dark", paint: "heat", level: "district", outlined: "7" }))).toEqual(ids(look({})));
  });

  test("whoever may not count is asked nothing about incidents", () => {
    const asked = (counts: boolean) => {
      const { sources, layers } = styleOf(look({ counts }));
      return [Object.keys(sources), layers.map((layer) => ("source" in layer ? layer.source : ""))].map((names) => names.includes("incidents"));
    };
    expect(asked(false)).toEqual([false, false]);
    expect(asked(true)).toEqual([true, true]);
  });
});
