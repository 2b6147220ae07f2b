// Owns the second person's yes or no: what is decided on, a note, and that a no says why.
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { type Approval, decide } from "../../api/approvals";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { useRefresh } from "./queries";

export function Decision({ approval, onPreview }: { readonly approval: Approval; readonly onPreview: () => void }) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const [note, setNote] = useState("");
  const [silent, setSilent] = useState(false);
  const deciding = useMutation({ mutationFn: (yes: boolean) => decide(approval.id, yes, note.trim()), onSuccess: refresh });
  const say = (yes: boolean): void => {
    const missing = !yes && note.trim() === "";
    setSilent(missing);
    if (missing) document.getElementById(`${id}-note`)?.focus();
    else deciding.mutate(yes);
  };
  return (
    <section className="plan-form decision" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{text("plans.publish.decide")}</h3>
      <p className="help">{approval.summary}</p>
      <div className="field">
        <label className="label" htmlFor={`${id}-note`}>
          {text("plans.publish.note")}
        </label>
        <textarea id={`${id}-note`} className="input" rows={2} maxLength={500} value={note} aria-invalid={silent} aria-describedby={`${id}-help`} onChange={({ target }) => setNote(target.value)} />
        <span className={silent ? "fault" : "help"} id={`${id}-help`} role={silent ? "alert" : undefined}>
          {text(silent ? "plans.publish.no.why" : "plans.publish.note.hint")}
        </span>
      </div>
      {deciding.error === null ? null : <Trouble error={deciding.error} title={text("plans.publish.decide.failed")} />}
      <div className="plan-actions">
        <button type="button" className="button primary" disabled={deciding.isPending} onClick={() => say(true)}>
          {text("plans.publish.yes")}
        </button>
        <button type="button" className="button" disabled={deciding.isPending} onClick={() => say(false)}>
          {text("plans.publish.no")}
        </button>
        <button type="button" className="button plain" onClick={onPreview}>
          {text("plans.publish.check")}
        </button>
      </div>
    </section>
  );
}
