// Owns bringing findings, alerts, comparison and export to the board: what each is told, what it draws, where it leads.
import { useMemo, useState } from "react";
import type { HotSpots } from "../../api/hotspots";
import type { Params } from "../../api/http";
import { AlertsTab } from "../../features/alerts/AlertsTab";
import { proposable } from "../../features/alerts/limits";
import { alertsDrawn, useStandingAlerts } from "../../features/alerts/standing";
import { filtersOf } from "../../features/analytics/asked";
import { ClustersTab } from "../../features/hotspots/ClustersTab";
import { boxOf, clustersDrawn, idsOf, NOTHING, spotsDrawn } from "../../features/hotspots/drawn";
import { HotTab } from "../../features/hotspots/HotTab";
import { useClusters, useHotSpots, useRepeats } from "../../features/hotspots/queries";
import { RepeatsTab } from "../../features/hotspots/RepeatsTab";
import { RisingTab } from "../../features/hotspots/RisingTab";
import { KINDS, SignalsPanel } from "../../features/hotspots/SignalsPanel";
import { DIVERGING } from "../../features/comparison/ramp";
import { useText } from "../../i18n/language";
import type { Text } from "../../i18n/text";
import { alertMarks, clusterCircles, hotEdges, spotMarks } from "../../map/layers/signals";
import { useMay } from "../../state/session";
import type { Theme } from "../../state/theme";
import { addDays, dayOf } from "../../time/days";
import { useCompared } from "./compared";
import { Exports, Printed } from "./Exported";
import { Findings } from "./Findings";
import type { Added, Board, LegendRows } from "./slots";
import type { BoardView } from "./view";

/** States of what clusters are looked for in, unless others are asked for. */
const HAPPENED = ["open", "closed"] as const;
const STREET_ZOOM = 16;
const AREA_ZOOM = 14;
/** Half a name with its figure, and half a mark. */
const NAME_PX = 42;
const NO_STATES: Added["areaStates"] = new Map();
const NO_IDS: readonly string[] = [];

