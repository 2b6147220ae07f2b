// Owns the shapes of thresholds and of what stands above them, and the calls that change the former.
import { bool, type Decoded, id, list, names, nullable, num, object, oneOf, str } from "./check";
import { LEVELS, type Level } from "./city";
import { getJson } from "./http";

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
