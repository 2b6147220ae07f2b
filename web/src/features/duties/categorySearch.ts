// Owns finding categories by name, pinyin, initials or code, and laying them out in groups. Pure.
import type { Names } from "../../api/check";
import type { Category } from "../../api/duties";

export interface Group {
  readonly key: string;
  readonly code: string;
  readonly kind: string;
  readonly names: Names;
  readonly items: readonly Category[];
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s'’·-]/g, "");

/** How well a category answers the question; 0 = not at all. The start of a word beats its middle, a code beats all. */
export function score(category: Category, question: string): number {
  const wanted = plain(question);
  if (wanted === "") return 1;
  const code = category.code.toLowerCase();
  if (code === wanted) return 100;
  if (code.startsWith(wanted)) return 80;
  const texts = [category.names.zh, category.names.en, category.pinyin, category.initials].map(plain);
  if (texts.includes(wanted)) return 70;
  if (texts.some((text) => text.startsWith(wanted))) return 60;
  if (category.names.en.toLowerCase().split(/\W+/).some((word) => word.startsWith(wanted))) return 50;
  if (texts.some((text) => text.includes(wanted))) return 30;
  return code.includes(wanted) ? 20 : 0;
}

/** With no question: the groups in the catalogue's order. With one: only what matches, the best group first. */
export function grouped(categories: readonly Category[], question: string): Group[] {
  const groups = new Map<string, { group: Omit<Group, "items">; items: { category: Category; score: number }[] }>();
  for (const category of categories) {
    const found = score(category, question);
    if (found === 0) continue;
    const code = category.group.code ?? "";
    const key = `${category.kind}/${code}`;
    const entry = groups.get(key) ?? {
      group: { key, code, kind: category.kind, names: category.group.names },
      items: [],
    };
    entry.items.push({ category, score: found });
    groups.set(key, entry);
  }
  const best = (entry: { items: { score: number }[] }): number => Math.max(...entry.items.map((item) => item.score));
  const asked = question.trim() !== "";
  const ordered = [...groups.values()];
  if (asked) ordered.sort((a, b) => best(b) - best(a));
  return ordered.map(({ group, items }) => ({
    ...group,
    items: (asked ? items.toSorted((a, b) => b.score - a.score) : items).map((item) => item.category),
  }));
}
