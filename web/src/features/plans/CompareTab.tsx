// Owns two plans beside each other in figures: with what, totals before and after, grid by grid, downloads. The maps are the page's.
import type { UseQueryResult } from "@tanstack/react-query";
import { useId } from "react";
import { type Comparison, comparisonAddress, FATES, IN_FORCE } from "../../api/effects";
import type { Plan } from "../../api/plans";
import { DownloadIcon } from "../../design/icons";
import { Segmented } from "../../design/Segmented";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { useTheme } from "../../state/theme";
import { fateColour } from "./fates";
import { GridTable } from "./GridTable";
import { useChanges } from "./queries";
import { Totals } from "./Totals";
import { percent } from "./words";

interface Props {
  readonly plan: Plan;
  readonly plans: readonly Plan[];
  readonly other: string;
  readonly both: boolean;
  readonly found: UseQueryResult<Comparison>;
  readonly onOther: (other: string) => void;
  readonly onBoth: (both: boolean) => void;
  readonly onGrid: (community: string, number: number) => void;
}

export function CompareTab({ plan, plans, other, both, found, onOther, onBoth, onGrid }: Props) {
  const text = useText();
  const { theme } = useTheme();
  const id = useId();
  const told = found.data;
  // Such a plan draws nothing itself: what it rolls back is the nearest thing to stand beside it.
  const rolled = useChanges(plan.id).data?.find((one) => one.kind === "bring-back")?.payload.plan ?? null;
  return (
    <div className="tab-body compare" aria-busy={found.isFetching}>
      <div className="field">
        <label className="label" htmlFor={id}>
          {text("plans.compare.with")}
        </label>
        <select id={id} className="input" value={other} onChange={({ target }) => onOther(target.value)}>
          <option value={IN_FORCE}>{text("plans.compare.force")}</option>
          {plans
            .filter((one) => one.id !== plan.id && one.parts > 0)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} · {text(`plans.state.${one.state}`)}
              </option>
            ))}
        </select>
      </div>
      <Segmented
        label={text("plans.map")}
        value={both ? "both" : "one"}
        choices={[
          { value: "one", label: text("plans.compare.one") },
          { value: "both", label: text("plans.compare.both") },
        ]}
        onChange={(next) => onBoth(next === "both")}
      />
      {found.error === null ? null : <Trouble error={found.error} title={text("plans.compare.none")} onRetry={() => void found.refetch()} />}
      {rolled === null ? null : (
        <p className="notice">
          {text("plans.compare.returns")}{" "}
          {rolled === other ? null : (
            <button type="button" className="linklike" onClick={() => onOther(rolled)}>
              {text("plans.compare.returns.with", { name: plans.find((one) => one.id === rolled)?.name ?? `#${rolled}` })}
            </button>
          )}
        </p>
      )}
      {plan.parts === 0 && rolled === null ? <p className="notice">{text("plans.compare.none")}</p> : told === undefined ? found.error === null ? <p className="help">{text("plans.compare.busy")}</p> : null : figures(told)}
    </div>
  );

  function figures(of: Comparison) {
    const unchanged = FATES.every((fate) => fate === "same" || (of.fates[fate] ?? 0) === 0) && of.households_moved === 0;
    return (
      <>
        {unchanged ? <p className="notice">{text("plans.compare.same")}</p> : null}
        <dl className="figures-list">
          <div>
            <dt>{text("plans.compare.moved")}</dt>
            <dd data-testid="compared-moved">{text("plans.compare.of", { n: of.households_moved, share: percent(text, of.households === 0 ? 0 : of.households_moved / of.households) })}</dd>
          </div>
          {of.cases_moved === null ? null : (
            <div>
              <dt>{text("plans.compare.cases")}</dt>
              <dd data-testid="compared-cases">{number(text.lang, of.cases_moved)}</dd>
            </div>
          )}
        </dl>
        <ul className="fates" aria-label={text("plans.fate")}>
          {FATES.filter((fate) => (of.fates[fate] ?? 0) > 0).map((fate) => (
            <li key={fate}>
              <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                <rect width="12" height="12" rx="2" fill={fateColour(theme, fate)} stroke="currentColor" strokeOpacity="0.3" />
              </svg>
              {text(`plans.fate.${fate}`)} {number(text.lang, of.fates[fate] ?? 0)}
            </li>
          ))}
        </ul>
        <Totals compared={of.communities} />
        <GridTable compared={of.communities} onGrid={onGrid} />
        <div className="plan-actions">
          <a className="button" href={comparisonAddress(plan.id, other, "page")} download>
            <DownloadIcon />
            {text("plans.compare.page")}
          </a>
          <a className="button" href={comparisonAddress(plan.id, other, "file")} download>
            <DownloadIcon />
            {text("plans.compare.file")}
          </a>
        </div>
      </>
    );
  }
}
