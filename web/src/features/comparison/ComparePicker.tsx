// Owns choosing what the window is compared with, and saying which days that are.
import { Pick } from "../../design/Drop";
import { useText } from "../../i18n/language";
import { dayText, instantText, type Text } from "../../i18n/text";
import { AGAINST, type Against, type Days } from "./spans";
import type { Comparison } from "./useComparison";

interface Props {
  readonly value: Against | null;
  readonly onChange: (against: Against | null) => void;
}

export function ComparePicker({ value, onChange }: Props) {
  const text = useText();
  const choices = [{ value: "" as const, label: text("signals.compare.none") }, ...AGAINST.map((one) => ({ value: one, label: text(`signals.compare.${one}`) }))];
  return <Pick<Against | ""> named label={text("signals.compare")} value={value ?? ""} choices={choices} onChange={(one) => onChange(one === "" ? null : one)} />;
}

const daysText = (text: Text, { from, to }: Days): string => {
  // The year once, where it is the same.
  const short = from.slice(0, 4) === to.slice(0, 4);
  return from === to ? dayText(text.lang, from) : `${dayText(text.lang, from)} – ${dayText(text.lang, to, short)}`;
};

/** What is compared, as a line; with what makes it less than it seems. */
export function comparedWith(text: Text, { before, known, cut }: Comparison, first: string, zone: string): string[] {
  const span = daysText(text, before);
  if (known === "none") return [text("signals.compare.nothing", { span })];
  return [
    text(before.aligned === "weekdays" ? "signals.compare.with.weekdays" : "signals.compare.with", { span }),
    ...(known === "part" ? [text("signals.compare.part", { span, from: dayText(text.lang, first) })] : []),
    ...(cut === null ? [] : [text("signals.compare.cut", { at: instantText(text.lang, cut, zone) })]),
  ];
}
