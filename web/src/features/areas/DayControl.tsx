// Owns stepping back in time: a day of the calendar, or one of those on which boundaries changed.
import { useMemo } from "react";
import type { Turn } from "../../api/history";
import { useText } from "../../i18n/language";
import { dayText } from "../../i18n/text";
import { dayOf, isDay } from "../../time/days";
import { changesOf, dayBefore, turnOn } from "./times";

interface Props {
  readonly day: string | null;
  readonly today: string;
  readonly turns: readonly Turn[] | undefined;
  readonly timeZone: string;
  readonly onDay: (day: string | null) => void;
}

const MOST = 12;

export function DayControl({ day, today, turns: plans, timeZone, onDay }: Props) {
  const text = useText();
  const turns = useMemo(() => (plans === undefined ? undefined : changesOf(plans)), [plans]);
  const current = turns === undefined ? null : turnOn(turns, day, today, timeZone);
  return (
    <>
      <div className="field">
        <label className="label" htmlFor="areas-day">
          {text("places.day")}
        </label>
        <div className="day-row">
          <input
            id="areas-day"
            className="input"
            type="date"
            aria-label={text("places.day.pick")}
            max={today}
            value={day ?? today}
            onChange={(event) => {
              if (isDay(event.target.value)) onDay(event.target.value >= today ? null : event.target.value);
            }}
          />
          <button type="button" className="button" disabled={day === null} onClick={() => onDay(null)}>
            {text("places.day.now")}
          </button>
        </div>
      </div>
      <div>
        <h2 className="label">{text("places.turns")}</h2>
        <ol className="turns">
          {(turns ?? []).slice(0, MOST).map((turn) => {
            const on = turn.at === null ? null : dayOf(turn.at, timeZone);
            return (
              <li key={turn.plan_id}>
                <button
                  type="button"
                  className="agency"
                  aria-pressed={turn === current}
                  onClick={() => {
                    const first = turns?.at(-2)?.at ?? null;
                    if (on !== null) onDay(on >= today ? null : on);
                    else if (first !== null) onDay(dayBefore(first, timeZone));
                    else onDay(null);
                  }}
                >
                  <span className="grow">
                    {on === null ? text("places.turns.first") : dayText(text.lang, on)}
                    <span className="soft-line">{turn.name}</span>
                  </span>
                  <span className="soft">{text("places.turns.size", { n: turn.began })}</span>
                </button>
              </li>
            );
          })}
        </ol>
        {turns?.length === 1 ? <p className="help">{text("places.turns.none")}</p> : null}
      </div>
    </>
  );
}
