// Owns reporting an incident at the chosen point: the draft, its check, sending it safely more than once, and the receipt.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import type { Point } from "../../api/areas";
import type { City } from "../../api/city";
import type { Category } from "../../api/duties";
import { Problem } from "../../api/http";
import { sendReport } from "../../api/incidents";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import type { Text } from "../../i18n/text";
import { useNotice, useRecount } from "../../state/queries";
import { useSession } from "../../state/session";
import { wallTime } from "../../time/days";
import { CategoryPicker } from "../duties/CategoryPicker";
import { channelOf, type Draft, dropDraft, type DraftField, type Fault, faultsOf, keepDraft, keptDraft, newDraft, reportOf } from "./draft";
import { ReceiptSection } from "./ReceiptSection";
import { channelWord } from "./words";
import "./report.css";

interface Props {
  readonly at: Point;
  readonly city: City;
  readonly categories: readonly Category[];
  readonly category: string | null;
  readonly onClose: () => void;
  readonly onAccuracy: (metres: number | null) => void;
  readonly onShow: () => void;
}

const newId = (): string => crypto.randomUUID();

export function ReportForm({ at, city, categories, category, onClose, onAccuracy, onShow }: Props) {
  const text = useText();
  const recount = useRecount();
  const { channels, account: signedIn } = useSession();
  const account = signedIn ?? "";
  const notice = useNotice().data ?? null;
  const [kept] = useState(() => keptDraft(account));
  const [draft, setDraft] = useState<Draft>(() => kept ?? newDraft(newId(), category));
  const [restored, setRestored] = useState(kept !== null);
  const [faults, setFaults] = useState<ReadonlyMap<DraftField, Fault>>(new Map());
  const sending = useMutation({
    mutationFn: sendReport,
    onSuccess: () => {
      dropDraft(account);
      recount();
    },
  });

  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    keepDraft(account, at, next);
    if (part.accuracy !== undefined) {
      const metres = Number(part.accuracy);
      onAccuracy(part.accuracy.trim() !== "" && metres > 0 && metres <= 10_000 ? metres : null);
    }
  };
  const startOver = (): void => {
    dropDraft(account);
    sending.reset();
    setDraft(newDraft(newId(), category));
    setRestored(false);
    setFaults(new Map());
    onAccuracy(null);
  };

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const now = new Date();
    const found = faultsOf(draft, now, city.timezone);
    setFaults(found);
    const [first] = found.keys();
    if (first !== undefined) {
      document.getElementById(`report-${first}`)?.querySelector<HTMLElement>("input, textarea")?.focus();
      return;
    }
    // A refused report was not recorded: it may carry a new time. One whose answer got lost keeps its own.
    const attempted = draft.attempted === null || sending.error instanceof Problem ? now.toISOString() : draft.attempted;
    send({ ...draft, attempted });
  };
  const send = (ready: Draft & { readonly attempted: string }): void => {
    setDraft(ready);
    keepDraft(account, at, ready);
    sending.mutate(reportOf(ready, at, { timeZone: city.timezone, channels, notice: notice === null ? null : Number(notice.id) }));
  };

  if (sending.isSuccess) {
    const { receipt, repeated } = sending.data;
    return <ReceiptSection receipt={receipt} repeated={repeated} timeZone={city.timezone} onShow={onShow} onAgain={startOver} />;
  }

  const refused = sending.error instanceof Problem ? sending.error : null;
  const faulty = (field: DraftField): string | null => {
    const fault = faults.get(field);
    if (fault !== undefined) return saysFault(fault, field, text);
    return refused?.field === field ? refused.message : null;
  };
  return (
    <form className="panel-section report" noValidate onSubmit={submit} aria-labelledby="report-title">
      <h3 id="report-title">{text("report.title")}</h3>
      {restored ? (
        <p className="notice">
          {text("report.draft")}{" "}
          <button type="button" className="button" onClick={startOver}>
            {text("report.draft.discard")}
          </button>
        </p>
      ) : null}
      <Labelled field="category" fault={faulty("category")} bare>
        {(describedBy, invalid) => (
          <CategoryPicker
            label={text("report.category")}
            categories={categories}
            value={draft.category}
            groups={false}
            emptyLabel={text("category.placeholder")}
            onChange={(code) => change({ category: code })}
            invalid={invalid}
            describedBy={describedBy}
          />
        )}
      </Labelled>
      <Labelled field="text" label={text("report.text")} fault={faulty("text")}>
        {(describedBy, invalid, id) => (
          <textarea
            id={id}
            className="input"
            value={draft.text}
            maxLength={2000}
            placeholder={text("report.text.placeholder")}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => change({ text: event.target.value })}
          />
        )}
      </Labelled>
      <Labelled field="accuracy_m" label={text("report.accuracy")} help={text("report.accuracy.help")} fault={faulty("accuracy_m")}>
        {(describedBy, invalid, id) => (
          <input
            id={id}
            className="input"
            inputMode="decimal"
            value={draft.accuracy}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => change({ accuracy: event.target.value })}
          />
        )}
      </Labelled>
      <Labelled field="happened_at" label={text("report.when")} fault={faulty("happened_at")}>
        {(describedBy, invalid, id) => <When id={id} describedBy={describedBy} invalid={invalid} timeZone={city.timezone} value={draft.when} onChange={(when) => change({ when })} />}
      </Labelled>
      {channels.length < 2 ? null : (
        <Labelled field="channel" label={text("report.channel")} fault={faulty("channel")}>
          {(describedBy, invalid, id) => (
            <select id={id} className="input" value={channelOf(draft, channels)} aria-describedby={describedBy} aria-invalid={invalid} onChange={(event) => change({ channel: event.target.value })}>
              {channels.map((channel) => (
                <option key={channel} value={channel}>
                  {channelWord(channel, text)}
                </option>
              ))}
            </select>
          )}
        </Labelled>
      )}
      <fieldset className="contact">
        <legend className="label">{text("report.contact")}</legend>
        <p className="help" id="contact-notice">
          {text("report.contact.notice")}
        </p>
        {notice === null ? null : (
          <details className="privacy-notice">
            <summary>{text("report.contact.notice.whole")}</summary>
            {notice.texts[text.lang].split("\n").map((line) => (
              <p key={line}>{line}</p>
            ))}
          </details>
        )}
        <div className="pair">
          <input className="input" autoComplete="name" aria-label={text("report.contact.name")} aria-describedby="contact-notice" placeholder={text("report.contact.name")} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
          <input className="input" autoComplete="tel" inputMode="tel" aria-label={text("report.contact.phone")} aria-describedby="contact-notice" placeholder={text("report.contact.phone")} value={draft.phone} onChange={(event) => change({ phone: event.target.value })} />
        </div>
      </fieldset>
      {sending.isError ? <Failure error={sending.error} onAsNew={() => send({ ...draft, id: newId(), attempted: new Date().toISOString() })} /> : null}
      <div className="actions">
        <button type="submit" className="button primary" disabled={sending.isPending}>
          {text(sending.isPending ? "report.sending" : sending.isError ? "report.retry" : "report.send")}
        </button>
        <button type="button" className="button plain" onClick={onClose}>
          {text("report.cancel")}
        </button>
      </div>
    </form>
  );
}

