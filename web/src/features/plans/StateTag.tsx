// Owns how the state of a plan is told: always in words, in the state's colour where that helps.
import type { PlanState } from "../../api/plans";
import { useText } from "../../i18n/language";

const TONE: Readonly<Record<PlanState, string>> = { draft: "", review: " warn", approved: " accent", effective: " good", retired: "", dropped: "" };

export function StateTag({ state }: { readonly state: PlanState }) {
  const text = useText();
  return (
    <span className={`tag${TONE[state]}`} data-state={state}>
      {text(`plans.state.${state}`)}
    </span>
  );
}
