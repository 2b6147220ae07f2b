// Owns the time slider: the days as bars, the window over them with two handles, dragging it whole, playing it.
import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { Level } from "../../api/city";
import type { Of } from "../../api/counts";
import type { DayCount } from "../../api/density";
import { ChevronIcon, PauseIcon, PlayIcon, StepIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { dayText, levelWord, number } from "../../i18n/text";
import { useStill } from "../../state/media";
import { growFrom, growOn, isWhole, moveEnd, moveStart, playFrom, playOn, shift, type Span } from "./window";
import "./time.css";

interface Props {
  readonly days: readonly DayCount[];
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  readonly total: number | null;
  /** Counted, but in no area of the shown level. */
  readonly elsewhere: number;
  readonly level: Level;
  /** What is counted; incidents unless said. */
  readonly of?: Of;
  /** Everything up to the last day, with one handle; `onMode` changes it. */
  readonly cumulative?: boolean;
  readonly onMode?: (cumulative: boolean) => void;
  readonly busy: boolean;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

const STEP_MS = 900;

export function TimeStrip(props: Props) {
  const { days, span, onSpan, open, onOpen, cumulative = false, onMode, of = "incidents" } = props;
  const text = useText();
  const still = useStill();
  const [playing, setPlaying, stepOn] = usePlay(span, days.length, cumulative, onSpan);
  const from = days[span.first]?.day;
  const to = days[span.last]?.day;
  const whole = isWhole(span, days.length);
  const jump = (next: Span): void => {
    setPlaying(false);
    onSpan(next);
  };
  const last = (count: number) => (
    <button
      type="button"
      key={count}
      className="button plain"
      aria-pressed={!whole && span.last === days.length - 1 && span.last - span.first === count - 1}
      disabled={days.length < count}
      onClick={() => jump({ first: days.length - count, last: days.length - 1 })}
    >
      {text("time.last", { n: count })}
    </button>
  );
  return (
    <section className="time" aria-label={text("time")} aria-busy={props.busy}>
      <header className="time-head">
        {still ? (
          <button type="button" className="button square" aria-label={text("board.time.step")} disabled={days.length < 2} onClick={stepOn}>
            <StepIcon />
          </button>
        ) : (
          <button type="button" className="button square" aria-label={text(playing ? "time.pause" : "time.play")} disabled={days.length < 2} onClick={() => setPlaying(!playing)}>
            {playing ? <PauseIcon /> : <PlayIcon />}
          </button>
        )}
        <p className="time-now">
          <strong data-testid="total">{props.total === null ? "…" : text(of === "cases" ? "board.time.cases" : "time.total", { n: props.total })}</strong>
          {from === undefined || to === undefined ? null : (
            <span>
              {from === to ? dayText(text.lang, from) : text("time.window", { from: dayText(text.lang, from), to: dayText(text.lang, to) })}
              <span className="soft"> · {text("time.days", { n: span.last - span.first + 1 })}</span>
            </span>
          )}
          {props.elsewhere > 0 ? <span className="soft">{text("time.elsewhere", { n: props.elsewhere, level: levelWord(text, props.level) })}</span> : null}
        </p>
        <div className="time-quick">
          {onMode === undefined ? null : (
            <button type="button" className="button plain" aria-pressed={cumulative} onClick={() => onMode(!cumulative)}>
              {text("board.time.cumulative")}
            </button>
          )}
          {cumulative ? null : [7, 30].map(last)}
          <button type="button" className="button plain" aria-pressed={whole} onClick={() => jump({ first: 0, last: days.length - 1 })}>
            {text("time.all")}
          </button>
        </div>
        <button type="button" className="button plain square" aria-expanded={open} aria-label={text(open ? "time.hide" : "time.show")} onClick={() => onOpen(!open)}>
          <ChevronIcon up={!open} />
        </button>
      </header>
      {open ? <Bars days={days} span={span} cumulative={cumulative} of={of} onSpan={jump} /> : null}
    </section>
  );
}

/** Playing, setting it on or off, and a single step of it. */
function usePlay(span: Span, count: number, cumulative: boolean, onSpan: (span: Span) => void): readonly [boolean, (playing: boolean) => void, () => void] {
  const [playing, setPlaying] = useState(false);
  const latest = useRef({ span, onSpan });
  useEffect(() => {
    latest.current = { span, onSpan };
  });
  const on = cumulative ? growOn : playOn;
  const from = cumulative ? growFrom : playFrom;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => {
      const next = on(latest.current.span, count);
      if (next === null) setPlaying(false);
      else latest.current.onSpan(next);
    }, STEP_MS);
    return () => clearInterval(timer);
  }, [playing, count, on]);
  const start = (next: boolean): void => {
    if (next) onSpan(from(span, count));
    setPlaying(next);
  };
  return [playing, start, () => onSpan(on(span, count) ?? from(span, count))];
}

type GripKind = "start" | "end" | "whole";

