// Owns the legend: what is drawn, its printed classes, and switching classes off by clicking them.
import type { Level } from "../../api/city";
import { useText } from "../../i18n/language";
import { levelWord, number } from "../../i18n/text";
import type { Theme } from "../../state/theme";
import { type Classes, rangeOf } from "./breaks";
import { heatHue, ramp } from "./ramp";
import "./legend.css";

interface Props {
  readonly level: Level;
  readonly measure: "count" | "rate";
  readonly paint: "areas" | "heat";
  readonly theme: Theme;
  readonly classes: Classes;
  readonly hidden: readonly number[];
  readonly onHidden: (hidden: readonly number[]) => void;
}

export function Legend({ level, measure, paint, theme, classes, hidden, onHidden }: Props) {
  const text = useText();
  if (paint === "heat") {
    return (
      <section className="legend" aria-label={text("legend")}>
        <h3>{text("legend.heat")}</h3>
        <div className="heat-scale">
          <span>{text("legend.heat.low")}</span>
          <HeatBar hue={heatHue(theme)} />
          <span>{text("legend.heat.high")}</span>
        </div>
      </section>
    );
  }
  const colours = ramp(theme, classes.bins.length);
  const write = (value: number): string => number(text.lang, value, classes.digits);
  const toggle = (index: number): void => onHidden(hidden.includes(index) ? hidden.filter((item) => item !== index) : [...hidden, index].sort());
  return (
    <section className="legend" aria-label={text("legend")}>
      <h3>{text(measure === "count" ? "legend.count" : "legend.rate", { level: levelWord(text, level) })}</h3>
      {classes.bins.length === 0 ? <p className="help">{text("legend.empty")}</p> : null}
      <ul title={text("legend.hint")}>
        {classes.bins.map((bin, index) => {
          const range = rangeOf(bin, index === classes.bins.length - 1, classes.digits, write);
          const shown = !hidden.includes(index);
          return (
            <li key={bin.low}>
              <button
                type="button"
                aria-pressed={shown}
                aria-label={text("legend.class", { range, n: bin.areas, state: text(shown ? "legend.shown" : "legend.hidden") })}
                onClick={() => toggle(index)}
              >
                <span className="swatch" style={{ backgroundColor: shown ? colours[index] : "transparent" }} />
                <span className="range">{range}</span>
                <span className="soft">{text("legend.areas", { n: bin.areas })}</span>
              </button>
            </li>
          );
        })}
        {classes.blank > 0 ? (
          <li className="blank">
            <span className="swatch none" />
            <span className="range">{text("legend.none")}</span>
            <span className="soft">{text("legend.areas", { n: classes.blank })}</span>
          </li>
        ) : null}
      </ul>
      {hidden.length > 0 ? (
        <button type="button" className="all" onClick={() => onHidden([])}>
          {text("legend.all")}
        </button>
      ) : null}
    </section>
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
