// Owns the map page: brings view, data and panels together. What each panel says is its feature's own.
import { useCallback, useMemo, useRef, useState } from "react";
import { Notices } from "./Notices";
import type { Anchor, Hit, Point } from "../../api/areas";
import { type City, levelsOf } from "../../api/city";
import { Trouble } from "../../design/Trouble";
import { CloseIcon } from "../../design/icons";
import { ramp } from "../../features/analytics/ramp";
import { TimeStrip } from "../../features/analytics/TimeStrip";
import { useSketch } from "../../features/analytics/useSketch";
import { daysOf, type Span } from "../../features/analytics/window";
import { BaseAttribution, BaseAway, BaseSwitch } from "../../features/basemap/BaseSwitch";
import { useRaster } from "../../features/basemap/useRaster";
import { useText } from "../../i18n/language";
import { around, type Box, boxOf, WORLD } from "../../map/box";
import { type MapHandle, MapView } from "../../map/MapView";
import { LOOK, type Mode } from "../../map/mode";
import { useNarrow } from "../../state/media";
import { useCategories, useCity, useHome, useOutlines } from "../../state/queries";
import { ask, useMay, useSession } from "../../state/session";
import { TopBar } from "../../shell/TopBar";
import { useTheme } from "../../state/theme";
import { useView } from "../../state/useView";
import type { Camera } from "../../state/view";
import { Bar } from "./Bar";
import { Controls } from "./Controls";
import { CountsTable } from "./CountsTable";
import { MapButtons } from "./MapButtons";
import { MapLegend } from "./MapLegend";
import { PointPanel } from "./PointPanel";
import { useMapData } from "./useMapData";
import "./map-page.css";

const STREET_ZOOM = 16;

export function MapPage() {
  const text = useText();
  const city = useCity();
  const { post } = useSession();
  useOutlines(useView()[0].level);
  const home = useHome(post?.place.kind === "area" && post.place.in_force ? post.place.id : null);
  if (city.data !== undefined && !home.isLoading) return <Loaded city={city.data} home={home.data ?? null} />;
  return (
    <div className="page">
      <TopBar />
      <main className="stage" aria-busy={city.isPending || home.isLoading}>
        {city.isError ? <Trouble error={city.error} onRetry={() => void city.refetch()} /> : <p className="opening">{text("app.loading")}</p>}
      </main>
    </div>
  );
}

