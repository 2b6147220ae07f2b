// Owns the four steps from a draft to boundaries in force, and which of them a plan has come to.
import type { PlanState } from "../../api/plans";
import { useText } from "../../i18n/language";

const STEPS = ["draft", "review", "approved", "effective"] as const;

export function Steps({ state }: { readonly state: PlanState }) {
  const text = useText();
  const reached = state === "retired" ? STEPS.length - 1 : STEPS.findIndex((one) => one === state);
  return (
    <ol className="steps" aria-label={text("plans.publish.steps")}>
      {STEPS.map((one, index) => (
        <li key={one} data-reached={index <= reached} aria-current={index === reached ? "step" : undefined}>
          {text(`plans.publish.step.${one}`)}
        </li>
      ))}
    </ol>
  );
}
