// Owns what is told over a map: being offline, data or tiles that did not arrive, a first hint.
import type { ReactNode } from "react";
import { Trouble } from "../../design/Trouble";
import { CloseIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { useOnline } from "../../state/media";

interface Props {
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly tiles: boolean;
  readonly onTiles: () => void;
  readonly notice: string | null;
  readonly onNotice: () => void;
  readonly hint: boolean;
  /** Clears the filters; given when they leave nothing to show. */
  readonly onNothing: (() => void) | null;
  readonly children?: ReactNode;
}

export function Notices({ error, onRetry, tiles, onTiles, notice, onNotice, hint, onNothing, children }: Props) {
  const text = useText();
  const online = useOnline();
  return (
    <div className="notices">
      {online ? null : (
        <p className="notice" role="status">
          {text("offline")}
        </p>
      )}
      {error === null ? null : <Trouble error={error} onRetry={onRetry} />}
      {tiles && online ? (
        <div className="notice" role="status">
          {text("map.tiles")}{" "}
          <button type="button" className="button" onClick={onTiles}>
            {text("error.retry")}
          </button>
        </div>
      ) : null}
      {notice === null ? null : (
        <p className="notice closable" role="status">
          {notice}
          <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={onNotice}>
            <CloseIcon />
          </button>
        </p>
      )}
      {onNothing === null || error !== null ? null : (
        <div className="notice" role="status">
          {text("filter.none")}{" "}
          <button type="button" className="button" onClick={onNothing}>
            {text("filter.clear")}
          </button>
        </div>
      )}
      {hint && onNothing === null && error === null && online && notice === null ? <p className="hint">{text("map.hint")}</p> : null}
      {children}
    </div>
  );
}
