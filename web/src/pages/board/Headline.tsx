// Owns the sentence above the map: what is filtered and how much that is; the number opens what it counts.
import type { ReactNode } from "react";
import { useText } from "../../i18n/language";
import { joined } from "./sentence";
import type { Said } from "./useSaid";

interface Props {
  readonly said: Said;
  readonly busy: boolean;
  /** null: not for whoever may only count. */
  readonly onAll: (() => void) | null;
  /** null: there is nothing to clear. */
  readonly onClear: (() => void) | null;
  /** What is done with the view. */
  readonly tools: ReactNode;
}

export function Headline({ said, busy, onAll, onClear, tools }: Props) {
  const text = useText();
  const [count = "", ...rest] = said.parts;
  const between = text.lang === "zh" ? "，" : ", ";
  return (
    <div className="headline" aria-busy={busy}>
      <p role="status" data-testid="sentence">
        {onAll === null || said.total === null || said.total === 0 ? (
          <strong data-testid="headline">{count}</strong>
        ) : (
          <button type="button" className="number" data-testid="headline" title={text("board.behind.see")} onClick={onAll}>
            {count}
          </button>
        )}
        {between}
        {joined(text, rest)}
        {said.usual === null ? null : (
          <>
            {between}
            <strong>{said.usual}</strong>
          </>
        )}
      </p>
      {said.why === null ? null : (
        <details className="why">
          <summary>{text("board.sentence.why")}</summary>
          <p>{said.why}</p>
        </details>
      )}
      {onClear === null ? null : (
        <button type="button" className="button plain clear-all" onClick={onClear}>
          {text("board.filters.clear")}
        </button>
      )}
      {said.behind === "" ? null : <span className="tag warn">{text("board.sentence.behind", { why: said.behind })}</span>}
      <div className="bar-tools">{tools}</div>
    </div>
  );
}
