// Owns the list of places where the same kind of matter comes back; grids with their number for who may only count.
import type { Params } from "../../api/http";
import type { Repeat } from "../../api/repeats";
import { useText } from "../../i18n/language";
import { Asked, Method, Row, Rows, Said } from "./parts";
import { useBreakOff, useRepeats } from "./queries";
import { span } from "./words";

interface Props {
  readonly asked: Params;
  readonly onRepeat: (item: Repeat) => void;
}

const METHOD = ["signals.repeats.method", "signals.repeats.assumes", "signals.repeats.misses"] as const;

export function RepeatsTab({ asked, onRepeat }: Props) {
  const text = useText();
  const query = useRepeats(asked, true);
  const stop = useBreakOff();
  return (
    <Asked query={query} onStop={() => stop("repeats")}>
      {(found) => {
        const exact = found.items.some((item) => item.lon !== null);
        return (
          <>
            <Said>
              {found.first === null || found.last === null || found.found === 0
                ? text("signals.repeats.none")
                : text(exact ? "signals.repeats.said" : "signals.repeats.counted", { n: found.found, span: span(text, found.first, found.last), days: found.least_days, radius: found.radius_m })}
            </Said>
            {found.cut ? <p className="finding-note">{text("signals.repeats.cut")}</p> : null}
            <Rows items={found.items}>
              {(item, index) => (
                <Row
                  key={`${item.group.code}.${item.area?.id ?? ""}.${item.lon ?? ""}.${item.lat ?? ""}`}
                  mark={<span className="number-sign plain">{index + 1}</span>}
                  title={
                    <>
                      {item.area?.names[text.lang] ?? text("signals.outside")} <span className="soft">{item.group.names[text.lang]}</span>
                    </>
                  }
                  figure={text("signals.cases", { n: item.count })}
                  below={item.said[text.lang]}
                  chosen={false}
                  onChoose={() => onRepeat(item)}
                />
              )}
            </Rows>
            {found.found > found.items.length ? <p className="help">{text("signals.repeats.first", { n: found.items.length, all: found.found })}</p> : null}
            <Method keys={METHOD} />
          </>
        );
      }}
    </Asked>
  );
}
