// Owns the board with its city: the map takes the room, the bar, the slider and the ranking can be put away.
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import type { City } from "../../api/city";
import { MapIcon, RankIcon, SlidersIcon, TableIcon } from "../../design/icons";
import { type Behind, whichOf } from "../../features/analytics/behind";
import { TimeStrip } from "../../features/analytics/TimeStrip";
import { daysOf } from "../../features/analytics/window";
import { useText } from "../../i18n/language";
import { around, type Box, boxOf, WORLD } from "../../map/box";
import type { MapHandle } from "../../map/MapView";
import { TopBar } from "../../shell/TopBar";
import { useNarrow } from "../../state/media";
import { useCategories, useHome } from "../../state/queries";
import { useMay } from "../../state/session";
import { useTheme } from "../../state/theme";
import { BoardMap } from "./BoardMap";
import { BoardTable } from "./BoardTable";
import { zoomOf } from "./drawn";
import { FilterBar } from "./FilterBar";
import { Headline } from "./Headline";
import { SidePanel } from "./SidePanel";
import { joined } from "./sentence";
import { useSignals } from "./signals";
import type { Board } from "./slots";
import { useBoardView } from "./useBoard";
import { useBoardData } from "./useBoardData";
import { useSaid } from "./useSaid";

/** About how much of the window's width the map has. */
const MAP_SHARE = 0.6;

const ScreenPage = lazy(async () => ({ default: (await import("./screen/ScreenPage")).ScreenPage }));

interface Props {
  readonly city: City;
  /** The ground of the post; null = the whole city. */
  readonly home: Box | null;
}

export function BoardStage({ city, home }: Props) {
  const text = useText();
  const { theme } = useTheme();
  const narrow = useNarrow();
  const may = useMay();
  const [view, change] = useBoardView();
  const categories = useCategories().data ?? [];
  const area = useHome(view.area).data ?? null;
  const map = useRef<MapHandle>(null);
  const [barOpen, setBarOpen] = useState(!narrow);
  const [timeOpen, setTimeOpen] = useState(!narrow);
  const [start] = useState(() => view.camera ?? home ?? boxOf(city.bbox) ?? WORLD);
  const data = useBoardData(city, view, theme, text, "zoom" in start ? start.zoom : zoomOf(start, window.innerWidth * MAP_SHARE));
  const said = useSaid(view, data, categories, area);

  const { anchors } = data;
  const goToArea = useCallback(
    (id: string) => {
      change({ selected: id, table: false });
      const anchor = anchors?.get(id);
      if (anchor !== undefined) map.current?.goToBox(around(anchor));
    },
    [change, anchors],
  );
  const open = useCallback((behind: Behind) => change({ behind, incident: null }), [change]);
  const board: Board = {
    city,
    view,
    change,
    theme,
    lang: text.lang,
    base: data.base,
    legend: data.legend,
    asked: data.asked,
    shown: data.shown,
    counts: data.measured?.counts,
    classed: data.classed,
    anchors,
    rows: data.rows,
    sentence: joined(text, said.parts),
    map,
    goToArea,
    open,
  };
  const added = useSignals(board);

  // The table says what the ranking says.
  const rankOpen = view.panel === null ? !narrow && !view.table : view.panel === "ranking";
  const reads = may(view.of === "cases" ? "cases.read" : "incidents.read");
  const openAll = reads ? () => open({ group: "all", id: null, which: whichOf("count") }) : null;
  if (view.screen) {
    return (
      <Suspense fallback={null}>
        <ScreenPage board={board} />
      </Suspense>
    );
  }
  return (
    <div className="page board" data-bar={barOpen} data-side={rankOpen}>
      <a
        className="skip"
        href="#stage"
        onClick={(event) => {
          event.preventDefault();
          map.current?.focus();
        }}
      >
        {text("app.skip")}
      </a>
      <TopBar
        lead={
          <button type="button" className="button plain square" aria-expanded={barOpen} aria-label={text(barOpen ? "board.filters.hide" : "board.filters.show")} onClick={() => setBarOpen(!barOpen)}>
            <SlidersIcon />
          </button>
        }
        tools={
          <>
            <button type="button" className="button" aria-label={text(view.table ? "table.hide" : "table.show")} onClick={() => change({ table: !view.table })}>
              {view.table ? <MapIcon /> : <TableIcon />}
              <span className="wide">{text(view.table ? "table.hide" : "table.show")}</span>
            </button>
            <button
              type="button"
              className="button"
              aria-pressed={rankOpen && view.behind === null && added.panel === null}
              aria-label={text(rankOpen ? "board.rank.hide" : "board.rank.show")}
              onClick={() => change({ panel: rankOpen ? "none" : "ranking", behind: null, incident: null, signal: null })}
            >
              <RankIcon />
              <span className="wide">{text("board.rank")}</span>
            </button>
          </>
        }
      />
      <div className="board-head">
        {barOpen ? (
          <FilterBar
            city={city}
            view={view}
            change={change}
            levels={data.levels}
            categories={categories}
            agencies={data.agencies ?? []}
            cases={may("cases.read")}
            areaName={area?.names[text.lang] ?? null}
          >
            {added.controls}
          </FilterBar>
        ) : null}
        <Headline said={said} busy={data.busy} onAll={openAll} onClear={said.narrowed ? () => change(said.cleared) : null} tools={added.tools} />
      </div>
      <main className="stage" id="stage">
        <BoardMap board={board} data={data} added={added} start={start} reads={reads} narrow={narrow} />
        {view.table ? <BoardTable city={city} view={view} data={data} onGo={goToArea} onOpen={reads ? open : null} /> : null}
      </main>
      <TimeStrip
        days={data.days}
        span={data.span}
        onSpan={(next) => {
          const { from, to } = daysOf(next, data.origin, data.days.length);
          change(view.cumulative ? { from: null, to } : { from, to });
        }}
        total={data.total}
        elsewhere={(data.measured?.counts.unlocated ?? 0) + (data.measured?.counts.above_level ?? 0)}
        level={data.drawnLevel}
        of={view.of}
        cumulative={view.cumulative}
        onMode={(cumulative) => change({ cumulative, from: null })}
        busy={data.busy}
        open={timeOpen}
        onOpen={setTimeOpen}
      />
      <SidePanel board={board} data={data} area={area} findings={added.panel} ranking={rankOpen} reads={reads} />
    </div>
  );
}
