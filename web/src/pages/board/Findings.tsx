// Owns the buttons that open findings, outline hot spots, and go to the wall screen.
import { AlertIcon, FlameIcon, ScreenIcon } from "../../design/icons";
import { useText } from "../../i18n/language";

interface Props {
  readonly open: boolean;
  readonly hot: boolean;
  /** Areas above a threshold now. */
  readonly standing: number;
  readonly onOpen: (open: boolean) => void;
  readonly onHot: (on: boolean) => void;
  readonly onScreen: () => void;
}

export function Findings({ open, hot, standing, onOpen, onHot, onScreen }: Props) {
  const text = useText();
  return (
    <>
      <button type="button" className="button plain square" aria-pressed={hot} aria-label={text("signals.hot.toggle")} title={text("signals.hot.toggle")} onClick={() => onHot(!hot)}>
        <FlameIcon />
      </button>
      <button type="button" className="button" aria-pressed={open} onClick={() => onOpen(!open)}>
        {text("signals.open")}
        {standing > 0 ? (
          <span className="tag warn">
            <AlertIcon /> {standing}
          </span>
        ) : null}
      </button>
      <button type="button" className="button plain square" aria-label={text("signals.screen")} title={text("signals.screen")} onClick={onScreen}>
        <ScreenIcon />
      </button>
    </>
  );
}
