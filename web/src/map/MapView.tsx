// Owns the life of one MapLibre map: made once, then told only what differs. Knows nothing of queries, of the address bar, nor of what it shows.
import type { Feature, FeatureCollection } from "geojson";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Point } from "../api/areas";
import { prefersStill } from "../state/media";
import type { Camera } from "../state/view";
import { type Applied, restate, restyle, type State, type States } from "./apply";
import type { Box } from "./box";
import { listen } from "./gestures";
import type { GeoJSONSource, GLMap, MapGeoJSONFeature, StyleSpecification } from "./gl";
import { fetchGl, foresee, type Gl } from "./late";
import type { Mode } from "./mode";
import { FIT } from "./fitting";
import { type Drawing, Sketch } from "./Sketch";
import { png, printable } from "./still";
import "./map.css";

export type { Box };

type Px = readonly [x: number, y: number];

export interface MapHandle {
  readonly zoomBy: (steps: number) => void;
  readonly goTo: (to: Point, zoom: number) => void;
  readonly goToBox: (box: Box) => void;
  /** To the very camera, at once: for two maps that move together. */
  readonly jumpTo: (camera: Camera) => void;
  readonly focus: () => void;
  /** Asks again for tiles that did not arrive. */
  readonly reload: () => void;
  /** Brings a point into the part of the map that is not covered from below. */
  readonly uncover: (at: Point, coveredPx: number) => void;
  /** States of one feature of a drawn source at once, past React: for strokes. Joined to what it has. */
  readonly mark: (source: string, id: string | number, state: State) => void;
  /** Data of a drawn source at once, past React: for strokes. */
  readonly put: (source: string, data: FeatureCollection) => void;
  /** Features of a drawn source that come and go, by their ids; the rest of it stays as it is. */
  readonly patch: (source: string, come: readonly Feature[], gone: readonly (string | number)[]) => void;
  readonly project: (at: Point) => Px;
  readonly unproject: (px: Px) => Point;
  /** What is drawn of these layers in a box of pixels, or on the whole map. */
  readonly drawnIn: (layers: readonly string[], box?: readonly [Px, Px]) => readonly MapGeoJSONFeature[];
  /** The map as it stands, without what lies above it. */
  readonly png: () => Promise<Blob>;
  /** Ends a press that is under way, as Escape does. */
  readonly breakOff: () => void;
}

interface Props {
  readonly handle: Ref<MapHandle>;
  /** Composed of fragments (layers/fragment.ts); keep it the same value while it says the same. */
  readonly style: StyleSpecification;
  /** Of the sources that fragments have `drawn`, by id; keep the same values while they say the same. */
  readonly data: Readonly<Record<string, FeatureCollection>>;
  readonly states: readonly States[];
  readonly mode: Mode;
  readonly start: Camera | Box;
  /** Stands there until the map has come. */
  readonly sketch?: Drawing | null;
  /** A place that has to be seen from the start, and how much of the map is covered from below. */
  readonly uncovered?: { readonly at: Point; readonly coveredPx: number } | null;
  readonly label: string;
  readonly onCamera: (camera: Camera) => void;
  /** While the map moves, each frame. */
  readonly onMoving?: (camera: Camera) => void;
  /** `status`: of the answer that was a refusal. */
  readonly onTrouble: (failed: boolean, status?: number) => void;
  readonly onBroken: () => void;
  /** The map can be drawn on. */
  readonly onReady?: () => void;
}

foresee();

const MOVE_MS = 600;
const motion = () => (prefersStill() ? { duration: 0 } : { duration: MOVE_MS });
const NO_DATA: Readonly<Record<string, FeatureCollection>> = {};

export function MapView(props: Props) {
  const { handle, style, data, states, mode, label, start, sketch } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const [map, setMap] = useState<GLMap | null>(null);
  const [moved, setMoved] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const breakOff = useRef<() => void>(() => undefined);
  const shown = useRef({ style, data: NO_DATA, states: [] as readonly Applied[] });

  useEffect(() => {
    const container = box.current;
    if (container === null) return undefined;
    let ended = false;
    let made: GLMap | null = null;
    const begin = (gl: Gl): void => {
      const first = latest.current;
      let begun: GLMap;
      try {
        begun = make(gl, container, first, () => latest.current);
      } catch {
        first.onBroken();
        return;
      }
      made = begun;
      shown.current = { style: first.style, data: NO_DATA, states: [] };
      breakOff.current = listen(begun, () => latest.current.mode);
      // What was drawn for where the map begins does not follow it.
      begun.once("movestart", () => setMoved(true));
      begun.once("load", () => {
        setMap(begun);
        const { uncovered, onReady } = latest.current;
        if (uncovered !== null && uncovered !== undefined) uncover(begun, uncovered.at, uncovered.coveredPx);
        onReady?.();
      });
    };
    fetchGl().then(
      (gl) => {
        if (ended) return;
        if (attempt > 0) latest.current.onTrouble(false);
        begin(gl);
      },
      () => {
        if (!ended) latest.current.onTrouble(true);
      },
    );
    return () => {
      ended = true;
      breakOff.current();
      setMap(null);
      made?.remove();
    };
  }, [attempt]);

  useEffect(() => {
    if (map === null) return;
    restyle(map, shown.current.style, style);
    shown.current.style = style;
  }, [map, style]);

  useEffect(() => {
    if (map === null) return;
    for (const [id, value] of Object.entries(data)) {
      if (shown.current.data[id] !== value) void map.getSource<GeoJSONSource>(id)?.setData(value);
    }
    shown.current.data = data;
  }, [map, data]);

  useEffect(() => {
    if (map === null) return;
    shown.current.states = restate(map, shown.current.states, states);
  }, [map, states, style]);

  // A gesture belongs to the mode in which it began.
  useEffect(() => () => breakOff.current(), [mode.name]);
  useEffect(() => {
    if (map !== null) map.getCanvas().style.cursor = mode.cursor;
  }, [map, mode.cursor]);

  useEffect(() => {
    map?.getCanvas().setAttribute("aria-label", label);
  }, [map, label]);

  useImperativeHandle(handle, () => handleOf(map, () => latest.current, () => breakOff.current(), () => setAttempt((before) => before + 1)), [map]);

  return (
    <div className="map">
      <div ref={box} className="map-canvas" data-mode={mode.name} aria-busy={true} />
      {map === null && !moved && sketch !== null && sketch !== undefined ? <Sketch drawing={sketch} start={start} /> : null}
      <div className="crosshair" aria-hidden="true" />
    </div>
  );
}

