// Owns the life of one MapLibre map: made once, then told only what differs. Knows nothing of queries or of the address bar.
import type { FeatureCollection } from "geojson";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Point } from "../api/areas";
import { prefersStill } from "../state/media";
import type { Camera } from "../state/view";
import { type GeoJSONSource, GLMap, ScaleControl, type VectorTileSource } from "./gl";
import type { Look, TileLayer } from "./look";
import { styleOf } from "./style";
import "./map.css";

export type Box = readonly [west: number, south: number, east: number, north: number];

export interface MapHandle {
  readonly zoomBy: (steps: number) => void;
  readonly goTo: (to: Point, zoom: number) => void;
  readonly goToBox: (box: Box) => void;
  readonly focus: () => void;
  /** Asks again for tiles that did not arrive. */
  readonly reload: () => void;
  /** Brings a point into the part of the map that is not covered from below. */
  readonly uncover: (at: Point, coveredPx: number) => void;
}

interface Props {
  readonly handle: Ref<MapHandle>;
  readonly look: Look;
  /** Class of each area by its tile id. */
  readonly classes: ReadonlyMap<string, number>;
  readonly labels: FeatureCollection;
  readonly pin: FeatureCollection;
  readonly start: Camera | Box;
  /** A place that has to be seen from the start, and how much of the map is covered from below. */
  readonly uncovered: { readonly at: Point; readonly coveredPx: number } | null;
  readonly label: string;
  readonly onPick: (at: Point, byKeyboard: boolean) => void;
  readonly onCamera: (camera: Camera) => void;
  /** `status`: of the answer that was a refusal. */
  readonly onTrouble: (failed: boolean, status?: number) => void;
  readonly onBroken: () => void;
}

const MOVE_MS = 600;
const motion = () => (prefersStill() ? { duration: 0 } : { duration: MOVE_MS });
const TILED: readonly TileLayer[] = ["areas", "blocks", "streets", "buildings", "facilities", "sites", "incidents"];
const FIT = { padding: { top: 52, right: 24, bottom: 28, left: 24 }, maxZoom: 17 };

export function MapView(props: Props) {
  const { handle, look, classes, labels, pin, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const [map, setMap] = useState<GLMap | null>(null);

  useEffect(() => {
    const container = box.current;
    if (container === null) return undefined;
    let made: GLMap;
    try {
      made = make(container, latest.current, () => latest.current);
    } catch {
      latest.current.onBroken();
      return undefined;
    }
    made.once("load", () => {
      setMap(made);
      const { uncovered } = latest.current;
      if (uncovered !== null) uncover(made, uncovered.at, uncovered.coveredPx);
    });
    return () => {
      setMap(null);
      made.remove();
    };
  }, []);

  useEffect(() => {
    if (map === null) return;
    // New addresses go to the source itself: a changed source in the style would be made anew, without the classes of its areas.
    for (const layer of TILED) {
      const source = map.getSource<VectorTileSource>(layer);
      const address = look.tiles(layer);
      if (source !== undefined && source.tiles[0] !== address) source.setTiles([address]);
    }
    const style = styleOf(look);
    // The two drawn sources belong to the effects below.
    for (const id of ["labels", "pin"]) {
      const source = map.getSource<GeoJSONSource>(id);
      if (source !== undefined) style.sources[id] = source.serialize();
    }
    map.setStyle(style, { diff: true });
  }, [map, look]);

  useEffect(() => {
    if (map === null) return;
    map.removeFeatureState({ source: "areas", sourceLayer: "areas" });
    for (const [id, c] of classes) map.setFeatureState({ source: "areas", sourceLayer: "areas", id }, { c });
  }, [map, classes]);

  useEffect(() => {
    void map?.getSource<GeoJSONSource>("labels")?.setData(labels);
  }, [map, labels]);

  useEffect(() => {
    void map?.getSource<GeoJSONSource>("pin")?.setData(pin);
  }, [map, pin]);

  useEffect(() => {
    map?.getCanvas().setAttribute("aria-label", label);
  }, [map, label]);

  useImperativeHandle(
    handle,
    () => ({
      zoomBy: (steps) => map?.zoomTo(map.getZoom() + steps, motion()),
      goTo: (to, zoom) => map?.easeTo({ center: [to.lon, to.lat], zoom: Math.max(zoom, map.getZoom()), ...motion() }),
      goToBox: ([west, south, east, north]) => map?.fitBounds([west, south, east, north], { ...FIT, ...motion() }),
      focus: () => map?.getCanvas().focus(),
      reload: () => {
        for (const id of TILED) map?.refreshTiles(id);
      },
      uncover: (at, coveredPx) => {
        if (map !== null) uncover(map, at, coveredPx);
      },
    }),
    [map],
  );

  return (
    <div className="map">
      <div ref={box} className="map-canvas" />
      <div className="crosshair" aria-hidden="true" />
    </div>
  );
}

const EDGE_PX = 40;

function uncover(map: GLMap, at: Point, coveredPx: number): void {
  const { y } = map.project([at.lon, at.lat]);
  const visible = map.getContainer().clientHeight - coveredPx;
  if (y < EDGE_PX || y > visible - EDGE_PX) map.easeTo({ center: [at.lon, at.lat], offset: [0, -coveredPx / 2], ...motion() });
}

function make(container: HTMLDivElement, first: Props, latest: () => Props): GLMap {
  const { start, look } = first;
  const map = new GLMap({
    container,
    style: styleOf(look),
    ...("zoom" in start
      ? { center: [start.lon, start.lat] as [number, number], zoom: start.zoom }
      : { bounds: [...start] as [number, number, number, number], fitBoundsOptions: FIT }),
    maxZoom: 19,
    minZoom: 3,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: prefersStill() ? 0 : 120,
    localIdeographFontFamily: false,
    locale: { "Map.Title": first.label },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 96 }), "bottom-right");

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

  map.on("click", (event) => latest().onPick({ lon: event.lngLat.lng, lat: event.lngLat.lat }, false));
  map.on("moveend", () => {
    const centre = map.getCenter();
    latest().onCamera({ lon: centre.lng, lat: centre.lat, zoom: map.getZoom() });
  });
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat) return;
    event.preventDefault();
    const centre = map.getCenter();
    latest().onPick({ lon: centre.lng, lat: centre.lat }, true);
  });
  return map;
}

/** A printer sees no WebGL: for the time of printing a still picture takes the canvas's place. */
function printable(map: GLMap, container: HTMLElement): void {
  const still = new Image();
  still.alt = "";
  still.className = "map-still";
  const before = (): void => {
    map.redraw();
    still.src = map.getCanvas().toDataURL("image/png");
    container.append(still);
  };
  const after = (): void => still.remove();
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  map.once("remove", () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  });
}
