// Owns one incident as it may be shown: what, when, how it stands, who has it; its reporter's contact and its photos.
import { useEffect, useRef } from "react";
import { Fact } from "../../design/Fact";
import { ChevronIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useIncident } from "../../state/queries";
import { channelWord, statusWord } from "./words";
import { ContactSection } from "./ContactSection";
import { PhotosSection } from "./PhotosSection";
import "./incident.css";

interface Props {
  readonly id: string;
  readonly timeZone: string;
  readonly onBack: () => void;
  /** Where that leads, in words; to the chosen place unless said. */
  readonly backTo?: string;
}

export function IncidentSection({ id, timeZone, onBack, backTo }: Props) {
  const text = useText();
  const found = useIncident(id);
  const heading = useRef<HTMLHeadingElement>(null);
  const arrived = found.data !== undefined;
  useEffect(() => {
    if (arrived) heading.current?.focus();
  }, [arrived]);
  const incident = found.data;
  return (
    <section className="panel-section incident" aria-label={text("incident")} aria-busy={found.isPending}>
      <button type="button" className="button plain back" onClick={onBack}>
        <ChevronIcon up={false} />
        {backTo ?? text("incident.back")}
      </button>
      {found.isError ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {incident === undefined ? null : (
        <>
          <h3 ref={heading} tabIndex={-1}>
            {incident.category.names[text.lang]}
          </h3>
          {incident.text === null || incident.text === "" ? null : <p className="incident-text">{incident.text}</p>}
          <dl className="facts">
            <Fact name={text("receipt.number")}>{incident.number}</Fact>
            <Fact name={text("incident.status")}>{statusWord(incident.status, text)}</Fact>
            <Fact name={text("receipt.time")}>{instantText(text.lang, incident.happened_at, timeZone)}</Fact>
            <Fact name={text("report.channel")}>{channelWord(incident.channel, text)}</Fact>
            {incident.place[text.lang] === "" ? null : <Fact name={text("point.place")}>{incident.place[text.lang]}</Fact>}
            <Fact name={text("receipt.agency")}>{incident.lead === null ? text("receipt.orphan") : incident.lead.names[text.lang]}</Fact>
          </dl>
          <ContactSection incident={incident.id} />
          <PhotosSection incident={incident.id} />
        </>
      )}
    </section>
  );
}
