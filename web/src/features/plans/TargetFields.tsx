// Owns the two fields of a target: households a grid should have, and by how much it may miss them.
import { useId } from "react";
import type { Target } from "../../api/plans";
import { useText } from "../../i18n/language";

interface Props {
  readonly value: Target;
  readonly onChange: (value: Target) => void;
}

export function TargetFields({ value, onChange }: Props) {
  const text = useText();
  const id = useId();
  return (
    <div className="target-fields">
      <div className="field">
        <label className="label" htmlFor={`${id}-households`}>
          {text("plans.new.target")}
        </label>
        <input id={`${id}-households`} className="input" type="number" min={1} max={100000} required value={value.households} onChange={({ target }) => onChange({ ...value, households: target.valueAsNumber || 0 })} />
      </div>
      <div className="field">
        <label className="label" htmlFor={`${id}-band`}>
          {text("plans.new.band")}
        </label>
        <span className="with-unit">
          <input id={`${id}-band`} className="input" type="number" min={0} max={99} step={1} required value={Math.round(value.band * 100)} onChange={({ target }) => onChange({ ...value, band: (target.valueAsNumber || 0) / 100 })} />
          <span aria-hidden="true">{text("plans.new.percent")}</span>
        </span>
      </div>
    </div>
  );
}
