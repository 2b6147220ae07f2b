// Owns the shapes of thresholds and of what stands above them, and the calls that change the former.
import { bool, type Decoded, id, list, names, num, object, oneOf, str } from "./check";
import { LEVELS } from "./city";
import { getJson, sendJson } from "./http";

/** What a threshold can be set on. */
export const MEASURES = [
  "count", "per_100_households", "per_km2", "per_worker", "overdue", "overdue_share", "ended", "closed", "closed_share",
  "response_median_s", "response_p90_s", "handling_median_s", "handling_p90_s",
] as const;
export type AlertMeasure = (typeof MEASURES)[number];
const TIERS = ["city", ...LEVELS] as const;
export type Tier = (typeof TIERS)[number];

const rule = object({
  id: str,
  revision: num,
  /** May be empty. */
  names,
  of: oneOf("incidents", "cases"),
  measure: oneOf(...MEASURES),
  by: oneOf(...TIERS),
  /** The last so many days. */
  days: num,
  /** An area stands out from this value on. */
  threshold: num,
  category: list(str),
  channel: list(str),
  agency: list(id),
  /** What is looked at: this area with all below. */
  area: id,
  /** Whether whoever asks may change it. */
  mine: bool,
});
export type AlertRule = Decoded<typeof rule>;

const standing = object({
  rule: str,
  names,
  level: oneOf(...TIERS),
  /** The last so many days, today among them. */
  days: num,
  area_id: id,
  area_code: str,
  area_names: names,
  /** Where the area's name stands. */
  lon: num,
  lat: num,
  value: num,
  threshold: num,
  measure: oneOf(...MEASURES),
  of: oneOf("incidents", "cases"),
  /** Since when it has stood above, without a break. */
  since: str,
});
export type Standing = Decoded<typeof standing>;

const alerts = object({ as_of: str, total: num, items: list(standing) });
export type Alerts = Decoded<typeof alerts>;

export const fetchAlerts = (signal?: AbortSignal): Promise<Alerts> => getJson("/alerts", {}, alerts, signal);

export const fetchRules = async (signal?: AbortSignal): Promise<AlertRule[]> =>
  (await getJson("/alerts/rules", {}, object({ items: list(rule) }), signal)).items;

/** A rule as it is asked for; its id is made here, so that asking twice makes one. */
export interface NewRule {
  readonly id: string;
  readonly names: { readonly zh: string; readonly en: string };
  readonly of: "incidents" | "cases";
  readonly measure: AlertMeasure;
  readonly by: Tier;
  readonly days: number;
  readonly threshold: number;
  readonly category: readonly string[];
  readonly channel: readonly string[];
  readonly agency: readonly string[];
  /** null = the own area of the post. */
  readonly area: string | null;
}

const rulePath = (of: string): string => `/alerts/rules/${encodeURIComponent(of)}`;
/** Ids are numbers on the wire. */
const said = <R extends Omit<NewRule, "id">>(of: R) => ({ ...of, agency: of.agency.map(Number), area: of.area === null ? null : Number(of.area) });

export const makeRule = async (of: NewRule): Promise<AlertRule> => (await sendJson("POST", "/alerts/rules", said(of), rule)).value;

/** Refused (409) where somebody else has changed it since it was read. */
export const changeRule = async (of: AlertRule, to: Pick<NewRule, "names" | "days" | "threshold">): Promise<AlertRule> =>
  (await sendJson("PATCH", rulePath(of.id), { ...said({ ...content(of), ...to }), revision: of.revision }, rule)).value;

export async function removeRule(of: AlertRule): Promise<void> {
  await sendJson("DELETE", `${rulePath(of.id)}?revision=${of.revision}`, undefined, (value) => value);
}

const content = ({ names: called, of, measure, by, days, threshold, category, channel, agency, area }: AlertRule): Omit<NewRule, "id"> => ({
  names: called, of, measure, by, days, threshold, category, channel, agency, area,
});

/** The same rule once more, as a new one: what was deleted stays deleted. */
export const again = (of: AlertRule, fresh: string): NewRule => ({ id: fresh, ...content(of) });