function Loaded({ city, home }: { readonly city: City; readonly home: Anchor | null }) {
  const text = useText();
  const { theme } = useTheme();
  const narrow = useNarrow();
  const counts = useMay()("density.read");
  const [view, change] = useView();
  const table = counts && view.table;
  const categories = useCategories();
  const known = useMemo(() => categories.data ?? [], [categories.data]);
  const handle = useRef<MapHandle>(null);
  const [controls, setControls] = useState(!narrow);
  const [timeOpen, setTimeOpen] = useState(!narrow);
  const [accuracyM, setAccuracyM] = useState<number | null>(null);
  const [byKeyboard, setByKeyboard] = useState(false);
  const [trouble, setTrouble] = useState(false);
  const [broken, setBroken] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);

  // The filter, when it is one category and not a group, is also the question "who is responsible for this".
  const duty = view.duty ?? (known.some((item) => item.code === view.category) ? view.category : null);
  const raster = useRaster();
  const data = useMapData({ city, view, duty, theme, lang: text.lang, accuracyM, counts, pictures: raster.pictures });
  const { density, days, origin, span } = data;
  const colours = useMemo(() => ramp(theme, data.classes.bins.length), [theme, data.classes]);
  const sketch = useSketch(view.level, counts && view.paint === "areas" ? data.byArea : null, colours, view.hidden);

  const pick = useCallback(
    ({ lon, lat }: Point, keyboard: boolean) => {
      const at = { lon, lat };
      setByKeyboard(keyboard);
      setAccuracyM(null);
      change({ point: at, incident: null });
      if (narrow) {
        setControls(false);
        handle.current?.uncover(at, sheetPx());
      }
    },
    [change, narrow],
  );
  const mode = useMemo<Mode>(() => ({ ...LOOK, name: "pick", pick }), [pick]);
  const close = (): void => {
    setAccuracyM(null);
    change({ point: null, incident: null });
    if (byKeyboard) handle.current?.focus();
  };
  const goToHit = (hit: Hit): void => {
    change({ table: false, ...(hit.kind === "area" ? {} : { point: { lon: hit.lon, lat: hit.lat }, incident: null }) });
    const box = boxOf(hit.bbox);
    if (box !== null && (hit.kind === "area" || hit.kind === "street")) handle.current?.goToBox(box);
    else handle.current?.goTo(hit, STREET_ZOOM);
  };
  const goToArea = (id: string): void => {
    change({ table: false });
    const anchor = data.anchors?.get(id);
    if (anchor !== undefined) handle.current?.goToBox(around(anchor));
  };
  const setSpan = (next: Span): void => change(daysOf(next, origin, days.length));
  const onCamera = useCallback((camera: Camera) => change({ camera }), [change]);
  const [start] = useState<Camera | Box>(() => view.camera ?? (home === null || view.point !== null ? null : around(home)) ?? boxOf(city.bbox) ?? WORLD);
  const showReport = (): void => {
    const at = view.point;
    change({ from: null, to: null, table: false, category: null, point: null, incident: null });
    if (at !== null) handle.current?.goTo(at, STREET_ZOOM);
  };

  return (
    <div className="page" data-controls={controls} data-point={view.point !== null}>
      <a className="skip" href="#stage" onClick={(event) => {
        event.preventDefault();
        handle.current?.focus();
      }}>
        {text("app.skip")}
      </a>
      <Bar controls={controls} onControls={setControls} table={counts ? view.table : null} onTable={(table) => change({ table })} onGo={goToHit} />
      {controls ? (
        <aside className="side controls" aria-label={text("panel.controls")}>
          {narrow ? (
            <div className="side-head">
              <h2>{text("panel.controls")}</h2>
              <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={() => setControls(false)}>
                <CloseIcon />
              </button>
            </div>
          ) : null}
          <Controls view={view} change={change} levels={levelsOf(city)} counts={counts} categories={known} trouble={categories.error} onRetry={() => void categories.refetch()}>
            <BaseSwitch raster={raster} />
          </Controls>
        </aside>
      ) : null}
      <main className="stage" id="stage">
        <div className="map-layer" inert={table}>
          {broken ? (
            <div className="notice broken">
              <strong>{text("map.failed")}</strong>
              {text("map.failed.why")}
            </div>
          ) : (
            <MapView
              handle={handle}
              style={data.style}
              data={data.drawn}
              states={data.states}
              mode={mode}
              start={start}
              sketch={sketch}
              uncovered={narrow && view.point !== null ? { at: view.point, coveredPx: sheetPx() } : null}
              label={`${text("map")}: ${text("map.keyboard")}`}
              onCamera={onCamera}
              onTrouble={(failed, status) => {
                if (status === 503 && raster.pictures !== null) raster.doubt();
                else setTrouble(failed);
                if (status === 401 || status === 403) void ask();
              }}
              onBroken={() => setBroken(true)}
            />
          )}
          <MapButtons
            onZoom={(steps) => handle.current?.zoomBy(steps)}
            onHome={() => handle.current?.goToBox(boxOf(city.bbox) ?? WORLD)}
            onPosition={(at, metres) => {
              pick(at, false);
              setAccuracyM(metres);
              handle.current?.goTo(at, STREET_ZOOM);
            }}
            onFailure={setNotice}
          />
          {counts ? <MapLegend level={view.level} measure={view.measure} paint={view.paint} small={narrow} theme={theme} classes={data.classes} hidden={view.hidden} onHidden={(hidden) => change({ hidden })} /> : null}
          <p className="attribution">
            {text("map.attribution", { city: city.names[text.lang] })}
            {city.demo ? ` · ${text("app.demo.note")}` : ""}
            <BaseAttribution raster={raster} />
          </p>
        </div>
        {table && density.data !== undefined ? (
          <CountsTable density={density.data} level={view.level} selected={data.look.outlined} fileName={`${city.code}-${view.level}.csv`} onGo={goToArea} />
        ) : null}
        <Notices
          error={density.error ?? data.daysError}
          onRetry={data.retry}
          tiles={trouble}
          onTiles={() => handle.current?.reload()}
          notice={notice}
          onNotice={() => setNotice(null)}
          onNothing={density.data?.total === 0 && (city.counts.incidents ?? 0) > 0 ? () => change({ category: null, from: null, to: null, hidden: [] }) : null}
          hint={view.point === null && !table && !narrow}
        >
          <BaseAway raster={raster} />
        </Notices>
      </main>
      {counts ? (
        <TimeStrip days={days} span={span} onSpan={setSpan} total={density.data?.total ?? null} elsewhere={(density.data?.unlocated ?? 0) + (density.data?.above_level ?? 0)}
          level={view.level} busy={density.isFetching} open={timeOpen} onOpen={setTimeOpen} />
      ) : null}
      {view.point === null ? null : (
        <PointPanel
          at={view.point}
          city={city}
          categories={known}
          category={duty}
          onCategory={(code) => change({ duty: code })}
          takeFocus={byKeyboard}
          accuracyM={accuracyM}
          onAccuracy={setAccuracyM}
          onClose={close}
          onShow={showReport}
          incident={view.incident}
          onIncident={(incident) => change({ incident })}
        />
      )}
    </div>
  );
}

/** How much of the map the sheet of a chosen place covers on a phone (62 % of the screen, less the time strip); beside the map it covers nothing. */
const sheetPx = (): number => (window.innerWidth < 700 ? window.innerHeight * 0.55 : 0);
