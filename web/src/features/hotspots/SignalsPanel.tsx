// Owns the panel of findings beside the map: one kind at a time, chosen by the bar on top.
import { type ReactNode, useEffect, useRef } from "react";
import { CloseIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import "./signals.css";

export const KINDS = ["hotspots", "rising", "clusters", "repeats", "alerts"] as const;
export type Kind = (typeof KINDS)[number];

interface Props {
  readonly kind: Kind;
  /** Those that the post may see. */
  readonly kinds: readonly Kind[];
  readonly onKind: (kind: Kind) => void;
  readonly onClose: () => void;
  /** What of the view findings do not take into account. */
  readonly note: string | null;
  /** The view has changed since: asks anew for what it shows now; null where it has not. */
  readonly onRenew: (() => void) | null;
  readonly children: ReactNode;
}

export function SignalsPanel({ kind, kinds, onKind, onClose, note, onRenew, children }: Props) {
  const text = useText();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    <aside
      className="side point signals"
      aria-label={text("signals")}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="side-head">
        <h2 ref={head} tabIndex={-1}>
          {text("signals")}
        </h2>
        <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <nav className="kinds" aria-label={text("signals.kinds")}>
        {kinds.map((one) => (
          <button key={one} type="button" aria-current={one === kind} onClick={() => onKind(one)}>
            {text(`signals.${one}`)}
          </button>
        ))}
      </nav>
      <div className="side-body signals-body">
        {onRenew === null ? null : (
          <div className="renew">
            <span>{text("signals.kept")}</span>
            <button type="button" className="button" onClick={onRenew}>
              {text("signals.renew")}
            </button>
          </div>
        )}
        {note === null ? null : <p className="help">{note}</p>}
        {children}
      </div>
    </aside>
  );
}
