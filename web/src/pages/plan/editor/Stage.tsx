// Owns the map of the editor: painted past React as somebody draws, its mode from the hand.
import type { FeatureCollection } from "geojson";
import { type Ref, type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { Point } from "../../../api/areas";
import type { City } from "../../../api/city";
import { BaseAttribution, BaseAway } from "../../../features/basemap/BaseSwitch";
import { useRaster } from "../../../features/basemap/useRaster";
import type { Drawing } from "../../../features/drawing/drawing";
import { zoomOf } from "../../../features/drawing/ground";
import { type By, type Canvas, Painter } from "../../../features/drawing/painter";
import { offColours } from "../../../features/drawing/ramp";
import { NOTHING } from "../../../features/drawing/sketch";
import { chooseAt, type Hand, modeOf, Points, type Said } from "../../../features/drawing/tools";
import { useText } from "../../../i18n/language";
import { drawnAtoms, drawnBorders, drawnNumbers } from "../../../map/layers/drawing";
import { type Base, composed } from "../../../map/layers/fragment";
import { ground, streetNames, streets, water } from "../../../map/layers/ground";
import { raster } from "../../../map/layers/raster";
import { type MapHandle, MapView } from "../../../map/MapView";
import { ask } from "../../../state/session";
import { type Theme, useTheme } from "../../../state/theme";
import type { Camera } from "../../../state/view";
import { disputedBy } from "./disputed";
import { Work } from "./work";

interface Props {
  readonly ref: Ref<{ readonly cancel: () => boolean; readonly chooseHere: () => void }>;
  readonly handle: RefObject<MapHandle | null>;
  readonly city: City;
  readonly drawing: Drawing;
  readonly watched: { readonly changed: () => void };
  readonly hand: Hand;
  readonly chosen: number | null;
  readonly by: By;
  readonly draws: boolean;
  /** Whether what is disputed is shown. */
  readonly sees: boolean;
  readonly at: Point | null;
  readonly change: (part: Partial<Hand>) => void;
  readonly onSaid: (said: Said) => void;
}

/** What lies on the map from the start; states say the rest. */
function laidOf(drawing: Drawing): Readonly<Record<string, FeatureCollection>> {
  const features = drawing.ground.outlines.map((geometry, id) => ({ type: "Feature" as const, id, properties: {}, geometry }));
  return { atoms: { type: "FeatureCollection", features }, lines: drawing.borders.lines, rim: drawing.borders.rim };
}

const NO_STATES: readonly [] = [];
/** Lines between atoms are shown from this zoom, and where an atom is so many pixels wide: among smaller ones they are but a haze. */
const LINES_FROM = 15;
const LINES_PX = 10;
const AT_ZOOM = 17;

export function Stage({ ref, handle, city, drawing, watched, hand, chosen, by, draws, sees, at, change, onSaid }: Props) {
  const text = useText();
  const { theme } = useTheme();
  const basemap = useRaster();
  const { pictures } = basemap;
  const [ready, setReady] = useState(false);
  const [broken, setBroken] = useState(false);
  const [laid, setLaid] = useState(() => laidOf(drawing));
  const [linesFrom] = useState(() => Math.max(LINES_FROM, zoomOf(drawing.ground, LINES_PX)));
  const [camera, setCamera] = useState<Camera | null>(null);
  const [work] = useState(() => new Work(drawing, hand));
  useEffect(() => {
    work.follow({ hand, change, say: onSaid, map: handle.current });
  });
  const look = useRef({ by, chosen });
  useEffect(() => {
    look.current = { by, chosen };
  }, [by, chosen]);
  const painter = useRef<Painter | null>(null);
  const [points] = useState(() => new Points());

  const style = useMemo(() => {
    const query = new URLSearchParams({ v: city.revision });
    const [west = -180, south = -85, east = 180, north = 85] = city.bbox ?? [];
    const base: Base = { theme, lang: text.lang, tiles: (layer) => `${location.origin}/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt?${query.toString()}`, bounds: [west, south, east, north] };
    const own = pictures === null;
    return composed(
      ground(base),
      raster(base, pictures),
      drawnAtoms(base, by, linesFrom),
      ...(own ? [water(base, true), streets(base, true)] : []),
      drawnBorders(base),
      ...(own ? [streetNames(base)] : []),
      drawnNumbers(base),
    );
  }, [city, theme, text.lang, by, linesFrom, pictures]);
  useEffect(() => {
    if (!ready) return undefined;
    const canvas: Canvas = {
      mark: (source, id, state) => handle.current?.mark(source, id, state),
      put: (source, value) => handle.current?.put(source, value),
      patch: (source, come, gone) => handle.current?.patch(source, come, gone),
    };
    painter.current = new Painter(canvas, drawing, look.current.by, look.current.chosen);
    let frame = 0;
    const numbers = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        painter.current?.frame();
      });
    };
    const stop = drawing.listen({
      onDrawn: (applied, recoloured) => {
        painter.current?.drawn(applied, recoloured);
        numbers();
      },
      onGround: () => {
        setLaid(laidOf(drawing));
        painter.current?.all();
      },
      onState: watched.changed,
    });
    watched.changed();
    return () => {
      stop();
      cancelAnimationFrame(frame);
      painter.current = null;
    };
  }, [ready, drawing, handle, watched]);
  useEffect(() => painter.current?.paintBy(by), [by, ready]);
  useEffect(() => painter.current?.choose(chosen), [chosen, ready]);

  const { conflict } = drawing.sync;
  useEffect(() => {
    const [theirs, ours] = disputedBy(sees ? conflict : null);
    painter.current?.disputed(theirs, ours);
  }, [conflict, sees, ready]);

  const { tool, street } = hand;
  const mode = useMemo(() => modeOf(work, points, { tool, street, draws }), [work, points, tool, street, draws]);
  useEffect(() => () => {
    points.take();
    work.sketch(NOTHING);
  }, [mode.name, points, work]);

  useImperativeHandle(ref, () => ({
    cancel: () => {
      handle.current?.breakOff();
      const had = points.take().length > 0;
      if (had) work.sketch(NOTHING);
      return had;
    },
    chooseHere: () => {
      const [west, south, east, north] = drawing.places.bounds();
      chooseAt(work, camera ?? { lon: (west + east) / 2, lat: (south + north) / 2 });
    },
  }), [work, points, camera, drawing, handle]);

  if (broken) {
    return (
      <div className="notice broken">
        <strong>{text("map.failed")}</strong>
        {text("map.failed.why")}
      </div>
    );
  }
  return (
    <>
      <MapView
        handle={handle}
        style={style}
        data={laid}
        states={NO_STATES}
        mode={mode}
        start={at === null ? drawing.places.bounds() : { ...at, zoom: AT_ZOOM }}
        label={`${text("drawing.map")}: ${text("drawing.map.keys")}`}
        onCamera={setCamera}
        onTrouble={(_failed, status) => {
          if (status === 401 || status === 403) void ask();
          if (status === 503 && pictures !== null) basemap.doubt();
        }}
        onBroken={() => setBroken(true)}
        onReady={() => setReady(true)}
      />
      {by === "off" ? <Legend theme={theme} /> : null}
      <div className="editor-away"><BaseAway raster={basemap} /></div>
      <p className="plan-attribution">
        {text("map.attribution", { city: city.names[text.lang] })}
        {city.demo ? ` · ${text("app.demo.note")}` : ""}
        <BaseAttribution raster={basemap} />
      </p>
    </>
  );
}

/** What the colours of deviation say; numbers of grids say the rest. */
function Legend({ theme }: { readonly theme: Theme }) {
  const text = useText();
  const [far, less, within, more, most] = offColours(theme);
  const rows = [["drawing.by.off.less", [far, less]], ["drawing.by.off.band", [within]], ["drawing.by.off.more", [more, most]]] as const;
  return (
    <ul className="editor-legend" aria-label={text("drawing.by.off")}>
      {rows.map(([key, colours]) => (
        <li key={key}>
          <svg width={14 * colours.length} height="12" aria-hidden="true">
            {colours.map((colour, index) => <rect key={colour} x={14 * index} width="14" height="12" fill={colour} />)}
          </svg>
          {text(key)}
        </li>
      ))}
    </ul>
  );
}
