// Owns what stands beside the map on each page of the wall screen: few lines, large.
import { type ReactNode } from "react";
import type { Standing } from "../../../api/alerts";
import type { HotItem } from "../../../api/hotspots";
import type { RiseItem } from "../../../api/rising";
import { alertMeasureWord, called } from "../../../features/alerts/words";
import { signed } from "../../../features/comparison/changes";
import { measureWord, writeValue, type Scale } from "../../../features/analytics/measures";
import type { MeasureName } from "../../../api/counts";
import { bars } from "../../../features/hotspots/scales";
import { times } from "../../../features/hotspots/words";
import { useText } from "../../../i18n/language";
import { dayText, instantText, number } from "../../../i18n/text";
import { addDays } from "../../../time/days";

const LINES = 7;

interface LineProps {
  readonly mark: ReactNode;
  readonly name: string;
  readonly figure: string;
  readonly below?: string | undefined;
  /** Part of the greatest, 0 to 1: as a bar. */
  readonly part?: number;
}

function Line({ mark, name, figure, below, part }: LineProps) {
  return (
    <li className="wall-line">
      <span className="wall-mark">{mark}</span>
      <span className="wall-name">{name}</span>
      <span className="wall-figure">{figure}</span>
      {part === undefined ? null : (
        <span className="wall-bar">
          <span style={{ width: `${part * 100}%` }} />
        </span>
      )}
      {below === undefined ? null : <span className="wall-below">{below}</span>}
    </li>
  );
}

const Lines = ({ children }: { readonly children: ReactNode }) => <ol className="wall-lines">{children}</ol>;
const Nothing = ({ children }: { readonly children: ReactNode }) => <p className="wall-nothing">{children}</p>;

interface TotalProps {
  readonly total: number | null;
  readonly trend: readonly { readonly day: string; readonly count: number }[] | undefined;
  readonly today: string;
}

const WIDE = 620;
const HIGH = 220;

export function Total({ total, trend, today }: TotalProps) {
  const text = useText();
  const first = addDays(today, -6);
  const sum = (from: string, to: string): number => (trend ?? []).filter(({ day }) => day >= from && day <= to).reduce((all, { count }) => all + count, 0);
  // Today is not over: the last seven whole days against the seven before.
  const last = sum(addDays(today, -7), addDays(today, -1));
  const before = sum(addDays(today, -14), addDays(today, -8));
  const days = Array.from({ length: 28 }, (_, index) => {
    const day = addDays(today, index - 27);
    return { day, count: trend?.find((one) => one.day === day)?.count ?? 0 };
  });
  const drawn = bars(days, first, today, WIDE, HIGH);
  return (
    <>
      <p className="wall-total" data-testid="screen-total">
        {total === null ? "…" : number(text.lang, total)}
      </p>
      {trend === undefined ? null : <p className="wall-sub">{text("signals.screen.before", { difference: signed(last - before, (value) => number(text.lang, value)) })}</p>}
      <figure className="wall-days">
        <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true">
          <path className="spark-before" d={drawn.before} />
          <path className="spark-during" d={drawn.during} />
        </svg>
        <figcaption>
          <span>{dayText(text.lang, addDays(today, -27), true)}</span>
          <span>{text("signals.screen.days", { n: 28 })}</span>
          <span>{dayText(text.lang, today, true)}</span>
        </figcaption>
      </figure>
    </>
  );
}

interface RankedProps {
  readonly rows: readonly { readonly id: string; readonly name: string; readonly value: number | null }[];
  readonly measure: MeasureName;
  readonly scale: Scale;
}

export function Ranked({ rows, measure, scale }: RankedProps) {
  const text = useText();
  const first = rows.filter((row) => row.value !== null).toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0)).slice(0, LINES);
  const most = first[0]?.value ?? 0;
  return (
    <>
      <p className="wall-sub">{measureWord(text, measure)}</p>
      <Lines>
        {first.map((row, index) => (
          <Line key={row.id} mark={index + 1} name={row.name} figure={writeValue(text, scale, row.value)} part={most === 0 ? 0 : (row.value ?? 0) / most} />
        ))}
      </Lines>
    </>
  );
}

export function Hot({ items, said }: { readonly items: readonly HotItem[] | undefined; readonly said: string | null }) {
  const text = useText();
  const hot = (items ?? []).filter((item) => item.verdict === "hot").toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0));
  if (items === undefined) return null;
  return hot.length === 0 ? (
    <Nothing>{said ?? text("signals.screen.none.hotspots")}</Nothing>
  ) : (
    <>
      <Lines>
        {hot.slice(0, LINES - 2).map((item) => (
          <Line key={item.id} mark={<span className="edge-sign" />} name={item.names[text.lang]} figure={number(text.lang, item.count)} below={item.pattern === null ? undefined : text(`signals.pattern.${item.pattern}`)} />
        ))}
      </Lines>
      {said === null ? null : <p className="wall-said">{said}</p>}
    </>
  );
}

export function Rising({ items, said }: { readonly items: readonly RiseItem[] | undefined; readonly said: string | null }) {
  const text = useText();
  if (items === undefined) return null;
  const kept = items.filter((item) => item.rising);
  return kept.length === 0 ? (
    <Nothing>{said ?? text("signals.screen.none.rising")}</Nothing>
  ) : (
    <Lines>
      {kept.slice(0, LINES - 2).map((item) => (
        <Line
          key={`${item.group?.code ?? ""}.${item.area?.id ?? ""}`}
          mark="▲"
          name={item.area?.names[text.lang] ?? text("signals.whole")}
          figure={item.ratio === null ? number(text.lang, item.count) : times(text, item.ratio)}
          below={`${item.group?.names[text.lang] ?? text("signals.all")} · ${text("signals.cases", { n: item.count })} · ${text("signals.screen.usual", { n: number(text.lang, item.expected) })}`}
        />
      ))}
    </Lines>
  );
}

export function Standings({ items, zone }: { readonly items: readonly Standing[] | undefined; readonly zone: string }) {
  const text = useText();
  if (items === undefined) return null;
  return items.length === 0 ? (
    <Nothing>{text("signals.screen.none.alerts")}</Nothing>
  ) : (
    <Lines>
      {items.slice(0, LINES - 1).map((item) => (
        <Line
          key={`${item.rule}.${item.area_id}`}
          mark={<span className="wall-alert">▲</span>}
          name={item.area_names[text.lang]}
          figure={number(text.lang, item.value)}
          below={`${called(text, item.names, text("signals.alerts.short", { measure: alertMeasureWord(text, item.measure), n: item.days }))} · ${text("signals.alerts.since", { at: instantText(text.lang, item.since, zone) })}`}
        />
      ))}
    </Lines>
  );
}
