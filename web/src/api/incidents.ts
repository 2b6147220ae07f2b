// Owns the shapes of a report, of its receipt, and of an incident as it may be shown.
import { area, type Point } from "./areas";
import { type Decoded, id, list, names, nullable, num, object, str, withDefault } from "./check";
import { getJson, type Params, postJson } from "./http";

export interface Report {
  /** Made by the client, so that sending twice records once. */
  readonly id: string;
  readonly category: string;
  readonly point: Point;
  readonly datum: "wgs84";
  readonly accuracy_m?: number;
  readonly happened_at: string;
  readonly channel: string;
  readonly text: string;
  /** `notice`: which one was shown when the contact was taken. */
  readonly reporter?: { readonly name?: string; readonly phone?: string; readonly notice?: number };
}

const receipt = object({
  id,
  number: str,
  /** With the number it tells how the matter stands; shown to whoever reported, and stored nowhere. */
  secret: nullable(str),
  happened_at: str,
  path: withDefault(list(area), []),
  lead: nullable(object({ code: str, names })),
  candidates: withDefault(list(area), []),
});
export type Receipt = Decoded<typeof receipt>;

/** 201 = recorded now, 200 = had been recorded before: the same receipt. */
export async function sendReport(report: Report): Promise<{ receipt: Receipt; repeated: boolean }> {
  const { status, value } = await postJson("/incidents", report, receipt);
  return { receipt: value, repeated: status === 200 };
}

const incident = object({
  id,
  number: str,
  category: object({ code: str, names }),
  channel: str,
  status: str,
  happened_at: str,
  received_at: str,
  point: object({ lon: num, lat: num }),
  lead: nullable(object({ names })),
  place: names,
  /** null = not for whoever asks to read. */
  text: nullable(str),
});
export type Incident = Decoded<typeof incident>;

export const fetchIncident = (ident: string, signal?: AbortSignal): Promise<Incident> => getJson(`/incidents/${encodeURIComponent(ident)}`, {}, incident, signal);

/** The latest ones of an area. */
export const fetchLatest = async (areaId: string, limit: number, signal?: AbortSignal): Promise<Incident[]> =>
  (await getJson("/incidents", { area: areaId, limit }, object({ items: list(incident) }), signal)).items;

const page = object({ items: list(incident), next: nullable(str) });
export type IncidentPage = Decoded<typeof page>;

/** Newest first; `params`: filters as the counts take them. */
export const fetchIncidents = (params: Params, cursor: string | null, limit: number, signal?: AbortSignal): Promise<IncidentPage> =>
  getJson("/incidents", { ...params, limit, cursor }, page, signal);