/** The first paint shows the present in the city's own time; the value stays empty until someone changes it. */
function When(props: { readonly id: string; readonly describedBy: string | undefined; readonly invalid: boolean; readonly timeZone: string; readonly value: string; readonly onChange: (when: string) => void }) {
  const [now] = useState(() => wallTime(new Date().toISOString(), props.timeZone));
  return (
    <input
      id={props.id}
      className="input"
      type="datetime-local"
      value={props.value === "" ? now : props.value}
      aria-describedby={props.describedBy}
      aria-invalid={props.invalid}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

/** A conflict means that something else was recorded under this id: sending it as a new report is the user's decision, not ours. */
function Failure({ error, onAsNew }: { readonly error: Error; readonly onAsNew: () => void }) {
  const text = useText();
  return (
    <>
      <Trouble error={error} title={text(error instanceof Problem && error.status < 500 ? "report.refused" : "report.kept")} />
      {error instanceof Problem && error.status === 409 ? (
        <button type="button" className="button" onClick={onAsNew}>
          {text("report.asNew")}
        </button>
      ) : null}
    </>
  );
}

interface LabelledProps {
  readonly field: DraftField;
  readonly label?: string;
  readonly help?: string;
  readonly fault: string | null;
  /** The control brings its own label. */
  readonly bare?: boolean;
  readonly children: (describedBy: string | undefined, invalid: boolean, id: string) => ReactNode;
}

function Labelled({ field, label, help, fault, bare, children }: LabelledProps) {
  const id = useId();
  const describedBy = [help === undefined ? null : `${id}-help`, fault === null ? null : `${id}-fault`].filter((part) => part !== null).join(" ");
  return (
    <div className="field" id={`report-${field}`}>
      {bare === true ? null : (
        <label className="label" htmlFor={id}>
          {label}
        </label>
      )}
      {children(describedBy === "" ? undefined : describedBy, fault !== null, id)}
      {help === undefined ? null : (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {fault === null ? null : (
        <span className="fault" role="alert" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

function saysFault(fault: Fault, field: DraftField, text: Text): string {
  switch (fault) {
    case "missing":
      return text("report.missing", { field: text(field === "category" ? "report.category" : "report.text") });
    case "accuracy":
      return text("report.accuracy.bad");
    case "future":
      return text("report.when.bad");
  }
}
