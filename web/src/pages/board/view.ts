// Owns what the board shows, as a value, and its spelling in the address bar. Pure: the page binds it to the browser.
import { LEVELS, type Level } from "../../api/city";
import { type MeasureName, MEASURES, measuresOf, type Of, OFS } from "../../api/counts";
import { type Behind, GROUPS, WHICH } from "../../features/analytics/behind";
import { type Method, METHODS } from "../../features/analytics/breaks";
import { CASE_STATES } from "../../features/analytics/words";
import { type Camera, camera, code, day, digits, ident, oneOf, spellCamera, spelled, uuid } from "../../state/spelling";

export const PAINTS = ["areas", "heat", "hexagons", "surface"] as const;
export type Paint = (typeof PAINTS)[number];

export const CHANNELS = ["worker", "hotline", "mini-program", "window", "visit", "deputy", "sensor", "import"] as const;
export const INCIDENT_STATES = ["open", "closed", "void", "duplicate"] as const;
export const RANKS = ["agency", ...LEVELS] as const;
export type Rank = (typeof RANKS)[number];

export const SIGNALS = ["hotspots", "rising", "clusters", "repeats", "alerts"] as const;
export type Signal = (typeof SIGNALS)[number];
export const AGAINST = ["week", "month", "year"] as const;
export type Against = (typeof AGAINST)[number];

export interface BoardView {
  readonly level: Level;
  readonly paint: Paint;
  readonly of: Of;
  readonly measure: MeasureName;
  /** How values are classed. */
  readonly breaks: Method;
  /** Codes of categories, or of groups with all below; none = all. */
  readonly categories: readonly string[];
  /** Ids of agencies, with those below; none = all. */
  readonly agencies: readonly string[];
  readonly channels: readonly string[];
  readonly states: readonly string[];
  /** Only what lies in this area. */
  readonly area: string | null;
  /** First and last day, both included, in the city's days; null = as far as there is data. */
  readonly from: string | null;
  readonly to: string | null;
  /** Everything up to the last day; `from` is null then. */
  readonly cumulative: boolean;
  /** Area that is outlined and told about. */
  readonly selected: string | null;
  readonly behind: Behind | null;
  readonly incident: string | null;
  /** What the ranking compares; null = areas of the shown level. */
  readonly rank: Rank | null;
  /** The ranking: shown, put away, or as the width of the window has it (null). */
  readonly panel: "ranking" | "none" | null;
  readonly table: boolean;
  /** Legend classes that are switched off. */
  readonly hidden: readonly number[];
  readonly camera: Camera | null;
  /** Findings: which panel of them is open. */
  readonly signal: Signal | null;
  /** Hot and cold spots outlined, with or without their panel. */
  readonly hot: boolean;
  readonly against: Against | null;
  /** Counted by the boundaries of this plan (id) or of this day. */
  readonly asBy: string | null;
  readonly screen: boolean;
  /** Seconds for which the wall screen shows a page. */
  readonly every: number;
}

export const EVERY = { least: 5, most: 600, usual: 20 } as const;

export const START: BoardView = {
  level: "community",
  paint: "areas",
  of: "incidents",
  measure: "count",
  breaks: "quantiles",
  categories: [],
  agencies: [],
  channels: [],
  states: [],
  area: null,
  from: null,
  to: null,
  cumulative: false,
  selected: null,
  behind: null,
  incident: null,
  rank: null,
  panel: null,
  table: false,
  hidden: [],
  camera: null,
  signal: null,
  hot: false,
  against: null,
  asBy: null,
  screen: false,
  every: EVERY.usual,
};

export const statesOf = (of: Of): readonly string[] => (of === "cases" ? CASE_STATES : INCIDENT_STATES);

/** Brings fields that contradict each other into line: what was chosen last is in `view` already and wins where it can. */
export function consistent(view: BoardView): BoardView {
  const states = statesOf(view.of);
  const byOther = view.asBy !== null && view.of === "incidents";
  return {
    ...view,
    measure: measuresOf(view.of).includes(view.measure) ? view.measure : "count",
    // Bins, hexagons and surfaces are of incidents.
    paint: view.of === "incidents" ? view.paint : "areas",
    // The very same list where nothing is left out: what is asked does not change by being looked at.
    states: view.states.every((state) => states.includes(state)) ? view.states : view.states.filter((state) => states.includes(state)),
    from: view.cumulative ? null : view.from,
    asBy: byOther ? view.asBy : null,
    incident: view.behind === null ? null : view.incident,
  };
}

