// Owns what is said of the chosen grid: name, kind, a target of its own, the lock.
import { useState } from "react";
import { GRID_KINDS, type GridKind } from "../../../api/boards";
import { CloseIcon, LockIcon } from "../../../design/icons";
import type { Drawing } from "../../../features/drawing/drawing";
import { useText } from "../../../i18n/language";

interface Props {
  readonly drawing: Drawing;
  readonly number: number;
  readonly version: number;
  readonly draws: boolean;
  readonly onLock: (numbers: readonly number[], locked: boolean) => void;
  readonly onClose: () => void;
  /** null: not for whoever cannot draw. */
  readonly onPropose: (() => void) | null;
}

export function GridForm({ drawing, number, draws, onLock, onClose, onPropose }: Props) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const draft = drawing.board.sheet.drafts.get(number);
  if (draft === undefined) return null;
  const name = draft.names[text.lang] ?? draft.names["zh"] ?? "";
  return (
    <section className="editor-form">
      <div className="editor-form-head">
        <h3>
          {text("drawing.form", { grid: String(number) })}
          {name === "" ? null : <span className="soft">{name}</span>}
        </h3>
        <button type="button" className="button plain square" aria-label={text("drawing.form.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      {draws ? (
        <div className="editor-form-tools">
          <button type="button" className="button" aria-pressed={draft.locked} aria-keyshortcuts="K" onClick={() => onLock([number], !draft.locked)}>
            <LockIcon open={!draft.locked} />
            {text(draft.locked ? "drawing.unlock" : "drawing.lock")}
          </button>
          <button type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {text("drawing.form.edit")}
          </button>
          {onPropose === null ? null : (
            <button type="button" className="button" onClick={onPropose}>
              {text("drawing.propose")}
            </button>
          )}
        </div>
      ) : null}
      {open && draws ? <Fields drawing={drawing} number={number} onDone={() => setOpen(false)} /> : null}
    </section>
  );
}

function Fields({ drawing, number, onDone }: { readonly drawing: Drawing; readonly number: number; readonly onDone: () => void }) {
  const text = useText();
  const draft = drawing.board.sheet.drafts.get(number);
  const aim = drawing.board.targetOf(number);
  const [zh, setZh] = useState(draft?.names["zh"] ?? "");
  const [en, setEn] = useState(draft?.names["en"] ?? "");
  const [kind, setKind] = useState<GridKind>(draft?.kind ?? "urban");
  const [own, setOwn] = useState(draft?.target !== null);
  const [households, setHouseholds] = useState(String(aim.households));
  const [band, setBand] = useState(String(Math.round(aim.band * 100)));
  const wanted = Number(households);
  const share = Number(band) / 100;
  const wrong = own && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= 100_000 && share >= 0 && share <= 1);
  const save = (): void => {
    if (draft === undefined || wrong) return;
    const names = { ...(zh.trim() === "" ? {} : { zh: zh.trim() }), ...(en.trim() === "" ? {} : { en: en.trim() }) };
    if ((draft.names["zh"] ?? "") !== zh.trim() || (draft.names["en"] ?? "") !== en.trim()) drawing.do({ kind: "rename", payload: { grid: number, names } });
    if (draft.kind !== kind) drawing.do({ kind: "kind", payload: { grid: number, to: kind } });
    const to = own ? ([wanted, share] as const) : null;
    if ((draft.target?.households ?? null) !== (to?.[0] ?? null) || (draft.target?.band ?? null) !== (to?.[1] ?? null)) drawing.do({ kind: "target", payload: { grid: number, to } });
    onDone();
  };
  return (
    <form
      className="editor-fields"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label className="field"><span className="label">{text("drawing.form.zh")}</span><input className="input" maxLength={200} value={zh} onChange={(event) => setZh(event.target.value)} /></label>
      <label className="field"><span className="label">{text("drawing.form.en")}</span><input className="input" maxLength={200} value={en} onChange={(event) => setEn(event.target.value)} /></label>
      <label className="field">
        <span className="label">{text("drawing.form.kind")}</span>
        <select className="input" value={kind} onChange={(event) => setKind(GRID_KINDS.find((one) => one === event.target.value) ?? kind)}>
          {GRID_KINDS.map((one) => <option key={one} value={one}>{text(`drawing.kind.${one}`)}</option>)}
        </select>
      </label>
      <label className="editor-check"><input type="checkbox" checked={own} onChange={(event) => setOwn(event.target.checked)} />{text("drawing.form.own")}</label>
      {own ? (
        <div className="editor-pair">
          <label className="field"><span className="label">{text("drawing.form.target")}</span><input className="input" inputMode="numeric" aria-invalid={wrong} value={households} onChange={(event) => setHouseholds(event.target.value)} /></label>
          <label className="field"><span className="label">{text("drawing.form.band")}</span><input className="input" inputMode="numeric" aria-invalid={wrong} value={band} onChange={(event) => setBand(event.target.value)} /></label>
        </div>
      ) : null}
      <button type="submit" className="button primary" disabled={wrong}>{text("drawing.form.save")}</button>
    </form>
  );
}
