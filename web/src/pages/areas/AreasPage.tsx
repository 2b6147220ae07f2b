// Owns the page of areas and agencies: brings view, data and panels together. What each panel says is its feature's own.
import { useCallback, useMemo, useRef, useState } from "react";
import type { Hit } from "../../api/areas";
import type { City } from "../../api/city";
import { CloseIcon, MapIcon, SlidersIcon, TableIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { SearchBox } from "../../features/areas/SearchBox";
import { BaseAttribution, BaseAway } from "../../features/basemap/BaseSwitch";
import { useRaster } from "../../features/basemap/useRaster";
import { useText } from "../../i18n/language";
import { dayText } from "../../i18n/text";
import { type Box, boxOf, WORLD } from "../../map/box";
import { type MapHandle, MapView } from "../../map/MapView";
import { LOOK, type Mode, type Pointed } from "../../map/mode";
import { TopBar } from "../../shell/TopBar";
import { useNarrow } from "../../state/media";
import { useCategories, useCity } from "../../state/queries";
import { ask } from "../../state/session";
import { useTheme } from "../../state/theme";
import type { Camera } from "../../state/view";
import { MapButtons } from "../map/MapButtons";
import { Notices } from "../map/Notices";
import { AreaPanel } from "./AreaPanel";
import { AreasTable } from "./AreasTable";
import { Side } from "./Side";
import { useAreasData } from "./useAreasData";
import { useAreasView } from "./useAreasView";
import "../map/map-page.css";
import "../../features/duties/route.css";
import "../../features/analytics/legend.css";
import "./areas.css";

const STREET_ZOOM = 16;

export function AreasPage() {
  const text = useText();
  const city = useCity();
  if (city.data !== undefined) return <Loaded city={city.data} />;
  return (
    <div className="page">
      <TopBar />
      <main className="stage" aria-busy={city.isPending}>
        {city.isError ? <Trouble error={city.error} onRetry={() => void city.refetch()} /> : <p className="opening">{text("app.loading")}</p>}
      </main>
    </div>
  );
}

function Loaded({ city }: { readonly city: City }) {
  const text = useText();
  const { theme } = useTheme();
  const narrow = useNarrow();
  const [view, change] = useAreasView();
  const raster = useRaster();
  const categories = useCategories();
  const known = useMemo(() => categories.data ?? [], [categories.data]);
  const handle = useRef<MapHandle>(null);
  const [side, setSide] = useState(!narrow);
  const [byKeyboard, setByKeyboard] = useState(false);
  const [trouble, setTrouble] = useState(false);
  const [broken, setBroken] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  const data = useAreasData({ city, view, theme, text, raster });
  const located = data.located.data;
  const open = view.place !== null || view.area !== null;

  const pick = useCallback(
    ({ lon, lat }: Pointed, keyboard: boolean) => {
      setByKeyboard(keyboard);
      change({ place: { lon, lat }, area: null });
      if (narrow) setSide(false);
    },
    [change, narrow],
  );
  const mode = useMemo<Mode>(() => ({ ...LOOK, name: "pick", pick }), [pick]);
  const close = (): void => {
    change({ place: null, area: null });
    if (byKeyboard) handle.current?.focus();
  };
  const goToHit = (hit: Hit): void => {
    const box = boxOf(hit.bbox);
    change(hit.kind === "area" ? { table: false, area: hit.id, place: null } : { table: false, area: null, place: { lon: hit.lon, lat: hit.lat } });
    if (box !== null && (hit.kind === "area" || hit.kind === "street")) handle.current?.goToBox(box);
    else handle.current?.goTo(hit, STREET_ZOOM);
  };
  const goToRow = (id: string): void => {
    if (view.tab === "agencies") change({ table: false, agency: id, site: null });
    else if (view.tab === "service") {
      const one = data.served?.find((served) => served.id === id)?.properties;
      change({ table: false, site: id });
      if (one !== undefined) handle.current?.goTo(one, STREET_ZOOM - 2);
    } else {
      change({ table: false, area: id, place: null });
      const one = data.areas.data?.get(id);
      if (one !== undefined) handle.current?.goTo(one.label, STREET_ZOOM - 1);
    }
  };
  const onCamera = useCallback((camera: Camera) => change({ camera }), [change]);
  const [start] = useState<Camera | Box>(() => view.camera ?? (view.place === null ? (boxOf(city.bbox) ?? WORLD) : { ...view.place, zoom: STREET_ZOOM - 1 }));
  const outside = located !== undefined && !located.inside ? located : null;
  const last = outside?.path.at(-1);

  return (
    <div className="page areas-page">
      <a className="skip" href="#stage" onClick={(event) => {
        event.preventDefault();
        handle.current?.focus();
      }}>
        {text("app.skip")}
      </a>
      <TopBar
        lead={
          <button type="button" className="button plain square" aria-expanded={side} aria-label={text(side ? "panel.controls.hide" : "panel.controls.show")} onClick={() => setSide(!side)}>
            <SlidersIcon />
          </button>
        }
        tools={
          <button type="button" className="button" aria-label={text(view.table ? "table.hide" : "table.show")} onClick={() => change({ table: !view.table })}>
            {view.table ? <MapIcon /> : <TableIcon />}
            <span className="wide">{text(view.table ? "table.hide" : "table.show")}</span>
          </button>
        }
      >
        <SearchBox onGo={goToHit} />
      </TopBar>
      {side ? (
        <aside className="side controls" aria-label={text("panel.controls")}>
          {narrow ? (
            <div className="side-head">
              <h2>{text("panel.controls")}</h2>
              <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={() => setSide(false)}>
                <CloseIcon />
              </button>
            </div>
          ) : null}
          <Side city={city} view={view} change={change} level={data.level} levels={data.levels} turns={data.turns.data} categories={known} theme={theme} raster={raster} onGo={(to) => handle.current?.goTo(to, STREET_ZOOM - 2)} />
        </aside>
      ) : null}
      <main className="stage" id="stage" aria-busy={data.busy}>
        <div className="map-layer" inert={view.table}>
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
              states={[]}
              mode={mode}
              start={start}
              label={`${text("map")}: ${text("map.keyboard")}`}
              onCamera={onCamera}
              onTrouble={(failed, status) => {
                // A picture of the provider that did not come is told by its own words.
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
            onPosition={(at) => {
              change({ place: at, area: null });
              handle.current?.goTo(at, STREET_ZOOM);
            }}
            onFailure={setNotice}
          />
          <p className="attribution">
            {text("map.attribution", { city: city.names[text.lang] })}
            {city.demo ? ` · ${text("app.demo.note")}` : ""}
            <BaseAttribution raster={raster} />
          </p>
        </div>
        {view.table ? (
          <AreasTable tab={view.tab} level={data.level} areas={data.areas.data} served={data.served} selected={view.tab === "areas" ? data.chosen : view.tab === "agencies" ? view.agency : view.site} fileName={`${city.code}-${view.tab}.csv`} onGo={goToRow} />
        ) : null}
        <Notices
          error={data.error}
          onRetry={data.retry}
          tiles={trouble}
          onTiles={() => handle.current?.reload()}
          notice={notice}
          onNotice={() => setNotice(null)}
          onNothing={null}
          hint={false}
        >
          <BaseAway raster={raster} />
          {view.day === null ? null : (
            <p className="notice closable" role="status" data-testid="past">
              {text("places.day.past", { day: dayText(text.lang, view.day) })}
              <button type="button" className="button" onClick={() => change({ day: null })}>
                {text("places.day.back")}
              </button>
            </p>
          )}
          {open || view.table || narrow || view.day !== null ? null : <p className="hint">{text("places.hint")}</p>}
        </Notices>
      </main>
      {open ? (
        <AreaPanel
          city={city}
          view={view}
          change={change}
          areaId={data.chosen}
          pending={view.place !== null && view.area === null && data.located.isPending}
          nearest={view.area === null && outside !== null && last !== undefined ? { name: last.names[text.lang], distanceM: outside.distance_m } : null}
          place={located?.place?.text[text.lang] ?? null}
          categories={known}
          takeFocus={byKeyboard}
          onClose={close}
          onBox={(box) => handle.current?.goToBox(box)}
        />
      ) : null}
    </div>
  );
}
