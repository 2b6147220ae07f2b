// Owns saying whose boundaries are shown, and the way back to those in force.
import { useText } from "../../i18n/language";
import { dayText } from "../../i18n/text";
import { isDay } from "../../time/days";
import type { Plan } from "../../api/plans";

interface Props {
  readonly asBy: string;
  readonly plans: readonly Plan[];
  readonly busy: boolean;
  readonly onEnd: () => void;
}

export function Whose({ asBy, plans, busy, onEnd }: Props) {
  const text = useText();
  const whose = isDay(asBy)
    ? text("signals.asby.whose.date", { day: dayText(text.lang, asBy) })
    : text("signals.asby.whose.plan", { name: plans.find((plan) => plan.id === asBy)?.name ?? asBy });
  return (
    <div className="whose" role="status" aria-busy={busy}>
      <span>{text("signals.asby.shown", { whose })}</span>
      <button type="button" className="button plain" onClick={onEnd}>
        {text("signals.asby.end")}
      </button>
    </div>
  );
}