export function useSignals(board: Board): Added {
  const { view, change, asked, anchors, base, city, map, theme } = board;
  const text = useText();
  const may = useMay();
  const [cluster, setCluster] = useState<number | null>(null);
  // Opening a finding changes the view: what was found then stays, until it is asked anew.
  const [kept, setKept] = useState<Params | null>(null);
  const { signal, level } = view;
  // Findings are of incidents: the states of cases are none of theirs.
  const present = useMemo(() => filtersOf(view.of === "cases" ? { ...asked, states: [] } : asked), [asked, view.of]);
  const filters = kept ?? present;
  const measure = view.measure === "per_100_households" ? "rate" : "count";
  const outlined = (view.hot || signal === "hotspots") && view.asBy === null && view.paint === "areas";
  const hot = useHotSpots(level, measure, filters, outlined).data;
  const clusters = useClusters(level, filters, signal === "clusters").data;
  const repeats = useRepeats(filters, signal === "repeats").data;
  const alerts = useStandingAlerts(may("alerts.read"));
  const compared = useCompared(board);

  const spots = outlined ? hot : undefined;
  const fragments = useMemo(
    () => [
      ...compared.fragments,
      hotEdges(base, spots === undefined ? NO_IDS : idsOf(spots.items, "hot"), spots === undefined ? NO_IDS : idsOf(spots.items, "cold")),
      clusterCircles(base),
      spotMarks(base),
      alertMarks(base, { lift: NAME_PX }),
    ],
    [base, compared.fragments, spots],
  );
  const shownClusters = signal === "clusters" ? clusters : undefined;
  const shownRepeats = signal === "repeats" ? repeats : undefined;
  const data = useMemo(
    () => ({
      ...compared.data,
      clusters: shownClusters === undefined ? NOTHING : clustersDrawn(shownClusters.items, anchors, cluster),
      spots: shownRepeats === undefined ? NOTHING : spotsDrawn(shownRepeats.items),
      alerts: alertsDrawn(alerts.data),
    }),
    [compared.data, shownClusters, anchors, cluster, shownRepeats, alerts.data],
  );

  const open = (next: Partial<BoardView>): void => {
    setKept(filters);
    change(next);
  };
  const anew = (next: Partial<BoardView>): void => {
    setKept(null);
    setCluster(null);
    change(next);
  };
  const panel =
    signal === null ? null : (
      <SignalsPanel
        kind={signal}
        kinds={may("alerts.read") ? KINDS : KINDS.filter((one) => one !== "alerts")}
        onKind={(kind) => anew({ signal: kind })}
        onClose={() => anew({ signal: null })}
        note={view.of === "cases" && signal !== "alerts" ? text("signals.only.incidents") : null}
        onRenew={kept !== null && JSON.stringify(kept) !== JSON.stringify(present) && signal !== "alerts" ? () => anew({}) : null}
      >
        {signal === "hotspots" ? (
          <HotTab
            level={level}
            measure={measure}
            asked={filters}
            selected={view.selected}
            onGrids={level === "grid" ? null : () => anew({ level: "grid" })}
            onArea={(id) => {
              open({ selected: id, behind: { group: "area", id, which: "count" }, of: "incidents" });
              board.goToArea(id);
            }}
          />
        ) : null}
        {signal === "rising" ? (
          <RisingTab
            level={level}
            asked={filters}
            onRise={(item, first, last) => {
              const behind = item.area === null ? { group: "all" as const, id: null } : { group: "area" as const, id: item.area.id };
              const categories = item.group === null ? view.categories : [item.group.code];
              open({ of: "incidents", from: first, to: last, cumulative: false, categories, selected: item.area?.id ?? null, behind: { ...behind, which: "count" } });
              if (item.area !== null) board.goToArea(item.area.id);
            }}
          />
        ) : null}
        {signal === "clusters" ? (
          <ClustersTab
            level={level}
            asked={filters}
            chosen={cluster}
            onCluster={(item, index) => {
              setCluster(index);
              const ids = item.areas.map((one) => one.id).join(".");
              // Clusters leave void and duplicate reports out, unless states were asked for.
              const states = view.of === "incidents" && view.states.length > 0 ? view.states : HAPPENED;
              open({ of: "incidents", from: item.first, to: item.last, cumulative: false, states, selected: item.areas[0]?.id ?? null, behind: { group: "areas", id: ids, which: "count" } });
              const box = anchors === undefined ? null : boxOf(item.areas, anchors);
              if (box !== null) map.current?.goToBox(box);
            }}
          />
        ) : null}
        {signal === "repeats" ? (
          <RepeatsTab
            asked={filters}
            onRepeat={(item) => {
              if (item.lon !== null && item.lat !== null) map.current?.goTo({ lon: item.lon, lat: item.lat }, STREET_ZOOM);
              if (item.area === null) return;
              const { id } = item.area;
              open({ of: "incidents", level: "grid", from: item.first, to: item.last, cumulative: false, categories: [item.group.code], selected: id, behind: { group: "area", id, which: "count" } });
              if (item.lon === null) board.goToArea(id);
            }}
          />
        ) : null}
        {signal === "alerts" && may("alerts.read") ? (
          <AlertsTab
            city={city}
            proposal={{ of: view.of, measure: proposable(view.measure), by: level, category: view.categories, channel: view.channels, agency: view.agencies, area: view.area }}
            query={alerts}
            onStanding={(item) => {
              const last = alerts.data === undefined ? null : dayOf(alerts.data.as_of, city.timezone);
              change({ of: item.of, level: item.level === "city" ? level : item.level, from: last === null ? view.from : addDays(last, 1 - item.days), to: null, cumulative: false, selected: item.area_id, behind: { group: "area", id: item.area_id, which: "count" } });
              map.current?.goTo({ lon: item.lon, lat: item.lat }, AREA_ZOOM);
            }}
          />
        ) : null}
      </SignalsPanel>
    );

  const legend = compared.legend ?? board.legend;
  const edged = spots === undefined || legend === null ? [] : edgeRows(text, theme, spots);
  const shown = { ...board, legend: legend === null ? null : { ...legend, rows: [...legend.rows, ...edged] } };
  return {
    fragments,
    data,
    areaStates: NO_STATES,
    reading: compared.reading,
    controls: compared.controls,
    tools: (
      <>
        <Findings
          open={signal !== null && view.behind === null}
          hot={view.hot}
          standing={alerts.data?.items.length ?? 0}
          onOpen={(on) => (on ? change({ signal: signal ?? "hotspots", behind: null, incident: null }) : anew({ signal: null }))}
          onHot={(on) => change({ hot: on })}
          onScreen={() => change({ screen: true })}
        />
        <Exports board={shown} />
      </>
    ),
    panel,
    notices: (
      <>
        {compared.notices}
        <Printed board={shown} />
      </>
    ),
  };
}

/** What edges mean, beside the classes. */
function edgeRows(text: Text, theme: Theme, { hot, cold }: HotSpots): LegendRows["rows"] {
  return [
    ...(hot === 0 ? [] : [{ colour: DIVERGING[theme].edgeMore, words: text("signals.hot.hot", { n: hot }), figure: "" }]),
    ...(cold === 0 ? [] : [{ colour: DIVERGING[theme].edgeLess, words: text("signals.hot.cold", { n: cold }), figure: "" }]),
  ];
}
