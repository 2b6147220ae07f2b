// Owns the word on how saving goes: saved, on its way, kept here while there is no connection.
import type { Drawing } from "../../../features/drawing/drawing";
import { useText } from "../../../i18n/language";

export function Saving({ drawing }: { readonly drawing: Drawing; readonly version: number }) {
  const text = useText();
  const { phase, entries } = drawing.sync;
  const n = entries.length;
  if (phase === "offline") {
    return (
      <p className="editor-saving warn" role="status">
        {text("drawing.offline", { n })}
        <button type="button" className="button" onClick={() => drawing.sync.again()}>
          {text("drawing.offline.again")}
        </button>
      </p>
    );
  }
  if (phase === "conflict" || phase === "closed") return <p className="editor-saving" role="status" />;
  return (
    <p className="editor-saving" role="status">
      {n === 0 ? text("drawing.saved") : text("drawing.sending", { n })}
    </p>
  );
}
