// Owns how a boundary between two grids is to slide: where it is cheapest, by so many households, along a street.
import { useState } from "react";
import { CloseIcon } from "../../../design/icons";
import type { Drawing } from "../../../features/drawing/drawing";
import { useText } from "../../../i18n/language";

interface Props {
  readonly drawing: Drawing;
  readonly one: number;
  readonly other: number;
  readonly street: boolean;
  readonly onStreet: (street: boolean) => void;
  readonly onDone: () => void;
}

export function SlideForm({ drawing, one, other, street, onStreet, onDone }: Props) {
  const text = useText();
  const [households, setHouseholds] = useState("");
  const [first, second] = [String(one), String(other)];
  const wanted = Number(households);
  const valid = Number.isInteger(wanted) && wanted > 0;
  return (
    <form
      className="editor-slide"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        drawing.do({ kind: "slide", payload: { grids: [one, other], households: wanted } });
        setHouseholds("");
      }}
    >
      <div className="editor-form-head">
        <h3>{text("drawing.slide.title", { one: first, other: second })}</h3>
        <button type="button" className="button plain square" aria-label={text("drawing.form.close")} onClick={onDone}>
          <CloseIcon />
        </button>
      </div>
      <div className="editor-form-tools">
        <button type="button" className="button primary" onClick={() => drawing.do({ kind: "slide", payload: { grids: [one, other] } })}>
          {text("drawing.slide.best")}
        </button>
        <button type="button" className="button" aria-pressed={street} onClick={() => onStreet(!street)}>
          {text("drawing.slide.street")}
        </button>
      </div>
      <div className="editor-pair">
        <label className="field"><span className="label">{text("drawing.slide.hand")}</span><input className="input" inputMode="numeric" value={households} onChange={(event) => setHouseholds(event.target.value)} /></label>
        <button type="submit" className="button" disabled={!valid}>{text("drawing.slide.give", { one: first, other: second })}</button>
      </div>
    </form>
  );
}
