// Owns the legend of a comparison: the steps around "as before", how many areas stand on each, the whole as a sentence.
import { useText } from "../../i18n/language";
import { number, type Text } from "../../i18n/text";
import type { Theme } from "../../state/theme";
import { FEW, signed, steps } from "./changes";
import { DIVERGING } from "./ramp";
import type { Comparison } from "./useComparison";
import "../analytics/legend.css";
import "./comparison.css";

interface Props {
  readonly comparison: Comparison;
  readonly lines: readonly string[];
  readonly theme: Theme;
}

const WORDS = ["signals.compare.step.0", "signals.compare.step.1", "signals.compare.step.2", "signals.compare.step.3", "signals.compare.step.4"] as const;

export function CompareLegend({ comparison, lines, theme }: Props) {
  const text = useText();
  const { changes, known } = comparison;
  const counted = steps(changes ?? []);
  return (
    <section className="legend compare-legend" aria-label={text("signals.compare.legend")} aria-busy={known !== "none" && changes === undefined}>
      <h2>{text("signals.compare.legend")}</h2>
      {lines.map((line) => (
        <p key={line} className="help">
          {line}
        </p>
      ))}
      {known === "none" ? null : (
        <>
          <p className="compare-total" data-testid="compared">
            {totalText(text, comparison)}
          </p>
          <ul>
            {WORDS.map((word, index) => (
              <li key={word} className="blank">
                <span className="swatch" style={{ backgroundColor: DIVERGING[theme].steps[index] }} />
                <span className="range">{text(word)}</span>
                <span className="soft">{text("legend.areas", { n: counted[index] ?? 0 })}</span>
              </li>
            )).toReversed()}
          </ul>
        </>
      )}
    </section>
  );
}

/** "1,204 incidents, 1,090 before: +114 (1.1 times)"; where chance may explain it, that and no ratio. */
export function totalText(text: Text, { total }: Comparison): string {
  if (total === undefined) return "…";
  const { now, before, difference, ratio, sure } = total;
  if (!sure) return text("signals.compare.total.same", { n: now, before });
  return text("signals.compare.total", {
    n: now,
    before,
    difference: signed(difference, (value) => number(text.lang, value)),
    ratio: ratio === null || before < FEW ? "—" : text("signals.times", { n: number(text.lang, ratio, 1) }),
  });
}