function handleOf(map: GLMap | null, latest: () => Props, breakOff: () => void, again: () => void): MapHandle {
  return {
    zoomBy: (steps) => map?.zoomTo(map.getZoom() + steps, motion()),
    goTo: (to, zoom) => map?.easeTo({ center: [to.lon, to.lat], zoom: Math.max(zoom, map.getZoom()), ...motion() }),
    goToBox: ([west, south, east, north]) => map?.fitBounds([west, south, east, north], { ...FIT, ...motion() }),
    jumpTo: (camera) => map?.jumpTo({ center: [camera.lon, camera.lat], zoom: camera.zoom }),
    focus: () => map?.getCanvas().focus(),
    reload: () => {
      if (map === null) again();
      for (const [id, source] of Object.entries(latest().style.sources)) {
        if (source.type === "vector" || source.type === "raster") map?.refreshTiles(id);
      }
    },
    uncover: (at, coveredPx) => {
      if (map !== null) uncover(map, at, coveredPx);
    },
    mark: (source, id, state) => map?.setFeatureState({ source, id }, state),
    put: (source, value) => void map?.getSource<GeoJSONSource>(source)?.setData(value),
    patch: (source, come, gone) => void map?.getSource<GeoJSONSource>(source)?.updateData({ add: [...come], remove: [...gone] }),
    project: (at) => {
      const { x, y } = map?.project([at.lon, at.lat]) ?? { x: 0, y: 0 };
      return [x, y];
    },
    unproject: ([x, y]) => {
      const { lng, lat } = map?.unproject([x, y]) ?? { lng: 0, lat: 0 };
      return { lon: lng, lat };
    },
    drawnIn: (layers, within) => {
      if (map === null) return [];
      const known = layers.filter((id) => map.getLayer(id) !== undefined);
      return within === undefined ? map.queryRenderedFeatures({ layers: known }) : map.queryRenderedFeatures([[...within[0]], [...within[1]]], { layers: known });
    },
    png: () => (map === null ? Promise.reject(new Error("no map yet")) : png(map)),
    breakOff,
  };
}

const EDGE_PX = 40;

function uncover(map: GLMap, at: Point, coveredPx: number): void {
  const { y } = map.project([at.lon, at.lat]);
  const visible = map.getContainer().clientHeight - coveredPx;
  if (y < EDGE_PX || y > visible - EDGE_PX) map.easeTo({ center: [at.lon, at.lat], offset: [0, -coveredPx / 2], ...motion() });
}

function make(gl: Gl, container: HTMLDivElement, first: Props, latest: () => Props): GLMap {
  const { start, style } = first;
  const map = new gl.GLMap({
    container,
    style,
    ...("zoom" in start
      ? { center: [start.lon, start.lat] as [number, number], zoom: start.zoom }
      : { bounds: [...start] as [number, number, number, number], fitBoundsOptions: FIT }),
    maxZoom: 19,
    minZoom: 3,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0, // each fade is so many more frames, and whoever waits for the map waits for them
    localIdeographFontFamily: false,
    locale: { "Map.Title": first.label },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.ScaleControl({ maxWidth: 96 }), "bottom-right");

  const broken = new Set<string>();
  map.on("error", (event) => {
    broken.add("sourceId" in event && typeof event.sourceId === "string" ? event.sourceId : "");
    const status: unknown = "status" in event.error ? event.error.status : undefined;
    if (typeof status === "number") latest().onTrouble(true, status);
    else latest().onTrouble(true);
  });
  map.on("sourcedata", (event) => {
    if (event.tile !== undefined && broken.delete(event.sourceId) && broken.size === 0) latest().onTrouble(false);
  });
  // "busy" and "idle" can be seen from outside: by assistive technology and by whoever prints or photographs the page.
  const busy = (state: boolean) => container.setAttribute("aria-busy", String(state));
  busy(true);
  map.on("dataloading", () => busy(true));
  map.on("movestart", () => busy(true));
  map.on("idle", () => busy(false));

  printable(map, container);

  const camera = (): Camera => {
    const centre = map.getCenter();
    return { lon: centre.lng, lat: centre.lat, zoom: map.getZoom() };
  };
  map.on("move", () => latest().onMoving?.(camera()));
  map.on("moveend", () => latest().onCamera(camera()));
  return map;
}
