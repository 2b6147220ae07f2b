// Owns the legend: what is drawn, its printed classes, and switching classes off by clicking them.
import { type ReactNode, useState } from "react";
import { ChevronIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import type { Theme } from "../../state/theme";
import { type Classes, rangeOf } from "./breaks";
import { heatHue } from "./ramp";
import "./legend.css";

interface Props {
  readonly title: string;
  /** What the printed values are. */
  readonly column: string;
  /** Little room: begins folded, as one strip. */
  readonly small: boolean;
  readonly classes: Classes;
  /** One a class, from low to high. */
  readonly colours: readonly string[];
  readonly hidden: readonly number[];
  readonly onHidden: (hidden: readonly number[]) => void;
  /** What it means that an area has no value. */
  readonly blank: string;
  /** What is counted in the last column; areas unless said; null: nothing is. */
  readonly of?: string | null;
  /** Stands below the classes. */
  readonly children?: ReactNode;
}

export function Legend({ title, column, small, classes, colours, hidden, onHidden, blank, of, children }: Props) {
  const text = useText();
  const [unfolded, setUnfolded] = useState<boolean | null>(null);
  const open = unfolded ?? !small;
  const write = (value: number): string => number(text.lang, value, classes.digits);
  const toggle = (index: number): void => onHidden(hidden.includes(index) ? hidden.filter((item) => item !== index) : [...hidden, index].sort());
  return (
    <section className="legend" aria-label={text("legend")}>
      <h2>
        <button type="button" className="fold" aria-expanded={open} onClick={() => setUnfolded(!open)}>
          {title}
          <ChevronIcon up={!open} />
        </button>
      </h2>
      {open ? null : <Strip classes={classes} colours={colours} write={write} />}
      {classes.bins.length === 0 || !open ? null : (
        <p className="columns" aria-hidden="true">
          <span>{column}</span>
          {of === null ? null : <span>{of ?? text("legend.column")}</span>}
        </p>
      )}
      {classes.bins.length === 0 ? <p className="help">{text("legend.empty")}</p> : null}
      <ul title={text("legend.hint")} hidden={!open}>
        {classes.bins.map((bin, index) => {
          const range = rangeOf(bin, index === classes.bins.length - 1, classes.digits, write);
          const shown = !hidden.includes(index);
          return (
            <li key={bin.low}>
              <button
                type="button"
                aria-pressed={shown}
                aria-label={of === null ? range : text("legend.class", { range, n: bin.areas, state: text(shown ? "legend.shown" : "legend.hidden") })}
                onClick={() => toggle(index)}
              >
                <span className="swatch" style={{ backgroundColor: shown ? colours[index] : "transparent" }} />
                <span className="range">{range}</span>
                {of === null ? null : <span className="soft">{text("legend.areas", { n: bin.areas })}</span>}
              </button>
            </li>
          );
        })}
        {classes.blank > 0 ? (
          <li className="blank">
            <span className="swatch none" />
            <span className="range">{blank}</span>
            <span className="soft">{text("legend.areas", { n: classes.blank })}</span>
          </li>
        ) : null}
      </ul>
      {hidden.length > 0 ? (
        <button type="button" className="all" onClick={() => onHidden([])}>
          {text("legend.all")}
        </button>
      ) : null}
      {open ? children : null}
    </section>
  );
}

/** Heat has no classes: from sparse to dense. */
export function HeatLegend({ theme }: { readonly theme: Theme }) {
  const text = useText();
  return (
    <section className="legend" aria-label={text("legend")}>
      <h2>{text("legend.heat")}</h2>
      <div className="heat-scale">
        <span>{text("legend.heat.low")}</span>
        <HeatBar hue={heatHue(theme)} />
        <span>{text("legend.heat.high")}</span>
      </div>
    </section>
  );
}

/** All classes in one line, with the least and the greatest value. */
function Strip({ classes, colours, write }: { readonly classes: Classes; readonly colours: readonly string[]; readonly write: (value: number) => string }) {
  const first = classes.bins[0];
  const last = classes.bins.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <p className="heat-scale">
      <span>{write(first.low)}</span>
      <span className="strip">
        {colours.map((colour) => (
          <span key={colour} style={{ backgroundColor: colour }} />
        ))}
      </span>
      <span>{write(last.high)}</span>
    </p>
  );
}

function HeatBar({ hue }: { readonly hue: string }) {
  return (
    <svg width="96" height="12" aria-hidden="true">
      {[0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 1].map((opacity, index, all) => (
        <rect key={opacity} x={(index * 96) / all.length} width={96 / all.length + 0.5} height="12" fill={hue} fillOpacity={opacity} />
      ))}
    </svg>
  );
}
