// Owns the word to whoever drew while another did: what the other did, one's own steps, which of them are done again. Nothing is lost.
import { useState } from "react";
import type { Drawing } from "../../../features/drawing/drawing";
import type { Conflict } from "../../../features/drawing/sync";
import { useText } from "../../../i18n/language";
import { instantText } from "../../../i18n/text";
import { deedText, stepText } from "./deeds";

interface Props {
  readonly drawing: Drawing;
  readonly conflict: Conflict;
  readonly zone: string;
  readonly sees: boolean;
  readonly onSees: (sees: boolean) => void;
}

export function ConflictPanel({ drawing, conflict, zone, sees, onSees }: Props) {
  const text = useText();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const { steps, mine, atoms } = conflict;
  const kept = new Set(mine.map((entry) => entry.id).filter((id) => !left.has(id)));
  return (
    <aside className="editor-panel editor-conflict" role="alertdialog" aria-labelledby="drawing-conflict" aria-describedby="drawing-conflict-why">
      <h2 id="drawing-conflict">{text("drawing.conflict")}</h2>
      <p id="drawing-conflict-why">{text("drawing.conflict.why", { n: mine.length })}</p>
      <label className="editor-check"><input type="checkbox" checked={sees} onChange={(event) => onSees(event.target.checked)} />{text("drawing.conflict.look")}</label>
      <h3 className="theirs">{text("drawing.conflict.theirs")}</h3>
      <p className="help">{text("drawing.conflict.atoms", { n: atoms.length })}</p>
      <ul className="editor-steps">
        {steps.map((step) => (
          <li key={step.no}>
            <strong>{stepText(text, step)}</strong>
            <span className="help">{step.account ?? text("drawing.conflict.somebody")} · {instantText(text.lang, step.at, zone)}</span>
          </li>
        ))}
      </ul>
      <h3 className="mine">{text("drawing.conflict.mine")}</h3>
      <ul className="editor-steps">
        {mine.map((entry) => (
          <li key={entry.id}>
            <label className="editor-check">
              <input type="checkbox" checked={!left.has(entry.id)} onChange={(event) => {
                const next = new Set(left);
                if (event.target.checked) next.delete(entry.id);
                else next.add(entry.id);
                setLeft(next);
              }} />
              {deedText(text, entry.deed)}
            </label>
          </li>
        ))}
      </ul>
      <div className="editor-conflict-tools">
        <button type="button" className="button primary" disabled={kept.size === 0} onClick={() => drawing.sync.resolve(kept)}>{text("drawing.conflict.apply")}</button>
        <button type="button" className="button" onClick={() => drawing.sync.resolve(new Set())}>{text("drawing.conflict.drop")}</button>
      </div>
    </aside>
  );
}
