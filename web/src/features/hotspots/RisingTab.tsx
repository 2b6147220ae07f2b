// Owns what is rising: seen against usual, the ratio with its interval, the days around it.
import { useMemo } from "react";
import type { Level } from "../../api/city";
import type { Params } from "../../api/http";
import type { RiseItem, Rising, Series } from "../../api/rising";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { addDays, daysBetween } from "../../time/days";
import { Asked, Method, Row, Rows, Said } from "./parts";
import { useBreakOff, useRising, useSeries } from "./queries";
import { bars, placeOf } from "./scales";
import { chance, span, times } from "./words";

interface Props {
  readonly level: Level;
  readonly asked: Params;
  readonly onRise: (item: RiseItem, first: string, last: string) => void;
}

const METHOD = ["signals.rising.method", "signals.rising.assumes", "signals.rising.misses"] as const;

export function RisingTab({ level, asked, onRise }: Props) {
  const text = useText();
  const query = useRising(level, asked, true);
  const stop = useBreakOff();
  return (
    <Asked query={query} onStop={() => stop("rising")}>
      {(found) => {
        const kept = found.items.filter((item) => item.rising);
        const rest = found.items.filter((item) => !item.rising && (item.ratio ?? 0) > 1);
        const row = (item: RiseItem) => <Rise key={keyOf(item)} item={item} found={found} level={level} asked={asked} onRise={onRise} />;
        return (
          <>
            <Said>{found.said[text.lang]}</Said>
            {found.enough ? null : <p className="finding-note">{text("signals.rising.short", { n: found.history_days })}</p>}
            {kept.length > 0 ? <h3>{text("signals.rising.kept", { n: kept.length })}</h3> : null}
            <Rows items={kept}>{row}</Rows>
            {rest.length > 0 ? <h3>{text("signals.rising.rest")}</h3> : null}
            <Rows items={rest}>{row}</Rows>
            <Method keys={METHOD} />
          </>
        );
      }}
    </Asked>
  );
}

const keyOf = (item: RiseItem): string => `${item.group?.code ?? ""}.${item.area?.id ?? ""}`;

interface RiseProps extends Props {
  readonly item: RiseItem;
  readonly found: Rising;
}

const BEFORE_DAYS = 28;

function Rise({ item, found, level, asked, onRise }: RiseProps) {
  const text = useText();
  const { first, last } = found;
  if (first === null || last === null) return null;
  const name = item.area?.names[text.lang] ?? text("signals.whole");
  return (
    <Row
      mark={<span className={item.rising ? "rise-sign sure" : "rise-sign"}>▲</span>}
      title={
        <>
          {name} <span className="soft">{item.group?.names[text.lang] ?? text("signals.all")}</span>
        </>
      }
      figure={item.ratio === null ? "—" : times(text, item.ratio)}
      below={text("signals.rising.seen", { n: item.count, usual: number(text.lang, item.expected, item.expected < 10 ? 1 : 0), p: chance(text, item.p) })}
      beside={
        <>
          <Interval item={item} />
          <Days level={level} group={item.group?.code ?? null} area={item.area?.id ?? null} asked={asked} first={first} last={last} />
        </>
      }
      chosen={false}
      onChoose={() => onRise(item, first, last)}
    />
  );
}

const WIDE = 120;

/** The ratio as a dot on its interval, with a line where things are as usual. */
export function Interval({ item }: { readonly item: RiseItem }) {
  const text = useText();
  const { ratio, low, high } = item;
  if (ratio === null || low === null || high === null) return null;
  const at = (value: number): number => 2 + placeOf(value) * (WIDE - 4);
  const label = text("signals.interval", { low: number(text.lang, low, 1), high: number(text.lang, high, 1) });
  return (
    <span className="interval">
      <svg width={WIDE} height="14" viewBox={`0 0 ${WIDE} 14`} role="img" aria-label={label}>
        <path className="interval-usual" d={`M${at(1)} 0V14`} />
        <path className="interval-span" d={`M${at(low)} 7H${at(high)}`} />
        <circle className="interval-dot" cx={at(ratio)} cy="7" r="3.5" />
      </svg>
      <span className="soft">{label}</span>
    </span>
  );
}

interface DaysProps {
  readonly level: Level;
  readonly group: string | null;
  readonly area: string | null;
  readonly asked: Params;
  readonly first: string;
  readonly last: string;
}

/** Four weeks before and the days that are looked at. */
export function Days({ level, group, area, asked, first, last }: DaysProps) {
  const text = useText();
  const from = addDays(first, -BEFORE_DAYS);
  const params = useMemo(() => ({ ...asked, from, to: addDays(last, 1) }), [asked, from, last]);
  const { data } = useSeries(level, group, params, true);
  if (data === undefined) return <span className="sparkline" />;
  const days = Array.from({ length: daysBetween(from, last) + 1 }, (_, index) => {
    const day = addDays(from, index);
    return { day, count: countOf(data, area, day) };
  });
  const drawn = bars(days, first, last, WIDE, 24);
  return (
    <span className="sparkline">
      <svg width={WIDE} height="24" viewBox={`0 0 ${WIDE} 24`} role="img" aria-label={text("signals.days", { span: span(text, from, last) })}>
        <path className="spark-base" d={`M0 23.5H${WIDE}`} />
        <path className="spark-before" d={drawn.before} />
        <path className="spark-during" d={drawn.during} />
      </svg>
    </span>
  );
}

const countOf = (series: Series, area: string | null, day: string): number =>
  area === null ? [...series.values()].reduce((sum, days) => sum + (days.get(day) ?? 0), 0) : (series.get(area)?.get(day) ?? 0);
