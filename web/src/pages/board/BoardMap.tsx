// Owns the board's map with what lies on it: legend, buttons, the chosen area, notices.
import { useCallback, useMemo, useState } from "react";
import { Pick } from "../../design/Drop";
import { CloseIcon } from "../../design/icons";
import { METHODS } from "../../features/analytics/breaks";
import { whichOf } from "../../features/analytics/behind";
import { HeatLegend, Legend } from "../../features/analytics/Legend";
import { measureWord, withUnit, writeValue } from "../../features/analytics/measures";
import { useSketch } from "../../features/analytics/useSketch";
import { BaseAttribution, BaseAway, BaseToggle } from "../../features/basemap/BaseSwitch";
import { useRaster } from "../../features/basemap/useRaster";
import { useText } from "../../i18n/language";
import { type Box, boxOf, WORLD } from "../../map/box";
import { MapView } from "../../map/MapView";
import { OTHERWISE } from "../../map/layers/otherwise";
import { LOOK, type Mode } from "../../map/mode";
import type { Camera } from "../../state/spelling";
import { ask } from "../../state/session";
import { MapButtons } from "../map/MapButtons";
import { Notices } from "../map/Notices";
import { labels, namesAlone } from "./drawn";
import type { Added, Board } from "./slots";
import { boardStyle } from "./style";
import type { BoardData } from "./useBoardData";

interface Props {
  readonly board: Board;
  readonly data: BoardData;
  readonly added: Added;
  readonly start: Camera | Box;
  readonly reads: boolean;
  readonly narrow: boolean;
}

const HIT = "hit";

export function BoardMap({ board, data, added, start, reads, narrow }: Props) {
  const text = useText();
  const { city, view, change, lang, map } = board;
  const raster = useRaster();
  const { pictures } = raster;
  const [trouble, setTrouble] = useState(false);
  const [broken, setBroken] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  const { reading } = added;
  const { paint, hidden, selected, asBy } = view;
  const { measured, anchors, scale, areas, drawnLevel, base, levels, total } = data;
  const byArea = reading?.byArea ?? areas.byArea;
  const off = reading?.hidden ?? hidden;
  const colours = reading !== null && paint === "areas" ? reading.colours : data.colours;

  const { fragments } = added;
  const style = useMemo(
    () => boardStyle({ base, level: drawnLevel, levels, paint, colours, hidden: off, selected: asBy === null ? selected : null, single: true, total: total ?? 0, pictures, added: fragments }),
    [base, drawnLevel, levels, paint, colours, off, selected, asBy, total, pictures, fragments],
  );
  const figures = reading?.figures ?? null;
  const names = useMemo(
    () => (paint === "areas" ? labels(measured, anchors, scale, lang, (id) => !off.includes(byArea.get(id) ?? -1), figures) : namesAlone(anchors, lang)),
    [paint, measured, anchors, scale, lang, off, byArea, figures],
  );
  const { data: hexagons } = data.hexagons;
  const { data: surface } = data.surface;
  const { data: more, areaStates } = added;
  const drawn = useMemo(() => ({ labels: names, hexagons, surface, ...more }), [names, hexagons, surface, more]);
  const states = useMemo(() => {
    const values = new Map<string, Readonly<Record<string, string | number | boolean>>>();
    for (const [id, c] of byArea) values.set(id, { c });
    for (const [id, state] of areaStates) values.set(id, { ...values.get(id), ...state });
    return [{ source: "areas", sourceLayer: "areas", values }];
  }, [byArea, areaStates]);

  const sketch = useSketch(view.level, paint === "areas" && asBy === null && drawnLevel === view.level ? byArea : null, colours, off);

  const target = asBy === null ? HIT : OTHERWISE;
  const mode = useMemo<Mode>(
    () => ({
      ...LOOK,
      name: "pick",
      layers: [target],
      pick: (at) => {
        const found = at.features().find((one) => one.layer.id === target);
        const known: unknown = found?.properties["id"] ?? found?.id;
        const id = typeof known === "string" || typeof known === "number" ? String(known) : null;
        change({ selected: id === selected ? null : id });
      },
    }),
    [change, selected, target],
  );
  const onCamera = useCallback((camera: Camera) => change({ camera }), [change]);
  return (
    <div className="map-layer" inert={view.table}>
      {broken ? (
        <div className="notice broken">
          <strong>{text("map.failed")}</strong>
          {text("map.failed.why")}
        </div>
      ) : (
        <MapView
          handle={map}
          style={style}
          data={drawn}
          states={states}
          mode={mode}
          start={start}
          sketch={sketch}
          label={`${text("map")}: ${text("map.keyboard")}`}
          onCamera={onCamera}
          onTrouble={(failed, status) => {
            // A picture of the provider that did not come is told by its own words.
            if (status === 503 && pictures !== null) raster.doubt();
            else setTrouble(failed);
            if (status === 401 || status === 403) void ask();
          }}
          onBroken={() => setBroken(true)}
        />
      )}
      <MapButtons
        onZoom={(steps) => map.current?.zoomBy(steps)}
        onHome={() => map.current?.goToBox(boxOf(city.bbox) ?? WORLD)}
        onPosition={(at) => map.current?.goTo(at, 15)}
        onFailure={setNotice}
      >
        <BaseToggle raster={raster} />
      </MapButtons>
      <BoardLegend board={board} data={data} added={added} colours={data.colours} narrow={narrow} />
      <Chosen board={board} data={data} reads={reads} />
      <p className="attribution">
        {text("map.attribution", { city: city.names[lang] })}
        {city.demo ? ` · ${text("app.demo.note")}` : ""}
        <BaseAttribution raster={raster} />
      </p>
      <Notices
        error={data.error}
        onRetry={data.retry}
        tiles={trouble}
        onTiles={() => map.current?.reload()}
        notice={notice}
        onNotice={() => setNotice(null)}
        hint={false}
        onNothing={null}
      >
        {total === 0 && data.error === null ? <Nothing board={board} data={data} /> : null}
        <BaseAway raster={raster} />
        {added.notices}
      </Notices>
    </div>
  );
}

