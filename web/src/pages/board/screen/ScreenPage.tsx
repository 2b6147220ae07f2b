// Owns the wall screen: the map always, beside it one page after another, above it whose numbers these are and of when.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Classes, rangeOf } from "../../../features/analytics/breaks";
import { measureWord, scaleOf } from "../../../features/analytics/measures";
import { ramp } from "../../../features/analytics/ramp";
import { alertsDrawn } from "../../../features/alerts/standing";
import { idsOf, NOTHING } from "../../../features/hotspots/drawn";
import "../../../features/hotspots/signals.css";
import { levelsOf } from "../../../api/city";
import { useText } from "../../../i18n/language";
import { dayText, instantText, number } from "../../../i18n/text";
import { around, boxOf, WORLD } from "../../../map/box";
import { choropleth, edges } from "../../../map/layers/areas";
import { composed } from "../../../map/layers/fragment";
import { ground, streets, water } from "../../../map/layers/ground";
import { heat } from "../../../map/layers/incidents";
import { alertMarks, hotEdges, wallNames } from "../../../map/layers/signals";
import { type MapHandle, MapView } from "../../../map/MapView";
import { LOOK } from "../../../map/mode";
import { useHome } from "../../../state/queries";
import { useSession } from "../../../state/session";
import { dayOf } from "../../../time/days";
import { classedAreas, labels } from "../drawn";
import type { Board } from "../slots";
import { Hot, Ranked, Rising, Standings, Total } from "./panels";
import { ageMin, PAGES } from "./turning";
import { OFTEN_MS, useScreenData } from "./useScreenData";
import { useTurning } from "./useTurning";
import "./screen.css";

const FRESH_MS = 2 * OFTEN_MS;
const NO_IDS: readonly string[] = [];
const TITLES = {
  map: "signals.screen.map",
  ranking: "signals.screen.ranking",
  hotspots: "signals.hotspots",
  rising: "signals.rising",
  alerts: "signals.alerts",
} as const;

