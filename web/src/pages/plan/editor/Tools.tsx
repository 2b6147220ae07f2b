// Owns the strip of tools, and what the chosen one asks for: where atoms go, how wide the brush is; with a word on how it is used.
import type { ComponentType } from "react";
import { BrushIcon, CornerIcon, HandIcon, LassoIcon, MergeIcon, SlideIcon, SplitIcon } from "../../../design/icons";
import { type Hand, type Into, KEY_OF, SIZES, type Tool, TOOLS } from "../../../features/drawing/tools";
import { useText } from "../../../i18n/language";
import type { Text } from "../../../i18n/text";

const ICONS: Readonly<Record<Tool, ComponentType>> = {
  hand: HandIcon, brush: BrushIcon, lasso: LassoIcon, split: SplitIcon, merge: MergeIcon, slide: SlideIcon, corner: CornerIcon,
};
const INTO: readonly Into[] = ["start", "new", "none"];

interface Props {
  readonly hand: Hand;
  readonly draws: boolean;
  readonly onChange: (part: Partial<Hand>) => void;
}

export function Tools({ hand, draws, onChange }: Props) {
  const text = useText();
  const paints = hand.tool === "brush" || hand.tool === "lasso";
  return (
    <div className="editor-tools">
      <div className="editor-strip" role="toolbar" aria-label={text("drawing.tools")}>
        {TOOLS.map((tool) => {
          const Icon = ICONS[tool];
          return (
            <button key={tool} type="button" className="button plain" aria-pressed={hand.tool === tool} aria-keyshortcuts={KEY_OF[tool]} disabled={!draws && tool !== "hand"} onClick={() => onChange({ tool })}>
              <Icon />
              <span>{text(`drawing.tool.${tool}`)}</span>
              <kbd aria-hidden="true">{KEY_OF[tool]}</kbd>
            </button>
          );
        })}
      </div>
      <div className="editor-options">
        {paints && draws ? (
          <>
            <label>
              <span className="label">{text("drawing.into")}</span>
              <select className="input" value={hand.into} onChange={(event) => onChange({ into: INTO.find((one) => one === event.target.value) ?? "start" })}>
                {INTO.map((into) => (
                  <option key={into} value={into}>
                    {into === "start" && hand.tool === "lasso" && hand.grid !== null ? text("drawing.grid", { grid: String(hand.grid) }) : text(`drawing.into.${into}`)}
                  </option>
                ))}
              </select>
            </label>
            {hand.tool === "brush" ? (
              <label>
                <span className="label">{text("drawing.size")}</span>
                <select className="input" value={hand.size} onChange={(event) => onChange({ size: Number(event.target.value) })}>
                  {SIZES.map((size) => (
                    <option key={size} value={size}>
                      {size === 0 ? text("drawing.size.one") : text("drawing.size.value", { n: 2 * size })}
                    </option>
                  ))}
                </select>
              </label>
            ) : null}
          </>
        ) : null}
        <p className="help">{draws ? hintOf(text, hand) : text("drawing.hint.closed")}</p>
      </div>
    </div>
  );
}

/** How the chosen tool is used, with what is chosen. */
function hintOf(text: Text, hand: Hand): string {
  const grid = hand.grid === null ? null : String(hand.grid);
  switch (hand.tool) {
    case "lasso":
      return hand.into !== "start" || grid === null ? text("drawing.hint.lassoNone") : text("drawing.hint.lasso", { grid });
    case "merge":
      return grid === null ? text("drawing.hint.mergeNone") : text("drawing.hint.merge", { grid });
    case "slide":
      if (hand.street) return text("drawing.hint.street");
      return grid === null ? text("drawing.hint.slideNone") : text("drawing.hint.slide", { grid });
    case "hand":
    case "brush":
    case "split":
    case "corner":
      return text(`drawing.hint.${hand.tool}`);
  }
}
