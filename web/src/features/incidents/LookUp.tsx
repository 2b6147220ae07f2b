// Owns a resident's question "how does my matter stand": the number and the secret of the receipt, and the answer.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { Problem } from "../../api/http";
import { lookUp, type Matter } from "../../api/receipts";
import { Fact } from "../../design/Fact";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { statusWord } from "./words";

export function LookUp({ timeZone }: { readonly timeZone: string }) {
  const text = useText();
  const id = useId();
  const [number, setNumber] = useState("");
  const [secret, setSecret] = useState("");
  const asking = useMutation({ mutationFn: () => lookUp(number, secret) });
  const unknown = asking.error instanceof Problem && asking.error.status === 404;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    asking.mutate();
  };
  return (
    <section className="look-up" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text("lookup")}</h2>
      <p className="help">{text("lookup.what")}</p>
      <form className="look-up-form" onSubmit={submit}>
        <div className="field">
          <label className="label" htmlFor={`${id}-number`}>
            {text("receipt.number")}
          </label>
          <input id={`${id}-number`} className="input" autoComplete="off" spellCheck={false} placeholder="20260131-000123" value={number} maxLength={40} required onChange={(event) => setNumber(event.target.value)} />
        </div>
        <div className="field">
          <label className="label" htmlFor={`${id}-secret`}>
            {text("receipt.secret")}
          </label>
          <input id={`${id}-secret`} className="input" autoComplete="off" autoCapitalize="none" spellCheck={false} value={secret} maxLength={80} required onChange={(event) => setSecret(event.target.value)} />
        </div>
        <button type="submit" className="button" disabled={asking.isPending}>
          {text(asking.isPending ? "lookup.busy" : "lookup.ask")}
        </button>
      </form>
      {asking.error === null ? null : unknown ? (
        <p className="notice bad" role="alert">
          {text("lookup.unknown")}
        </p>
      ) : (
        <Trouble error={asking.error} title={text("lookup.failed")} />
      )}
      {asking.data === undefined ? null : <Answer matter={asking.data} timeZone={timeZone} />}
    </section>
  );
}

function Answer({ matter, timeZone }: { readonly matter: Matter; readonly timeZone: string }) {
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [matter]);
  return (
    <div className="matter">
      <h3 ref={heading} tabIndex={-1}>
        {matter.number} · {statusWord(matter.status, text)}
      </h3>
      <dl className="facts">
        <Fact name={text("category")}>{matter.category.names[text.lang]}</Fact>
        <Fact name={text("receipt.time")}>{instantText(text.lang, matter.happened_at, timeZone)}</Fact>
        <Fact name={text("lookup.received")}>{instantText(text.lang, matter.received_at, timeZone)}</Fact>
        {matter.agency === null ? null : <Fact name={text("receipt.agency")}>{matter.agency.names[text.lang]}</Fact>}
      </dl>
    </div>
  );
}
