// Owns saying in one sentence what is counted and how much that is. Pure.
import type { Asked, Usual } from "../../features/analytics/asked";
import { dayText, number, type Text } from "../../i18n/text";
import { addDays } from "../../time/days";

export interface Named {
  readonly categories: readonly string[];
  readonly agencies: readonly string[];
  readonly channels: readonly string[];
  readonly states: readonly string[];
  readonly area: string | null;
}

/** The days that are shown, in words; `last`: the last day that there is data of. */
export function periodText(text: Text, asked: Pick<Asked, "from" | "to">, cumulative: boolean, last: string | null): string {
  const { from, to } = asked;
  const end = to ?? last;
  if (cumulative && to !== null) return text("board.sentence.upto", { to: dayText(text.lang, to) });
  if (from === null && to === null) return text("board.sentence.all");
  if (from === null) return end === null ? text("board.sentence.all") : text("board.sentence.upto", { to: dayText(text.lang, end) });
  if (end === null || from === end) return dayText(text.lang, from);
  if (end === last && addDays(from, 6) === end) return text("board.sentence.week");
  return text("time.window", { from: dayText(text.lang, from), to: dayText(text.lang, end) });
}

const listed = (text: Text, names: readonly string[]): string => names.join(text.lang === "zh" ? "、" : ", ");

/** "37 cases" · "last 7 days" · "of 环境卫生". */
export function sentenceParts(text: Text, of: Asked["of"], total: number, period: string, named: Named): string[] {
  return [
    text(of === "cases" ? "board.sentence.cases" : "board.sentence.incidents", { n: total }),
    period,
    ...(named.area === null ? [] : [text("board.sentence.area", { name: named.area })]),
    ...(named.categories.length === 0 ? [] : [text("board.sentence.category", { names: listed(text, named.categories) })]),
    ...(named.agencies.length === 0 ? [] : [text("board.sentence.agency", { names: listed(text, named.agencies) })]),
    ...(named.channels.length === 0 ? [] : [text("board.sentence.channel", { names: listed(text, named.channels) })]),
    ...(named.states.length === 0 ? [] : [text("board.sentence.state", { names: listed(text, named.states) })]),
  ];
}

export const joined = (text: Text, parts: readonly string[]): string => parts.join(text.lang === "zh" ? "，" : ", ");

/** "12 more than usual"; null where nothing is known of what is usual. */
export function againstUsual(text: Text, total: number, usual: Usual | null): string | null {
  if (usual === null) return null;
  const difference = Math.round(total - usual.mean);
  if (difference === 0) return text("board.sentence.same");
  return text(difference > 0 ? "board.sentence.more" : "board.sentence.fewer", { n: Math.abs(difference) });
}

export const usualText = (text: Text, usual: Usual): string => text("board.sentence.usual", { n: usual.spans, mean: number(text.lang, usual.mean, usual.mean < 10 ? 1 : 0) });
