// Owns making a plan: its name, why, what a grid should have, and where it begins from.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { type Community, makePlan, type Plan, type Target } from "../../api/plans";
import { Segmented } from "../../design/Segmented";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { addAll, type NotAdded } from "./adding";
import { CommunityPicker } from "./CommunityPicker";
import { useRefresh } from "./queries";
import { TargetFields } from "./TargetFields";

interface Props {
  readonly communities: readonly Community[];
  readonly plans: readonly Plan[];
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  /** `failed`: the first community that was not added, and why. */
  readonly onMade: (plan: Plan, failed: NotAdded | null) => void;
  readonly onCancel: () => void;
}

type Begin = "force" | "empty" | "copy";
const USUAL: Target = { households: 300, band: 0.1 };

export function NewPlan({ communities, plans, chosen, onChosen, onMade, onCancel }: Props) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const [name, setName] = useState("");
  const [purpose, setPurpose] = useState("");
  const [target, setTarget] = useState(USUAL);
  const [begin, setBegin] = useState<Begin>("force");
  const [copied, setCopied] = useState(plans[0]?.id ?? "");
  const [step, setStep] = useState<string | null>(null);
  const copying = begin === "copy" && copied !== "";

  const making = useMutation({
    mutationFn: async () => {
      const plan = await makePlan({ name: name.trim(), purpose: purpose.trim(), target: copying ? null : target, copy_of: copying ? Number(copied) : null, communities: [] });
      const failed = begin === "force" ? await addAll(plan.id, communities.filter((each) => chosen.has(each.id)), (one) => setStep(text("plans.new.ground", { name: one.names[text.lang] }))) : null;
      return { plan, failed };
    },
    onSuccess: async ({ plan, failed }) => {
      await refresh();
      onMade(plan, failed);
    },
    onSettled: () => setStep(null),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <form className="plan-form" onSubmit={submit} aria-label={text("plans.new")}>
      <div className="field">
        <label className="label" htmlFor={`${id}-name`}>
          {text("plans.new.name")}
        </label>
        <input id={`${id}-name`} className="input" autoFocus required maxLength={200} autoComplete="off" placeholder={text("plans.new.name.hint")} value={name} onChange={(event) => setName(event.target.value)} />
      </div>
      <div className="field">
        <label className="label" htmlFor={`${id}-why`}>
          {text("plans.new.purpose")}
        </label>
        <textarea id={`${id}-why`} className="input" rows={2} maxLength={4000} placeholder={text("plans.new.purpose.hint")} value={purpose} onChange={(event) => setPurpose(event.target.value)} />
      </div>
      <Segmented
        label={text("plans.new.begin")}
        value={begin}
        choices={[
          { value: "force", label: text("plans.new.begin.force") },
          { value: "empty", label: text("plans.new.begin.empty") },
          ...(plans.length > 0 ? [{ value: "copy" as const, label: text("plans.new.begin.copy") }] : []),
        ]}
        onChange={setBegin}
      />
      {begin === "copy" ? (
        <div className="field">
          <label className="label" htmlFor={`${id}-copy`}>
            {text("plans.new.copied")}
          </label>
          <select id={`${id}-copy`} className="input" value={copied} onChange={(event) => setCopied(event.target.value)}>
            {plans.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      ) : (
        <TargetFields value={target} onChange={setTarget} />
      )}
      {begin === "force" ? <CommunityPicker communities={communities} chosen={chosen} onChosen={onChosen} /> : null}
      {making.error === null ? null : <Trouble error={making.error} title={text("plans.new.failed")} />}
      <div className="plan-actions">
        <button type="submit" className="button primary" disabled={making.isPending || name.trim() === ""}>
          {text(making.isPending ? "plans.new.busy" : "plans.new.do")}
        </button>
        <button type="button" className="button" disabled={making.isPending} onClick={onCancel}>
          {text("plans.cancel")}
        </button>
        <span className="help" role="status">
          {step ?? ""}
        </span>
      </div>
    </form>
  );
}
