// Owns the list of hot and cold spots: how far each stands out, how likely chance is, in what company it lies.
import type { Level } from "../../api/city";
import type { HotItem } from "../../api/hotspots";
import type { Params } from "../../api/http";
import { useText } from "../../i18n/language";
import { levelWord, number, type Text } from "../../i18n/text";
import { Asked, Method, Row, Rows, Said } from "./parts";
import { useBreakOff, useHotSpots } from "./queries";
import { chance } from "./words";

interface Props {
  readonly level: Level;
  readonly measure: "count" | "rate";
  readonly asked: Params;
  readonly selected: string | null;
  readonly onArea: (id: string) => void;
  /** Compares grids instead; null where they are compared already. */
  readonly onGrids: (() => void) | null;
}

/** With fewer areas the server finds nothing, and says so. */
const FEWEST = 20;

const METHOD = ["signals.hot.method", "signals.hot.assumes", "signals.hot.misses"] as const;

export function HotTab({ level, measure, asked, selected, onArea, onGrids }: Props) {
  const text = useText();
  const query = useHotSpots(level, measure, asked, true);
  const stop = useBreakOff();
  return (
    <Asked query={query} onStop={() => stop("hotspots")}>
      {(found) => {
        const kept = found.items.filter((item) => item.verdict !== null).toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0));
        const hot = kept.filter((item) => item.verdict === "hot");
        const cold = kept.filter((item) => item.verdict === "cold").toReversed();
        const row = (item: HotItem) => (
          <Row
            key={item.id}
            mark={<span className={`edge-sign ${item.verdict ?? ""}`} />}
            title={item.names[text.lang]}
            figure={measure === "rate" && item.per_100_households !== null ? text("signals.rate", { n: number(text.lang, item.per_100_households, 1) }) : text("signals.cases", { n: item.count })}
            below={evidence(text, item)}
            chosen={item.id === selected}
            onChoose={() => onArea(item.id)}
          />
        );
        return (
          <>
            <Said>{found.said[text.lang]}</Said>
            {hot.length > 0 ? <h3>{text("signals.hot.hot", { n: hot.length })}</h3> : null}
            <Rows items={hot}>{row}</Rows>
            {cold.length > 0 ? <h3>{text("signals.hot.cold", { n: cold.length })}</h3> : null}
            <Rows items={cold}>{row}</Rows>
            {found.compared < FEWEST && onGrids !== null ? (
              <div className="finding-note">
                <button type="button" className="button" onClick={onGrids}>
                  {text("signals.hot.grids")}
                </button>
              </div>
            ) : null}
            {kept.length === 0 && found.compared >= FEWEST ? <p className="finding-note">{text("signals.hot.none", { level: levelWord(text, level) })}</p> : null}
            <Method keys={METHOD} />
          </>
        );
      }}
    </Asked>
  );
}

function evidence(text: Text, { score, p, pattern }: HotItem): string {
  const parts = [
    score === null ? null : text("signals.score", { z: number(text.lang, score, 1) }),
    p === null ? null : chance(text, p),
    pattern === null ? null : text(`signals.pattern.${pattern}`),
  ];
  return parts.filter((part) => part !== null).join(" · ");
}
