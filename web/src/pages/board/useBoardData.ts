// Owns asking for everything the board shows, and shaping it; components get values, never queries' inner workings.
import { useMemo } from "react";
import { type City, LEVELS, levelsOf } from "../../api/city";
import { isOfAreas } from "../../api/counts";
import { address } from "../../api/http";
import { type Asked, during, filtersOf, usualOf } from "../../features/analytics/asked";
import { scaleOf } from "../../features/analytics/measures";
import { ramp } from "../../features/analytics/ramp";
import { useAgencies, useDayCounts, useHexagons, useMeasured, useSurface } from "../../features/analytics/queries";
import { rankedOf, tableRows } from "../../features/analytics/ranking";
import { fillDays, spanOf } from "../../features/analytics/window";
import { before as spanBefore } from "../../features/comparison/spans";
import { useAnchorsBy } from "../../features/comparison/useOtherwise";
import type { Text } from "../../i18n/text";
import type { Base } from "../../map/layers/fragment";
import { useAnchors } from "../../state/queries";
import { useSettled } from "../../state/settled";
import type { Theme } from "../../state/theme";
import { dayOf } from "../../time/days";
import { legendRows, titleOf } from "./legend";
import { classedAreas, classedHexagons, classedSurface, NO_CLASSES, resolutionAt } from "./drawn";
import type { BoardView } from "./view";

const REST_MS = 80;
/** A little before the zoom from which tiles hold incidents singly. */
const SINGLE_FROM = 14;

/** Only of what the server is asked: other changes of the view ask nothing. */
function useAsked(view: BoardView): Asked {
  const { of, from, to, categories, agencies, channels, states, area, cumulative, asBy } = view;
  const begin = cumulative ? null : from;
  return useMemo(() => ({ of, from: begin, to, categories, agencies, channels, states, area, asBy }), [of, begin, to, categories, agencies, channels, states, area, asBy]);
}

/** Asks for the figures of the map beside the city, not after it. */
export function useForeseen(view: BoardView): void {
  useMeasured(view.level, view.measure, useAsked(view));
}

