// Owns the table of totals before and after, with what changes.
import type { Compared } from "../../api/effects";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { gridsOn, type Measure, totalsOf } from "./totals";
import { percent, signed } from "./words";

export function Totals({ compared }: { readonly compared: readonly Compared[] }) {
  const text = useText();
  const [before, after] = [gridsOn(compared, "before"), gridsOn(compared, "after")];
  const lost = (side: "unassigned_before" | "unassigned_after"): number => compared.reduce((sum, one) => sum + one[side], 0);
  const written = (measure: Measure, value: number | null): string => (value === null ? "—" : measure === "compactness" ? number(text.lang, value, 3) : percent(text, value));
  const change = (measure: Measure, was: number | null, is: number | null): string => {
    if (was === null || is === null) return "";
    return measure === "compactness" ? signed(text, is - was, 3) : `${signed(text, (is - was) * 100, 1)} %`;
  };
  return (
    <table className="figures totals">
      <thead>
        <tr>
          <th scope="col">{text("plans.compare.figure")}</th>
          <th scope="col" className="figure">
            {text("plans.compare.was")}
          </th>
          <th scope="col" className="figure">
            {text("plans.compare.is")}
          </th>
          <th scope="col" className="figure">
            {text("plans.compare.change")}
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{text("plans.compare.grids")}</th>
          <td className="figure">{number(text.lang, before)}</td>
          <td className="figure">{number(text.lang, after)}</td>
          <td className="figure">{signed(text, after - before)}</td>
        </tr>
        {totalsOf(compared).map((one) => (
          <tr key={one.measure}>
            <th scope="row">{text(`plans.metric.${one.measure}`)}</th>
            <td className="figure">{written(one.measure, one.before)}</td>
            <td className="figure">{written(one.measure, one.after)}</td>
            <td className="figure">{change(one.measure, one.before, one.after)}</td>
          </tr>
        ))}
        {lost("unassigned_before") + lost("unassigned_after") === 0 ? null : (
          <tr>
            <th scope="row">{text("plans.compare.unassigned")}</th>
            <td className="figure">{number(text.lang, lost("unassigned_before"))}</td>
            <td className="figure">{number(text.lang, lost("unassigned_after"))}</td>
            <td className="figure">{signed(text, lost("unassigned_after") - lost("unassigned_before"))}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
