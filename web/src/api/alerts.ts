// Owns the shapes of thresholds and of what stands above them, and the calls that change the former.
import { bool, type Decoded, id, list, names, nullable, num, object, oneOf, str } from "./check";
import { LEVELS, type Level } from "./city";
import { getJson, sendJson } from "./http";

const rule = object({
  id: str,
  revision: num,
  names,
  of: oneOf("incidents", "cases"),
  measure: str,
  by: oneOf(...LEVELS),
  /** The last so many days. */
  days: num,
  /** An area stands out from this value on. */
  threshold: num,
  category: list(str),
  channel: list(str),
  agency: list(id),
  /** The ground of the rule; null = the whole city. */
  area: nullable(id),
  /** Whether whoever asks may change it. */
  mine: bool,
});
export type AlertRule = Decoded<typeof rule>;

const standing = object({
  rule: str,
  names,
  level: oneOf(...LEVELS),
  area_id: id,
  area_code: str,
  area_names: names,
  /** Where the area's name stands. */
  lon: num,
  lat: num,
  value: num,
  threshold: num,
  measure: str,
  of: oneOf("incidents", "cases"),
  /** Since when it has stood above, without a break. */
  since: str,
});
export type Standing = Decoded<typeof standing>;

const alerts = object({ as_of: str, items: list(standing) });
export type Alerts = Decoded<typeof alerts>;

export const fetchAlerts = (signal?: AbortSignal): Promise<Alerts> => getJson("/alerts", {}, alerts, signal);

export const fetchRules = async (signal?: AbortSignal): Promise<AlertRule[]> =>
  (await getJson("/alerts/rules", {}, object({ items: list(rule) }), signal)).items;

/** A rule as it is asked for; its id is made here, so that asking twice makes one. */
export interface NewRule {
  readonly id: string;
  readonly names: { readonly zh: string; readonly en: string };
  readonly of: "incidents" | "cases";
  readonly measure: string;
  readonly by: Level;
  readonly days: number;
  readonly threshold: number;
  readonly category: readonly string[];
  readonly channel: readonly string[];
  readonly agency: readonly string[];
  readonly area: string | null;
}

const rulePath = (of: string): string => `/alerts/rules/${encodeURIComponent(of)}`;
const asRead = (of: AlertRule): Record<string, string> => ({ "if-match": `"${of.revision}"` });

export const makeRule = async (of: NewRule): Promise<AlertRule> => (await sendJson("POST", "/alerts/rules", of, rule)).value;

export const changeRule = async (of: AlertRule, to: Pick<NewRule, "names" | "days" | "threshold">): Promise<AlertRule> =>
  (await sendJson("PATCH", rulePath(of.id), to, rule, asRead(of))).value;

export async function removeRule(of: AlertRule): Promise<void> {
  await sendJson("DELETE", rulePath(of.id), undefined, (value) => value, asRead(of));
}

/** The same rule once more, as a new one: what was deleted stays deleted. */
export const again = ({ names: called, of, measure, by, days, threshold, category, channel, agency, area }: AlertRule, fresh: string): NewRule => ({
  id: fresh, names: called, of, measure, by, days, threshold, category, channel, agency, area,
});
