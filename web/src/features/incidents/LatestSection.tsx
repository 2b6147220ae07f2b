// Owns the latest incidents of an area, as a list that leads to each.
import { useId } from "react";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useLatest } from "../../state/queries";
import { statusWord } from "./words";
import "./incident.css";

interface Props {
  readonly areaId: string;
  readonly areaName: string;
  readonly timeZone: string;
  readonly onOpen: (id: string) => void;
}

export function LatestSection({ areaId, areaName, timeZone, onOpen }: Props) {
  const text = useText();
  const id = useId();
  const found = useLatest(areaId);
  if (found.isError) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return null;
  return (
    <section className="panel-section latest" aria-labelledby={id}>
      <h3 id={id}>{text("latest", { area: areaName })}</h3>
      {found.data.length === 0 ? <p className="help">{text("latest.none")}</p> : null}
      <ul>
        {found.data.map((incident) => (
          <li key={incident.id}>
            <button type="button" className="button plain" onClick={() => onOpen(incident.id)}>
              <span className="grow">
                {incident.category.names[text.lang]}
                <span className="below">{instantText(text.lang, incident.happened_at, timeZone)}</span>
              </span>
              <span className="tag">{statusWord(incident.status, text)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