/** Anything unreadable falls back to the start: an old or hand-made link never breaks the page. */
export function readBoard(search: string): BoardView {
  const query = new URLSearchParams(search);
  const from = day(query.get("from"));
  const to = day(query.get("to"));
  const turned = from !== null && to !== null && from > to;
  const panel = oneOf(query.get("panel"), ["", "ranking", "none"], "");
  const rank = oneOf(query.get("rank"), ["", ...RANKS], "");
  const signal = oneOf(query.get("signal"), ["", ...SIGNALS], "");
  const against = oneOf(query.get("against"), ["", ...AGAINST], "");
  const asBy = query.get("as_by");
  return consistent({
    level: oneOf(query.get("level"), LEVELS, START.level),
    paint: oneOf(query.get("paint"), PAINTS, START.paint),
    of: oneOf(query.get("of"), OFS, START.of),
    measure: oneOf(query.get("measure"), MEASURES, START.measure),
    breaks: oneOf(query.get("breaks"), METHODS, START.breaks),
    categories: several(query.get("cat"), code),
    agencies: several(query.get("agency"), ident),
    channels: several(query.get("channel"), (one) => CHANNELS.find((known) => known === one) ?? null),
    states: several(query.get("state"), code),
    area: ident(query.get("area")),
    from: turned ? to : from,
    to: turned ? from : to,
    cumulative: query.get("mode") === "cumulative",
    selected: areaIdent(query.get("selected")),
    behind: readBehind(query.get("behind")),
    incident: uuid(query.get("incident")),
    rank: rank === "" ? null : rank,
    panel: panel === "" ? null : panel,
    table: query.get("table") === "1",
    hidden: digits(query.get("hide")),
    camera: camera(query.get("map")),
    signal: signal === "" ? null : signal,
    hot: query.get("hot") === "1",
    against: against === "" ? null : against,
    asBy: ident(asBy) ?? day(asBy),
    screen: query.get("screen") === "1",
    every: seconds(query.get("every")),
  });
}

/** Only what differs from the start is written, in a fixed order, so that equal views have equal addresses. */
export function writeBoard(view: BoardView): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | null, otherwise: string | null = null): void => {
    if (value !== null && value !== otherwise) query.set(key, value);
  };
  const flag = (key: string, on: boolean): void => put(key, on ? "1" : null);
  const all = (key: string, values: readonly (string | number)[], between = ","): void => put(key, values.length > 0 ? values.join(between) : null);
  flag("screen", view.screen);
  put("every", String(view.every), String(START.every));
  put("level", view.level, START.level);
  put("paint", view.paint, START.paint);
  put("of", view.of, START.of);
  put("measure", view.measure, START.measure);
  put("breaks", view.breaks, START.breaks);
  all("cat", view.categories);
  all("agency", view.agencies);
  all("channel", view.channels);
  all("state", view.states);
  put("area", view.area);
  put("mode", view.cumulative ? "cumulative" : null);
  put("from", view.from);
  put("to", view.to);
  put("against", view.against);
  put("as_by", view.asBy);
  put("signal", view.signal);
  flag("hot", view.hot);
  put("rank", view.rank);
  put("panel", view.panel);
  put("selected", view.selected);
  put("behind", view.behind && writeBehind(view.behind));
  put("incident", view.incident);
  flag("table", view.table);
  all("hide", view.hidden, ".");
  put("map", view.camera && spellCamera(view.camera));
  return spelled(query);
}

/** What opens something, or narrows what is counted, is a step that Back undoes; moving what is open is not. */
export function opensBoard(before: BoardView, after: BoardView): boolean {
  const differs = (key: "categories" | "agencies" | "channels" | "states"): boolean => before[key].join() !== after[key].join();
  const appeared = (key: "from" | "to" | "behind" | "incident" | "signal" | "against" | "asBy"): boolean => before[key] === null && after[key] !== null;
  const windowed = before.from === null && before.to === null && (after.from !== null || after.to !== null);
  return (
    windowed ||
    differs("categories") ||
    differs("agencies") ||
    differs("channels") ||
    differs("states") ||
    before.area !== after.area ||
    before.of !== after.of ||
    appeared("behind") ||
    appeared("incident") ||
    appeared("signal") ||
    appeared("against") ||
    appeared("asBy") ||
    (!before.table && after.table) ||
    (!before.screen && after.screen)
  );
}

/** "all", "area-42", "areas-42.43", "agency-7-overdue". */
const writeBehind = ({ group, id, which }: Behind): string => [group, ...(id === null ? [] : [id]), ...(which === "count" ? [] : [which])].join("-");

const NUMBER = "[1-9]\\d{0,17}";
/** How the ids of a group are written; null: it has none. */
const IDS: Readonly<Record<Behind["group"], RegExp | null>> = {
  all: null,
  outside: null,
  above: null,
  area: new RegExp(`^-?${NUMBER}$`),
  areas: new RegExp(`^${NUMBER}(\\.${NUMBER}){0,99}$`),
  agency: new RegExp(`^(0|${NUMBER})$`),
};
/** Of an area; of a draft's new ones the number is negative. */
const areaIdent = (value: string | null): string | null => (value !== null && IDS.area?.test(value) === true ? value : null);

function readBehind(value: string | null): Behind | null {
  if (value === null) return null;
  const [head = "", ...rest] = value.split("-");
  const group = GROUPS.find((one) => one === head);
  if (group === undefined) return null;
  const shape = IDS[group];
  if (shape !== null && rest[0] === "") rest.splice(0, 2, `-${rest[1] ?? ""}`); // "area--3": a new area of a draft
  const id = shape === null ? null : rest.shift();
  if (id === undefined || (id !== null && shape?.test(id) !== true)) return null;
  const which = oneOf(rest[0] ?? "count", WHICH, "count");
  return rest.length > 1 ? null : { group, id, which };
}

const MOST = 50;

function several(value: string | null, read: (one: string) => string | null): string[] {
  const found = (value ?? "").split(",").flatMap((one) => read(one) ?? []);
  return [...new Set(found)].slice(0, MOST);
}

function seconds(value: string | null): number {
  const found = value !== null && /^\d{1,3}$/.test(value) ? Number(value) : EVERY.usual;
  return found >= EVERY.least && found <= EVERY.most ? found : EVERY.usual;
}
