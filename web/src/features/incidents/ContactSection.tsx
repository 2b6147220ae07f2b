// Owns a reporter's contact as officers see it: masked; opened with a reason, which is kept; closed again with the panel.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { revealContact } from "../../api/contacts";
import { Fact } from "../../design/Fact";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { useContact } from "../../state/queries";
import { useMay } from "../../state/session";

const LEAST = 4;

export function ContactSection({ incident }: { readonly incident: string }) {
  const text = useText();
  const id = useId();
  const may = useMay();
  const masked = useContact(incident, may("contacts.read"));
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const opening = useMutation({ mutationFn: () => revealContact(incident, reason), onSuccess: () => setAsking(false) });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    opening.mutate();
  };
  if (masked.error !== null) return <Trouble error={masked.error} onRetry={() => void masked.refetch()} />;
  const shown = opening.data ?? masked.data ?? null;
  if (shown === null) return null;
  return (
    <section className="reporter" aria-labelledby={`${id}-title`}>
      <h4 className="label" id={`${id}-title`}>
        {text("contact")}
      </h4>
      <dl className="facts" data-testid="contact">
        {shown.name === null ? null : <Fact name={text("report.contact.name")}>{shown.name}</Fact>}
        {shown.phone === null ? null : <Fact name={text("report.contact.phone")}>{shown.phone}</Fact>}
      </dl>
      {shown.frozen_at === null ? null : <p className="help">{text("contact.frozen")}</p>}
      {opening.isSuccess || asking || shown.frozen_at !== null || !may("contacts.reveal") ? null : (
        <button type="button" className="button" onClick={() => setAsking(true)}>
          {text("contact.reveal")}
        </button>
      )}
      {asking ? (
        <form className="reveal" onSubmit={submit}>
          <div className="field">
            <label className="label" htmlFor={`${id}-reason`}>
              {text("contact.reason")}
            </label>
            <input id={`${id}-reason`} className="input" autoFocus required minLength={LEAST} maxLength={500} autoComplete="off" value={reason} aria-describedby={`${id}-help`} onChange={(event) => setReason(event.target.value)} />
            <span className="help" id={`${id}-help`}>
              {text("contact.reason.help")}
            </span>
          </div>
          {opening.error === null ? null : <Trouble error={opening.error} title={text("contact.failed")} />}
          <div className="actions">
            <button type="submit" className="button primary" disabled={opening.isPending}>
              {text("contact.open")}
            </button>
            <button type="button" className="button plain" onClick={() => setAsking(false)}>
              {text("dialog.cancel")}
            </button>
          </div>
        </form>
      ) : null}
    </section>
  );
}
