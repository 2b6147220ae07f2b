import { describe, expect, test } from "vitest";
import type { Category } from "../src/api/duties";
import { grouped, score } from "../src/features/duties/categorySearch";

const category = (code: string, zh: string, en: string, pinyin: string, initials: string, group: string): Category => ({
  code,
  kind: "matter",
  names: { zh, en },
  group: { code: group, names: { zh: `类${group}`, en: `Group ${group}` } },
  incidents: Number(code) % 7,
  pinyin,
  initials,
});
const RUBBISH = category("06010", "暴露垃圾", "Exposed rubbish", "bao lu la ji", "bllj", "06");
const LAMP = category("01037", "路灯", "Street lamp", "lu deng", "ld", "01");
const COVER = category("01001", "供水井盖", "Water supply manhole cover", "gong shui jing gai", "gsjg", "01");
const ALL = [COVER, LAMP, RUBBISH];
const found = (question: string): string[] => grouped(ALL, question).flatMap((group) => group.items.map((item) => item.code));

describe("finding a category", () => {
  test.each([
    ["垃圾", ["06010"]],
    ["baolu", ["06010"]],
    ["bao lu", ["06010"]],
    ["bllj", ["06010"]],
    ["010", ["01001", "01037", "06010"]],
    ["lamp", ["01037"]],
    ["LAMP", ["01037"]],
    ["manhole", ["01001"]],
    ["zzz", []],
  ])("%s", (question, codes) => {
    expect(found(question).sort()).toEqual(codes);
  });

  test("the start of a code comes before its middle", () => {
    expect(found("010")).toEqual(["01001", "01037", "06010"]);
    expect(score(LAMP, "01037")).toBeGreaterThan(score(LAMP, "010"));
  });

  test("without a question everything is there, in the catalogue's order", () => {
    const groups = grouped(ALL, "");
    expect(groups.map((group) => group.code)).toEqual(["01", "06"]);
    expect(groups[0]?.items.map((item) => item.code)).toEqual(["01001", "01037"]);
  });
});