/** Where a grip that was at `from` takes the window when it is pulled by some days. */
function pulled(grip: GripKind, from: Span, by: number, count: number): Span {
  if (grip === "start") return moveStart(from, from.first + by);
  return grip === "end" ? moveEnd(from, from.last + by, count) : shift(from, by, count);
}

interface BarsProps {
  readonly days: readonly DayCount[];
  readonly span: Span;
  readonly cumulative: boolean;
  readonly of: Of;
  readonly onSpan: (span: Span) => void;
}

function Bars({ days, span, cumulative, of, onSpan }: BarsProps) {
  const text = useText();
  const count = days.length;
  if (count === 0) return <p className="time-empty">{text("time.empty")}</p>;
  /** A click beside the window brings its nearer end there. */
  const place = (event: PointerEvent<HTMLElement>): void => {
    const rect = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - rect.left) / rect.width) * count);
    onSpan(at < span.first && !cumulative ? moveStart(span, at) : moveEnd(span, at, count));
  };
  const grip = { days, span, onSpan };
  return (
    <figure className="bars" aria-label={text(of === "cases" ? "board.time.title.cases" : "time.title")}>
      <Chart days={days} span={span} />
      <div className="track" onPointerDown={place}>
        <div className="window" style={{ left: `${(span.first / count) * 100}%`, right: `${((count - 1 - span.last) / count) * 100}%` }}>
          {cumulative ? null : (
            <>
              <Grip {...grip} kind="whole" label={text("time.move")} />
              <Grip {...grip} kind="start" label={text("time.start")} />
            </>
          )}
          <Grip {...grip} kind="end" label={text("time.end")} />
        </div>
      </div>
      <Axis days={days} />
    </figure>
  );
}

interface GripProps {
  readonly kind: GripKind;
  readonly label: string;
  readonly days: readonly DayCount[];
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
}

const KEY_DAYS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -1e6, End: 1e6 };

function Grip({ kind, label, days, span, onSpan }: GripProps) {
  const text = useText();
  const drag = useRef<{ from: Span; x: number; dayWidth: number } | null>(null);
  const count = days.length;
  const value = kind === "end" ? span.last : span.first;
  const day = days[value];
  const drop = (): void => {
    drag.current = null;
  };
  return (
    <div
      className={`grip ${kind}`}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={count - 1}
      aria-valuenow={value}
      aria-valuetext={day === undefined ? "" : text("time.value", { day: dayText(text.lang, day.day), n: day.count })}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        const track = event.currentTarget.closest(".track");
        drag.current = { from: span, x: event.clientX, dayWidth: (track?.clientWidth ?? count) / count };
      }}
      onPointerMove={(event) => {
        if (drag.current === null) return;
        const next = pulled(kind, drag.current.from, (event.clientX - drag.current.x) / drag.current.dayWidth, count);
        if (next.first !== span.first || next.last !== span.last) onSpan(next);
      }}
      onPointerUp={drop}
      onPointerCancel={drop}
      onKeyDown={(event) => {
        const by = KEY_DAYS[event.key];
        if (by === undefined) return;
        event.preventDefault();
        onSpan(pulled(kind, span, by, count));
      }}
    />
  );
}

/** Zero-based bars as two paths, inside and outside the window. */
function Chart({ days, span }: { readonly days: readonly DayCount[]; readonly span: Span }) {
  const text = useText();
  const most = Math.max(1, ...days.map((item) => item.count));
  const peak = days.findIndex((item) => item.count === most);
  const total = days.reduce((sum, item) => sum + item.count, 0);
  const gap = days.length > 180 ? 0 : 0.18;
  const path = (inside: boolean): string =>
    days
      .map((item, index) => ({ ...item, index }))
      .filter(({ index, count }) => count > 0 && (index >= span.first && index <= span.last) === inside)
      .map(({ index, count }) => `M${index + gap / 2} 100V${(100 - (count / most) * 100).toFixed(2)}H${index + 1 - gap / 2}V100Z`)
      .join("");
  return (
    <>
      <svg className="chart" viewBox={`0 0 ${days.length} 100`} preserveAspectRatio="none" aria-hidden="true">
        <path className="off" d={path(false)} />
        <path className="on" d={path(true)} />
      </svg>
      {total === 0 ? null : (
        <span className="peak" aria-hidden="true" style={{ left: `${((peak + 0.5) / days.length) * 100}%` }} data-edge={peak < days.length / 8 ? "left" : peak > (days.length * 7) / 8 ? "right" : "none"}>
          {text("time.peak", { n: number(text.lang, most) })}
        </span>
      )}
    </>
  );
}

/** Some four to eight days are named, evenly, the first among them. */
function Axis({ days }: { readonly days: readonly DayCount[] }) {
  const text = useText();
  const step = Math.max(1, Math.ceil(days.length / 6));
  return (
    <div className="axis" aria-hidden="true">
      {days.map((item, index) =>
        index % step === 0 && index + step / 2 <= days.length ? (
          <span key={item.day} style={{ left: `${(index / days.length) * 100}%` }}>
            {dayText(text.lang, item.day, true)}
          </span>
        ) : null,
      )}
    </div>
  );
}
