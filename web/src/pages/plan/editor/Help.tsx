// Owns the sheet of keys, above everything until it is closed.
import { useEffect, useRef } from "react";
import { CloseIcon } from "../../../design/icons";
import { KEY_OF, TOOLS } from "../../../features/drawing/tools";
import { useText } from "../../../i18n/language";
import type { Key } from "../../../i18n/zh";

const KEYS: readonly (readonly [keys: readonly string[], does: Key])[] = [
  [["[", "]"], "drawing.key.size"],
  [["Ctrl Z", "Ctrl Shift Z"], "drawing.key.undo"],
  [["N"], "drawing.key.next"],
  [["W"], "drawing.key.new"],
  [["K"], "drawing.key.lock"],
  [["V"], "drawing.key.by"],
  [["C"], "drawing.key.pick"],
  [["+", "−"], "drawing.key.zoom"],
  [["Esc"], "drawing.key.escape"],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog className="editor-help" ref={dialog} aria-labelledby="drawing-help" onClose={onClose} onCancel={onClose}>
      <div className="editor-form-head">
        <h2 id="drawing-help">{text("drawing.help")}</h2>
        <button type="button" className="button plain square" aria-label={text("drawing.help.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <dl>
        {TOOLS.map((tool) => <Row key={tool} keys={[KEY_OF[tool]]} does={text(`drawing.tool.${tool}`)} />)}
        {KEYS.map(([keys, does]) => <Row key={does} keys={keys} does={text(does)} />)}
        <Row keys={[text("drawing.key.arrows")]} does={text("drawing.key.pan")} />
        <Row keys={[text("drawing.key.enterName")]} does={text("drawing.key.enter")} />
      </dl>
    </dialog>
  );
}

function Row({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <div>
      <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
      <dd>{does}</dd>
    </div>
  );
}
