// Owns the buttons that open findings, outline hot spots, and go to the wall screen.
import { AlertIcon, FlameIcon, LensIcon, ScreenIcon } from "../../design/icons";
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
      <button type="button" className="button plain" aria-pressed={hot} aria-label={text("signals.hot.toggle")} title={text("signals.hot.toggle")} onClick={() => onHot(!hot)}>
        <FlameIcon />
        <span className="wide">{text("signals.hot.short")}</span>
      </button>
      <button type="button" className="button plain" aria-pressed={open} aria-label={text("signals.open")} onClick={() => onOpen(!open)}>
        <LensIcon />
        <span className="wide">{text("signals.open")}</span>
        {standing > 0 ? (
          <span className="tag warn">
            <AlertIcon /> {standing}
          </span>
        ) : null}
      </button>
      <button type="button" className="button plain" aria-label={text("signals.screen")} title={text("signals.screen")} onClick={onScreen}>
        <ScreenIcon />
        <span className="wide">{text("signals.screen")}</span>
      </button>
    </>
  );
}
