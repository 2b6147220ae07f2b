// Owns the head of one plan: what it is called, why, how it stands, and what can be done with the whole of it.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { changePlan, dropPlan, makePlan, type Plan, resumePlan, type Target } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useRefresh } from "./queries";
import { StateTag } from "./StateTag";
import { TargetFields } from "./TargetFields";
import { percent, timeLine } from "./words";

interface Props {
  readonly plan: Plan;
  readonly zone: string;
  readonly mayEdit: boolean;
  readonly onOpen: (id: string) => void;
}

export function PlanHead({ plan, zone, mayEdit, onOpen }: Props) {
  const text = useText();
  const refresh = useRefresh();
  const [editing, setEditing] = useState(false);
  const copying = useMutation({
    mutationFn: () => makePlan({ name: text("plans.copy.name", { name: plan.name }).slice(0, 200), purpose: plan.purpose, target: null, copy_of: Number(plan.id), communities: [] }),
    onSuccess: async (made) => {
      await refresh();
      onOpen(made.id);
    },
  });
  const dropping = useMutation({ mutationFn: () => dropPlan(plan.id), onSuccess: refresh });
  const resuming = useMutation({ mutationFn: () => resumePlan(plan.id), onSuccess: refresh });
  const when = instantText(text.lang, plan.created_at, zone);
  const line = timeLine(text, plan, zone);
  if (editing) return <EditPlan plan={plan} onDone={() => setEditing(false)} />;
  return (
    <header className="plan-head">
      <div className="plan-row-head">
        <h2>{plan.name}</h2>
        <StateTag state={plan.state} />
      </div>
      {plan.purpose === "" ? null : <p className="plan-purpose">{plan.purpose}</p>}
      <p className="help">
        {[text("plans.target", { n: plan.target.households, band: `±${percent(text, plan.target.band, 0)}` }), line, plan.created_by_account === null ? text("plans.made", { when }) : text("plans.by", { who: plan.created_by_account, when })]
          .filter((part) => part !== null)
          .join(" · ")}
        {plan.copy_of === null ? null : (
          <>
            {" · "}
            <button type="button" className="linklike" onClick={() => onOpen(plan.copy_of ?? plan.id)}>
              {text("plans.copy.of", { id: plan.copy_of })}
            </button>
          </>
        )}
      </p>
      {mayEdit ? (
        <div className="plan-actions">
          {plan.state === "draft" ? (
            <button type="button" className="button" onClick={() => setEditing(true)}>
              {text("plans.edit")}
            </button>
          ) : null}
          {plan.state === "dropped" ? (
            <button type="button" className="button primary" disabled={resuming.isPending} onClick={() => resuming.mutate()}>
              {text("plans.resume")}
            </button>
          ) : null}
          <button type="button" className="button" disabled={copying.isPending} onClick={() => copying.mutate()}>
            {text("plans.copy")}
          </button>
          {plan.state === "draft" || plan.state === "review" ? (
            <button type="button" className="button" disabled={dropping.isPending} onClick={() => dropping.mutate()}>
              {text("plans.drop")}
            </button>
          ) : null}
        </div>
      ) : null}
      {plan.state === "dropped" ? (
        <p className="notice" role="status">
          {text("plans.dropped", { name: plan.name })}
        </p>
      ) : null}
      {copying.error === null ? null : <Trouble error={copying.error} title={text("plans.copy.failed")} />}
      {resuming.error === null ? null : <Trouble error={resuming.error} title={text("plans.resume.failed")} />}
      {dropping.error === null ? null : <Trouble error={dropping.error} title={text("plans.drop.failed")} />}
    </header>
  );
}

function EditPlan({ plan, onDone }: { readonly plan: Plan; readonly onDone: () => void }) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const [name, setName] = useState(plan.name);
  const [purpose, setPurpose] = useState(plan.purpose);
  const [target, setTarget] = useState<Target>(plan.target);
  // That of the plan as it was opened here: whoever else changed it meanwhile is told of, not written over.
  const [revision] = useState(plan.revision);
  const saving = useMutation({
    mutationFn: () => changePlan(plan.id, { revision, name: name.trim(), purpose: purpose.trim(), target }),
    onSuccess: async () => {
      await refresh();
      onDone();
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="plan-form plan-head" onSubmit={submit} aria-label={text("plans.edit")} onKeyDown={(event) => (event.key === "Escape" ? onDone() : undefined)}>
      <div className="field">
        <label className="label" htmlFor={`${id}-name`}>
          {text("plans.new.name")}
        </label>
        <input id={`${id}-name`} className="input" autoFocus required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </div>
      <div className="field">
        <label className="label" htmlFor={`${id}-why`}>
          {text("plans.new.purpose")}
        </label>
        <textarea id={`${id}-why`} className="input" rows={2} maxLength={4000} value={purpose} onChange={(event) => setPurpose(event.target.value)} />
      </div>
      <TargetFields value={target} onChange={setTarget} />
      {saving.error === null ? null : <Trouble error={saving.error} title={text("plans.edit.failed")} />}
      <div className="plan-actions">
        <button type="submit" className="button primary" disabled={saving.isPending || name.trim() === ""}>
          {text("plans.edit.do")}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {text("plans.cancel")}
        </button>
      </div>
    </form>
  );
}
