// Owns the editor's bar: back to the plan, how saving goes, undo and redo, locks, colouring, figures and keys.
import { BackIcon, KeysIcon, LockIcon, RedoIcon, TableIcon, UndoIcon } from "../../../design/icons";
import { BaseSwitch } from "../../../features/basemap/BaseSwitch";
import { useRaster } from "../../../features/basemap/useRaster";
import type { Drawing } from "../../../features/drawing/drawing";
import type { By } from "../../../features/drawing/painter";
import { gridColours, offColours } from "../../../features/drawing/ramp";
import { useText } from "../../../i18n/language";
import { useTheme } from "../../../state/theme";
import { useAreaName } from "./names";
import { Saving } from "./Saving";

interface Props {
  readonly drawing: Drawing;
  readonly version: number;
  readonly draws: boolean;
  readonly by: By;
  readonly onBy: (by: By) => void;
  readonly onBack: () => void;
  readonly onHelp: () => void;
  readonly panel: boolean;
  readonly onPanel: (open: boolean) => void;
  readonly onLock: (numbers: readonly number[], locked: boolean) => void;
  readonly findings: number;
  readonly onNext: () => void;
}

export function Head({ drawing, version, draws, by, onBy, onBack, onHelp, panel, onPanel, onLock, findings, onNext }: Props) {
  const text = useText();
  const name = useAreaName(drawing.community);
  const raster = useRaster();
  const { depth } = drawing.sync;
  const drafts = [...drawing.board.sheet.drafts.values()];
  const open = drafts.filter((one) => !one.locked).map((one) => one.number);
  const all = open.length === 0 ? drafts.map((one) => one.number) : open;
  return (
    <header className="editor-head">
      <button type="button" className="button plain" onClick={onBack}>
        <BackIcon />
        {text("drawing.back")}
      </button>
      <h2>{name ?? text("drawing.title")}</h2>
      <Saving drawing={drawing} version={version} />
      <span className="editor-gap" />
      {draws ? (
        <div className="editor-group">
          <button type="button" className="button square" aria-label={text("drawing.undo")} title={`${text("drawing.undo")} (Ctrl+Z)`} aria-keyshortcuts="Control+Z" disabled={depth.done <= 0} onClick={() => drawing.undo()}>
            <UndoIcon />
          </button>
          <button type="button" className="button square" aria-label={text("drawing.redo")} title={`${text("drawing.redo")} (Ctrl+Shift+Z)`} aria-keyshortcuts="Control+Shift+Z" disabled={depth.undone <= 0} onClick={() => drawing.redo()}>
            <RedoIcon />
          </button>
          <button type="button" className="button" disabled={drafts.length === 0} onClick={() => onLock(all, open.length > 0)}>
            <LockIcon open={open.length === 0} />
            {text(open.length > 0 ? "drawing.lockAll" : "drawing.unlockAll")}
          </button>
        </div>
      ) : null}
      <button type="button" className="button" disabled={findings === 0} aria-keyshortcuts="N" title="N" onClick={onNext}>
        {text("drawing.finding.next")}
      </button>
      <BaseSwitch raster={raster} />
      <Colouring by={by} onBy={onBy} />
      <button type="button" className="button square" aria-pressed={panel} aria-label={text(panel ? "drawing.panel.hide" : "drawing.panel.show")} title={text(panel ? "drawing.panel.hide" : "drawing.panel.show")} onClick={() => onPanel(!panel)}>
        <TableIcon />
      </button>
      <button type="button" className="button square" aria-label={text("drawing.help")} title={`${text("drawing.help")} (?)`} onClick={onHelp}>
        <KeysIcon />
      </button>
    </header>
  );
}

function Colouring({ by, onBy }: { readonly by: By; readonly onBy: (by: By) => void }) {
  const text = useText();
  const { theme } = useTheme();
  const rows = [["grid", gridColours(theme).slice(0, 5)], ["off", offColours(theme)]] as const;
  return (
    <div className="segmented editor-by" role="radiogroup" aria-label={text("drawing.by")}>
      {rows.map(([value, colours]) => (
        <label key={value}>
          <input type="radio" name="drawing-by" value={value} checked={by === value} onChange={() => onBy(value)} />
          <svg width="30" height="10" aria-hidden="true">
            {colours.map((colour, index) => <rect key={colour} x={index * 6} y="0" width="6" height="10" fill={colour} />)}
          </svg>
          {text(`drawing.by.${value}`)}
        </label>
      ))}
    </div>
  );
}
