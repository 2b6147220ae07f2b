// Owns what the board tells its parts, and what they may add to it: panels, tools, things drawn on the map. Types alone.
import type { FeatureCollection } from "geojson";
import type { ReactNode, RefObject } from "react";
import type { Anchor } from "../../api/areas";
import type { City } from "../../api/city";
import type { Counts } from "../../api/counts";
import type { Asked } from "../../features/analytics/asked";
import type { Behind } from "../../features/analytics/behind";
import type { Row } from "../../features/analytics/rows";
import type { Lang } from "../../i18n/text";
import type { Base, Fragment } from "../../map/layers/fragment";
import type { MapHandle } from "../../map/MapView";
import type { Theme } from "../../state/theme";
import type { ChangeBoard } from "./useBoard";
import type { BoardView } from "./view";

/** What a legend says, for pictures and print. */
export interface LegendRows {
  readonly title: string;
  /** A colour, the values that it stands for, how many areas have them. */
  readonly rows: readonly { readonly colour: string; readonly words: string; readonly figure: string }[];
}

/** What every part of the board knows. */
export interface Board {
  readonly city: City;
  readonly view: BoardView;
  readonly change: ChangeBoard;
  readonly theme: Theme;
  readonly lang: Lang;
  /** What fragments of the map are told. */
  readonly base: Base;
  /** What the legend of the map says now; null while nothing is known. */
  readonly legend: LegendRows | null;
  /** The filters as every route takes them: period (instants or days, `to` excluded), category, channel, status, agency, area. */
  readonly asked: Asked;
  /** The first and the last day that is shown, both included; null while there is no data. */
  readonly shown: { readonly from: string; readonly to: string } | null;
  /** What the map shows, by area of the shown level; while the next answer is under way, the one before. */
  readonly counts: Counts | undefined;
  /** Class of each area of these counts, and the classes' colours. */
  readonly classed: { readonly byArea: ReadonlyMap<string, number>; readonly colours: readonly string[] };
  /** Areas of the shown level, by the boundaries that are counted by: name, where it stands, size. */
  readonly anchors: ReadonlyMap<string, Anchor> | undefined;
  /** The rows of the table twin, as they are shown. */
  readonly rows: readonly Row[];
  /** What is filtered and how many, as a sentence. */
  readonly sentence: string;
  readonly map: RefObject<MapHandle | null>;
  /** Selects an area and brings it into view. */
  readonly goToArea: (id: string) => void;
  /** Opens the cases (or incidents) behind a number. */
  readonly open: (behind: Behind) => void;
}

/** What a part puts over the choropleth's colours: another reading of the same areas (a comparison). */
export interface Reading {
  /** Class of each area, by its id, as an index into `colours`. */
  readonly byArea: ReadonlyMap<string, number>;
  readonly colours: readonly string[];
  /** Classes that are switched off in the legend. */
  readonly hidden: readonly number[];
  /** Stands beside an area's name instead of its value ("+12"). */
  readonly figures: ReadonlyMap<string, string>;
  /** null: the board's own. */
  readonly legend: ReactNode | null;
}

/** What parts add. Everything may be empty. */
export interface Added {
  /** Above the areas, beneath the names. */
  readonly fragments: readonly Fragment[];
  /** GeoJSON by source id. */
  readonly data: Readonly<Record<string, FeatureCollection>>;
  /** Further feature state of areas, by area id; merged with the board's own. */
  readonly areaStates: ReadonlyMap<string, Readonly<Record<string, string | number | boolean>>>;
  readonly reading: Reading | null;
  /** In the bar of filters. */
  readonly controls: ReactNode;
  /** At the end of the bar: what is done with the view (print, PNG, CSV, page). */
  readonly tools: ReactNode;
  /** Beside the map, in place of the ranking; null = the ranking. */
  readonly panel: ReactNode | null;
  /** Over the map, among the notices. */
  readonly notices: ReactNode;
}