interface LegendProps {
  readonly board: Board;
  readonly data: BoardData;
  readonly added: Added;
  readonly colours: readonly string[];
  readonly narrow: boolean;
}

function BoardLegend({ board, data, added, colours, narrow }: LegendProps) {
  const text = useText();
  const { view, change, theme } = board;
  if (view.paint === "areas" && added.reading !== null && added.reading.legend !== null) return added.reading.legend;
  if (view.paint === "heat") return <HeatLegend theme={theme} />;
  const measure = data.measured?.measure ?? view.measure;
  return (
    <Legend
      title={data.legendTitle}
      column={view.paint === "areas" ? withUnit(text, data.scale, measureWord(text, measure)) : text(view.paint === "surface" ? "board.measure.per_km2" : "board.measure.count")}
      small={narrow}
      classes={data.classes}
      colours={colours}
      hidden={view.hidden}
      onHidden={(hidden) => change({ hidden })}
      blank={text("board.legend.blank")}
      {...(view.paint === "areas" ? {} : { of: view.paint === "hexagons" ? text("board.legend.hexagons.of") : null })}
    >
      {view.paint === "surface" || data.classes.bins.length === 0 ? null : (
        <Pick label={text("board.breaks")} value={view.breaks} choices={METHODS.map((value) => ({ value, label: text(`board.breaks.${value}`) }))} onChange={(breaks) => change({ breaks, hidden: [] })} />
      )}
    </Legend>
  );
}

/** The area that is outlined: its value, what is behind it, and looking at it alone. */
function Chosen({ board, data, reads }: { readonly board: Board; readonly data: BoardData; readonly reads: boolean }) {
  const text = useText();
  const { view, change, open } = board;
  const id = view.selected;
  const at = data.measured?.counts.ids?.indexOf(id ?? "") ?? -1;
  if (id === null || at < 0 || data.measured === undefined) return null;
  const name = data.anchors?.get(id)?.names[text.lang] ?? data.measured.counts.codes[at] ?? id;
  const value = data.measured.values[at] ?? null;
  const written = writeValue(text, data.scale, value);
  return (
    <section className="chosen" aria-label={text("board.selected")}>
      <p>
        <strong>{name}</strong>
        <span>
          {measureWord(text, data.measured.measure)} {written}
        </span>
      </p>
      {reads && (data.measured.counts.counts[at] ?? 0) > 0 ? (
        <button type="button" className="button" onClick={() => open({ group: "area", id, which: whichOf(view.measure) })}>
          {text("board.behind.see")}
        </button>
      ) : null}
      {view.asBy === null ? (
        <button type="button" className="button" onClick={() => change({ area: id, selected: null, hidden: [] })}>
          {text("board.area.here", { name })}
        </button>
      ) : null}
      <button type="button" className="button plain square" aria-label={text("board.selected.clear")} onClick={() => change({ selected: null })}>
        <CloseIcon />
      </button>
    </section>
  );
}

/** An empty result offers to widen: the time first, then everything. */
function Nothing({ board, data }: { readonly board: Board; readonly data: BoardData }) {
  const text = useText();
  const { asked } = data;
  const timed = asked.from !== null || asked.to !== null;
  return (
    <div className="notice" role="status">
      {text("board.nothing")}{" "}
      {timed ? (
        <button type="button" className="button" onClick={() => board.change({ from: null, to: null, cumulative: false })}>
          {text("board.nothing.time")}
        </button>
      ) : null}{" "}
      <button type="button" className="button" onClick={() => board.change({ categories: [], agencies: [], channels: [], states: [], area: null, hidden: [] })}>
        {text("board.nothing.filters")}
      </button>
    </div>
  );
}
