// Owns the list of plans: state, name, why, who, where and when; the newest first, by state where that is asked for.
import { useState } from "react";
import { type Plan, type PlanState, STATES } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useMay } from "../../state/session";
import { usePlanList } from "./queries";
import { StateTag } from "./StateTag";
import { timeLine } from "./words";

interface Props {
  readonly zone: string;
  readonly nameOf: (community: string) => string;
  readonly onOpen: (id: string) => void;
}

export function PlanList({ zone, nameOf, onOpen }: Props) {
  const text = useText();
  const may = useMay();
  const [state, setState] = useState<PlanState | null>(null);
  const found = usePlanList(state);
  const plans = found.data?.pages.flatMap((page) => page.items);
  return (
    <section className="plans-list" aria-label={text("plans.title")} aria-busy={found.isPending}>
      {state === null && plans?.length === 0 ? null : (
        <label className="plans-filter">
          <span className="visually-hidden">{text("plans.filter")}</span>
          <select className="input" value={state ?? ""} onChange={({ target }) => setState(STATES.find((one) => one === target.value) ?? null)}>
            <option value="">{text("plans.filter.all")}</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {text(`plans.state.${one}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      {found.isError ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {plans === undefined && !found.isError ? <Waiting /> : null}
      {plans?.length === 0 ? (
        <div className="plans-empty">
          <p>{text(state === null ? "plans.none" : "plans.filter.none")}</p>
          {state === null ? <p className="help">{text(may("plans.edit") ? "plans.none.do" : "plans.none.wait")}</p> : null}
        </div>
      ) : null}
      <ul>
        {plans?.map((plan) => (
          <li key={plan.id}>
            <button type="button" className="plan-row" data-plan={plan.id} onClick={() => onOpen(plan.id)}>
              <span className="plan-row-head">
                <strong>{plan.name}</strong>
                <StateTag state={plan.state} />
              </span>
              {plan.purpose === "" ? null : <span className="plan-row-why">{plan.purpose}</span>}
              <span className="help">{where(plan)}</span>
              <span className="help">{[timeLine(text, plan, zone), made(plan)].filter((part) => part !== null).join(" · ")}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.hasNextPage ? (
        <button type="button" className="button" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {text("plans.more")}
        </button>
      ) : null}
    </section>
  );

  function where(plan: Plan): string {
    if (plan.parts === 0) return text("plans.communities.none");
    const shown = plan.communities.slice(0, 3).map(nameOf).join(text.lang === "zh" ? "、" : ", ");
    const names = plan.parts > 3 ? text("plans.communities.more", { names: shown, n: plan.parts }) : shown;
    const drawn = plan.operations === 0 || plan.drawn_at === null ? text("plans.undrawn") : text("plans.drawn", { n: plan.operations, when: instantText(text.lang, plan.drawn_at, zone) });
    return `${names} · ${drawn}`;
  }

  function made(plan: Plan): string {
    const when = instantText(text.lang, plan.created_at, zone);
    return plan.created_by_account === null ? text("plans.made", { when }) : text("plans.by", { who: plan.created_by_account, when });
  }
}

function Waiting() {
  return (
    <div aria-hidden="true" className="plans-waiting">
      {[0, 1, 2].map((row) => (
        <span key={row}>
          <span className="skeleton" />
          <span className="skeleton" />
        </span>
      ))}
    </div>
  );
}
