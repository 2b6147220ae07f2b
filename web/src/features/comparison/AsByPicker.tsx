// Owns choosing by whose boundaries is counted: those in force, a plan's, or those of a day.
import { useState } from "react";
import type { Plan } from "../../api/plans";
import { Pick } from "../../design/Drop";
import { useText } from "../../i18n/language";
import { isDay } from "../../time/days";

interface Props {
  /** A plan's id or a day; null = those in force. */
  readonly value: string | null;
  readonly plans: readonly Plan[];
  /** The last day that can be asked for. */
  readonly today: string;
  readonly onChange: (asBy: string | null) => void;
}

const DAY = "day";

export function AsByPicker({ value, plans, today, onChange }: Props) {
  const text = useText();
  const [byDay, setByDay] = useState(false);
  const dated = byDay || (value !== null && isDay(value));
  const choices = [
    { value: "", label: text("signals.asby.now") },
    { value: DAY, label: text("signals.asby.date") },
    ...plans.map((plan) => ({ value: plan.id, label: text("signals.asby.plan", { name: plan.name }) })),
  ];
  return (
    <span className="asby-picker">
      <Pick
        named
        label={text("signals.asby")}
        value={dated ? DAY : (value ?? "")}
        choices={choices}
        onChange={(chosen) => {
          setByDay(chosen === DAY);
          if (chosen !== DAY) onChange(chosen === "" ? null : chosen);
        }}
      />
      {dated ? (
        <input
          className="input"
          type="date"
          aria-label={text("signals.asby.date")}
          max={today}
          defaultValue={value !== null && isDay(value) ? value : ""}
          onChange={(event) => {
            if (isDay(event.target.value)) onChange(event.target.value);
          }}
        />
      ) : null}
    </span>
  );
}
