// Owns writing a rule: its name, how many days, from how many on.
import { type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import type { AlertMeasure, Tier } from "../../api/alerts";
import { useText } from "../../i18n/language";
import { alertMeasureWord, ruleWords, tierWord, written } from "./words";
import { LIMITS, measured, whole } from "./limits";

interface Written {
  /** Empty: the rule is called what it says. */
  readonly name: string;
  readonly days: number;
  readonly threshold: number;
}

interface Props {
  readonly level: Tier;
  readonly measure: AlertMeasure;
  readonly start: Written;
  readonly busy: boolean;
  readonly onSave: (written: Written) => void;
  readonly onCancel: () => void;
}

export function RuleForm({ level, measure, start, busy, onSave, onCancel }: Props) {
  const text = useText();
  const id = useId();
  const first = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(start.name);
  const [days, setDays] = useState(String(start.days));
  const [threshold, setThreshold] = useState(String(start.threshold));
  useEffect(() => first.current?.select(), []);
  const daysRead = whole(days, LIMITS.days);
  const thresholdRead = measured(threshold, LIMITS.threshold);
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    if (daysRead === null || thresholdRead === null) return;
    onSave({ name: name.trim(), days: daysRead, threshold: thresholdRead });
  };
  const placeholder = ruleWords(text, { by: level, measure, days: daysRead ?? start.days, threshold: thresholdRead ?? start.threshold });
  const fault = (limits: { readonly least: number; readonly most: number }) => <span className="fault">{text("signals.alerts.bad", limits)}</span>;
  return (
    <form className="rule-form" onSubmit={save} noValidate>
      <div className="field">
        <label className="label" htmlFor={`${id}-name`}>
          {text("signals.alerts.name")}
        </label>
        <input ref={first} id={`${id}-name`} className="input" value={name} maxLength={80} placeholder={placeholder} onChange={(event) => setName(event.target.value)} />
      </div>
      <div className="two">
        <div className="field">
          <label className="label" htmlFor={`${id}-days`}>
            {text("signals.alerts.days")}
          </label>
          <input id={`${id}-days`} className="input" inputMode="numeric" value={days} aria-invalid={daysRead === null} onChange={(event) => setDays(event.target.value)} />
          {daysRead === null ? fault(LIMITS.days) : null}
        </div>
        <div className="field">
          <label className="label" htmlFor={`${id}-threshold`}>
            {text("signals.alerts.threshold")}
          </label>
          <input id={`${id}-threshold`} className="input" inputMode="decimal" value={threshold} aria-invalid={thresholdRead === null} onChange={(event) => setThreshold(event.target.value)} />
          {thresholdRead === null ? fault(LIMITS.threshold) : null}
        </div>
      </div>
      {daysRead === null || thresholdRead === null ? null : <p className="help">{text("signals.alerts.sentence", { level: tierWord(text, level), n: daysRead, measure: alertMeasureWord(text, measure), threshold: written(text, thresholdRead) })}</p>}
      <div className="actions">
        <button type="submit" className="button primary" disabled={busy || daysRead === null || thresholdRead === null}>
          {text("signals.alerts.save")}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {text("signals.alerts.cancel")}
        </button>
      </div>
    </form>
  );
}
