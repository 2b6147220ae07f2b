// Owns the receipt of a report: its number, where it belongs, who has it now.
import { useEffect, useRef } from "react";
import type { Receipt } from "../../api/incidents";
import { CopyButton } from "../../design/CopyButton";
import { Fact } from "../../design/Fact";
import { ContactSection } from "./ContactSection";
import { PhotosSection } from "./PhotosSection";
import "./incident.css";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";

interface Props {
  readonly receipt: Receipt;
  readonly repeated: boolean;
  readonly timeZone: string;
  readonly onShow: () => void;
  readonly onAgain: () => void;
}

export function ReceiptSection({ receipt, repeated, timeZone, onShow, onAgain }: Props) {
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const grid = receipt.path.at(-1);
  const join = text.lang === "zh" ? "、" : ", ";
  return (
    <section className="panel-section receipt" aria-labelledby="receipt-title">
      <h3 id="receipt-title" ref={heading} tabIndex={-1}>
        <span aria-hidden="true">✓ </span>
        {text(repeated ? "receipt.repeated" : "receipt.title")}
      </h3>
      <p className="label">{text("receipt.number")}</p>
      <p className="receipt-number" data-testid="receipt-number">
        {receipt.number}
      </p>
      {receipt.secret === null ? null : <Secret number={receipt.number} secret={receipt.secret} />}
      <dl className="facts">
        <Fact name={text("receipt.time")}>{instantText(text.lang, receipt.happened_at, timeZone)}</Fact>
        {grid === undefined ? null : <Fact name={text("receipt.grid")}>{grid.names[text.lang]}</Fact>}
        <Fact name={text("receipt.agency")}>{receipt.lead === null ? text("receipt.orphan") : receipt.lead.names[text.lang]}</Fact>
        {receipt.candidates.length > 1 ? <Fact name={text("receipt.candidates")}>{receipt.candidates.map((area) => area.names[text.lang]).join(join)}</Fact> : null}
      </dl>
      <ContactSection incident={receipt.id} />
      <PhotosSection incident={receipt.id} />
      <div className="actions">
        <button type="button" className="button primary" onClick={onShow}>
          {text("receipt.show")}
        </button>
        <button type="button" className="button" onClick={onAgain}>
          {text("receipt.again")}
        </button>
      </div>
    </section>
  );
}

/** Number and secret belong together: both are needed to ask how the matter stands, and nobody can look the secret up. */
function Secret({ number, secret }: { readonly number: string; readonly secret: string }) {
  const text = useText();
  return (
    <>
      <p className="label">{text("receipt.secret")}</p>
      <p className="receipt-number" data-testid="receipt-secret">
        {secret}
        <CopyButton label={text("receipt.copy")} what={`${number} ${secret}`} />
      </p>
      <p className="notice">{text("receipt.keep")}</p>
    </>
  );
}
