// Owns telling what lies beside and below an area; each leads there.
import { useState } from "react";
import type { Area } from "../../api/areas";
import type { Around } from "../../api/history";
import { useText } from "../../i18n/language";
import { distanceText } from "../../i18n/text";

const FIRST = 8;

interface Props {
  readonly around: Around;
  readonly onArea: (id: string) => void;
}

export function AroundSection({ around, onArea }: Props) {
  const text = useText();
  return (
    <section className="panel-section" aria-labelledby="around-title">
      <h3 id="around-title">{text("places.around")}</h3>
      <p className="label">{text("places.neighbours")}</p>
      {around.neighbours.length === 0 ? <p>{text("places.neighbours.none")}</p> : null}
      <Names areas={around.neighbours.map(({ area, shared_m }) => ({ area, note: text("places.shared", { distance: distanceText(text, shared_m) }) }))} onArea={onArea} />
      {around.children.length === 0 ? null : (
        <>
          <p className="label">{text("places.children", { n: around.children.length })}</p>
          <Names areas={around.children.map((area) => ({ area, note: null }))} onArea={onArea} />
        </>
      )}
    </section>
  );
}

function Names({ areas, onArea }: { readonly areas: readonly { readonly area: Area; readonly note: string | null }[]; readonly onArea: (id: string) => void }) {
  const text = useText();
  const [all, setAll] = useState(false);
  const shown = all ? areas : areas.slice(0, FIRST);
  return (
    <ul className="names">
      {shown.map(({ area, note }) => (
        <li key={area.id}>
          <button type="button" className="link" onClick={() => onArea(area.id)}>
            {area.names[text.lang]}
          </button>
          {note === null ? null : <span className="soft"> {note}</span>}
        </li>
      ))}
      {shown.length === areas.length ? null : (
        <li>
          <button type="button" className="link" onClick={() => setAll(true)}>
            {text("places.neighbours.more", { n: areas.length - shown.length })}
          </button>
        </li>
      )}
    </ul>
  );
}