/** `zoom`: where the map begins, until it is moved. */
export function useBoardData(city: City, view: BoardView, theme: Theme, text: Text, zoom: number) {
  const { lang } = text;
  const zone = city.timezone;
  const now = useAsked(view);
  const asked = useSettled(now, REST_MS);
  const rank = view.rank ?? view.level;
  const rankMeasure = rank === "agency" && isOfAreas(view.measure) ? "count" : view.measure;

  const counted = useDayCounts(asked);
  const days = useMemo(() => {
    if (city.incidents_from === null || city.incidents_to === null) return [];
    return fillDays(counted.data ?? [], dayOf(city.incidents_from, zone), dayOf(city.incidents_to, zone));
  }, [counted.data, city, zone]);
  const origin = days[0]?.day ?? "1970-01-01";
  const span = useMemo(() => spanOf(view.cumulative ? null : view.from, view.to, origin, days.length), [view.cumulative, view.from, view.to, origin, days.length]);

  const shown = useMemo(() => {
    const from = asked.from ?? days[0]?.day;
    const to = asked.to ?? days.at(-1)?.day;
    return from === undefined || to === undefined ? null : { from, to };
  }, [asked.from, asked.to, days]);
  /** The span before, with the same weekdays; null where everything is shown, or nothing was recorded yet. */
  const compared = useMemo(() => {
    if (shown === null || asked.from === null) return null;
    const found = spanBefore(shown, view.against ?? "week");
    return found.from >= origin ? found : null;
  }, [shown, asked.from, view.against, origin]);

  const measured = useMeasured(view.level, view.measure, asked);
  const ranking = useMeasured(rank, rankMeasure, asked);
  const previous = useMeasured(rank, rankMeasure, useMemo(() => (compared === null ? null : during(asked, compared.from, compared.to)), [asked, compared]));
  const hexagons = useHexagons(resolutionAt(view.camera?.zoom ?? zoom), asked, view.paint === "hexagons");
  const surface = useSurface(asked, view.paint === "surface");
  useAnchors(city, view.level);
  const rankLevel = rank === "agency" ? view.level : rank;
  const inForce = useAnchors(city, rankLevel).data;
  const rankBy = useAnchorsBy(rankLevel, asked.asBy);
  const rankAnchors = asked.asBy === null ? inForce : rankBy;
  const agencies = useAgencies(true);

  const said = measured.data?.asked ?? asked;
  const lastDay = days.at(-1)?.day;
  const usual = useMemo(() => (said.from === null || lastDay === undefined ? null : usualOf(days, said.from, said.to ?? lastDay)), [said, lastDay, days]);

  // What is drawn is what has arrived: while the next level or measure is under way, the one before stays whole.
  const drawnLevel = LEVELS.find((level) => level === measured.data?.by) ?? view.level;
  const placed = useAnchors(city, drawnLevel).data;
  const placedBy = useAnchorsBy(drawnLevel, asked.asBy);
  const anchors = asked.asBy === null ? placed : placedBy;
  const scale = useMemo(() => scaleOf(measured.data?.measure ?? view.measure, measured.data?.values ?? []), [measured.data, view.measure]);
  const areas = useMemo(() => classedAreas(measured.data, scale, view.breaks), [measured.data, scale, view.breaks]);
  const hexes = useMemo(() => classedHexagons(hexagons.data, view.breaks), [hexagons.data, view.breaks]);
  const bands = useMemo(() => classedSurface(surface.data), [surface.data]);

  const ranked = useMemo(() => {
    if (ranking.data === undefined) return undefined;
    const { by } = ranking.data;
    const known = new Map((agencies.data ?? []).map((one) => [one.id, one.names[lang]]));
    const nameOf = (id: string, code: string): string => {
      if (by !== "agency") return rankAnchors?.get(id)?.names[lang] ?? code;
      return id === "0" ? text("board.agency.nobody") : (known.get(id) ?? code);
    };
    const was = compared !== null && previous.data?.by === by && previous.data.measure === ranking.data.measure ? previous.data : undefined;
    return rankedOf(ranking.data, nameOf, was);
  }, [ranking.data, previous.data, compared, rankAnchors, agencies.data, lang, text]);
  const rankScale = useMemo(() => scaleOf(ranking.data?.measure ?? rankMeasure, ranking.data?.values ?? []), [ranking.data, rankMeasure]);
  const rows = useMemo(() => tableRows(ranked ?? [], rankScale), [ranked, rankScale]);

  const single = view.paint === "heat" || (view.camera?.zoom ?? zoom) >= SINGLE_FROM;
  const base = useMemo<Base>(() => {
    const [west = -180, south = -85, east = 180, north = 85] = city.bbox ?? [];
    const ground = { v: city.revision };
    const { status, ...filters } = filtersOf(asked);
    // States of cases are none of incidents.
    const narrowed = { ...filters, status: asked.of === "incidents" ? status : null };
    // Where no incident is drawn their tiles are not asked for, and their address need not follow the filters.
    const incidents = { v: `${city.revision}.${city.counts.incidents ?? 0}`, ...(single ? narrowed : {}) };
    return { theme, lang, bounds: [west, south, east, north], tiles: (layer) => location.origin + address(`/tiles/${layer}/{z}/{x}/{y}.mvt`, layer === "incidents" ? incidents : ground) };
  }, [city, asked, theme, lang, single]);

  const classes = view.paint === "areas" ? areas.classes : view.paint === "hexagons" ? hexes.classes : view.paint === "surface" ? bands.classes : NO_CLASSES;
  const colours = useMemo(() => ramp(theme, classes.bins.length), [theme, classes]);
  const classed = useMemo(() => ({ byArea: areas.byArea, colours: ramp(theme, areas.classes.bins.length) }), [areas, theme]);
  const bandwidth = surface.data?.bandwidth_m ?? 0;
  const legendTitle = titleOf(text, view, measured.data?.measure ?? view.measure, drawnLevel, bandwidth);
  const legend = useMemo(() => legendRows(text, legendTitle, classes, colours), [text, legendTitle, classes, colours]);
  const failed = measured.error ?? ranking.error ?? counted.error ?? hexagons.error ?? surface.error;
  return {
    asked,
    days,
    origin,
    span,
    shown,
    compared,
    usual,
    measured: measured.data,
    drawnLevel,
    scale,
    areas,
    classed,
    hexagons: hexes,
    surface: bands,
    classes,
    colours,
    legendTitle,
    legend,
    anchors,
    rankAnchors,
    agencies: agencies.data,
    rank,
    rankMeasure,
    ranking: ranking.data,
    ranked,
    rankScale,
    rows,
    levels: levelsOf(city),
    base,
    total: measured.data?.counts.total ?? null,
    busy: measured.isFetching || counted.isFetching || ranking.isFetching || hexagons.isFetching || surface.isFetching || asked !== now,
    error: failed,
    retry: () => {
      for (const one of [measured, ranking, counted]) if (one.isError) void one.refetch();
      if (hexagons.isError) void hexagons.refetch();
      if (surface.isError) void surface.refetch();
    },
  };
}

export type BoardData = ReturnType<typeof useBoardData>;