export function ScreenPage({ board }: { readonly board: Board }) {
  const { city, view, change, base, theme, lang, anchors } = board;
  const text = useText();
  const handle = useRef<MapHandle>(null);
  const leave = useCallback(() => change({ screen: false }), [change]);
  const { turning, now, paused } = useTurning(view.every, leave);
  // Where nothing was reported today, the last day on which something was: the period says which.
  const clockDay = dayOf(new Date(now).toISOString(), city.timezone);
  const lastDay = city.incidents_to === null ? clockDay : dayOf(city.incidents_to, city.timezone);
  const today = lastDay < clockDay ? lastDay : clockDay;
  const data = useScreenData(board, today);
  const page = PAGES[turning.page] ?? "map";
  const [broken, setBroken] = useState(false);

  const { measured, hot, alerts } = data;
  const scale = useMemo(() => scaleOf(view.measure, measured?.values ?? []), [view.measure, measured]);
  const { classes, byArea } = useMemo(() => classedAreas(measured, scale, view.breaks), [measured, scale, view.breaks]);
  const colours = useMemo(() => ramp(theme, classes.bins.length), [theme, classes.bins.length]);
  const spots = page === "hotspots" ? hot : undefined;
  const onAreas = view.paint === "areas" || page !== "map";
  const style = useMemo(
    () =>
      composed(
        ground(base),
        choropleth(base, { level: view.level, colours, hidden: [], shown: onAreas }),
        water(base, onAreas),
        streets(base, onAreas),
        heat(base, measured?.counts.total ?? 0, !onAreas),
        edges(base, view.level, levelsOf(city)),
        hotEdges(base, spots === undefined ? NO_IDS : idsOf(spots.items, "hot"), spots === undefined ? NO_IDS : idsOf(spots.items, "cold"), 1.75),
        wallNames(base),
        alertMarks(base, { size: 1.75 }),
      ),
    [base, view.level, colours, onAreas, measured, city, spots],
  );
  const names = useMemo(() => labels(measured, anchors, scale, lang, () => true, null), [measured, anchors, scale, lang]);
  const drawn = useMemo(() => ({ labels: page === "alerts" ? NOTHING : names, alerts: page === "alerts" ? alertsDrawn(alerts) : NOTHING }), [names, alerts, page]);
  const states = useMemo(() => [{ source: "areas", sourceLayer: "areas", values: new Map([...byArea].map(([id, c]) => [id, { c }])) }], [byArea]);
  const { post } = useSession();
  const home = useHome(post?.place.kind === "area" && post.place.in_force ? post.place.id : null).data;
  const [start] = useState(() => view.camera ?? (home === undefined ? null : around(home)) ?? boxOf(city.bbox) ?? WORLD);

  const rows = useMemo(
    () => (measured?.counts.ids ?? []).map((id, index) => ({ id, name: anchors?.get(id)?.names[lang] ?? measured?.counts.codes[index] ?? id, value: measured?.values[index] ?? null })),
    [measured, anchors, lang],
  );
  const { from, to } = data.shown;
  const period = data.rolling || to === null ? (from === null ? null : `${dayText(lang, from, true)} – ${dayText(lang, today, true)}`) : `${from === null ? "" : dayText(lang, from, true)} – ${dayText(lang, to, true)}`;
  useEffect(() => {
    document.title = `${text("signals.screen")} · ${city.names[lang]}`;
  }, [text, city, lang]);

  return (
    <main className="page board wall" data-page={page} data-paused={paused}>
      <header className="wall-head">
        <h1>
          {city.names[lang]} {period === null ? null : <span>{period}</span>}
        </h1>
        <Age cameAt={data.cameAt} now={now} failing={data.failing} zone={city.timezone} />
      </header>
      <div className="wall-map" id="stage" inert>
        {broken ? (
          <p className="wall-nothing">{text("map.failed")}</p>
        ) : (
          <MapView
            handle={handle}
            style={style}
            data={drawn}
            states={states}
            mode={LOOK}
            start={start}
            label={text("map")}
            onCamera={() => undefined}
            onTrouble={(failed) => {
              // Tiles that did not arrive are asked for again as soon as anything does.
              if (!failed) handle.current?.reload();
            }}
            onBroken={() => setBroken(true)}
          />
        )}
        {onAreas && classes.bins.length > 0 ? <Scale classes={classes} colours={colours} title={measureWord(text, view.measure)} /> : null}
        <p className="attribution">
          {text("map.attribution", { city: city.names[lang] })}
          {city.demo ? ` · ${text("app.demo.note")}` : ""}
        </p>
      </div>
      <section className="wall-side" aria-live="off">
        <h2>{page === "map" ? text(view.of === "cases" ? "board.of.cases" : "signals.screen.total") : text(TITLES[page])}</h2>
        {page === "map" ? <Total total={measured?.counts.total ?? null} trend={data.trend} today={today} /> : null}
        {page === "ranking" ? <Ranked rows={rows} measure={view.measure} scale={scale} /> : null}
        {page === "hotspots" ? <Hot items={hot?.items} said={hot?.said[lang] ?? null} /> : null}
        {page === "rising" ? <Rising items={data.rising?.items} said={data.rising?.said[lang] ?? null} /> : null}
        {page === "alerts" ? <Standings items={alerts?.items} zone={city.timezone} /> : null}
      </section>
      <footer className="wall-foot">
        <ol aria-label={text("signals.screen.page", { n: turning.page + 1, all: PAGES.length })}>
          {PAGES.map((one) => (
            <li key={one} aria-current={one === page} />
          ))}
        </ol>
        {paused ? (
          <p>
            {text("signals.screen.paused")} <span>{text("signals.screen.keys")}</span>
          </p>
        ) : null}
      </footer>
    </main>
  );
}

interface ScaleProps {
  readonly classes: Classes;
  readonly colours: readonly string[];
  readonly title: string;
}

function Scale({ classes, colours, title }: ScaleProps) {
  const text = useText();
  return (
    <div className="wall-scale">
      <p>{title}</p>
      <ol>
        {classes.bins.map((bin, index) => (
          <li key={bin.low}>
            <span style={{ backgroundColor: colours[index] }} />
            {rangeOf(bin, index === classes.bins.length - 1, classes.digits, (value) => number(text.lang, value, classes.digits))}
          </li>
        ))}
      </ol>
    </div>
  );
}

interface AgeProps {
  readonly cameAt: number;
  readonly now: number;
  readonly failing: boolean;
  readonly zone: string;
}

/** Of when the numbers are; that they are old, where they are. */
function Age({ cameAt, now, failing, zone }: AgeProps) {
  const text = useText();
  const age = ageMin(cameAt, now, FRESH_MS);
  if (cameAt === 0) return <p className="wall-age">{text("app.loading")}</p>;
  return (
    <div className="wall-age" role="status">
      {failing || age !== null ? <p className="wall-stale">⚠ {age === null || age < 1 ? text("signals.screen.stale.now") : text("signals.screen.stale", { n: age })}</p> : null}
      <p>{text("signals.screen.asof", { at: instantText(text.lang, new Date(cameAt).toISOString(), zone) })}</p>
    </div>
  );
}
