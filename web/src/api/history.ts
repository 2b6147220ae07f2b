// Owns the shapes of what an area was, what lies around it, and whose it is.
import { type Decoded, id, list, names, nullable, num, object, str } from "./check";
import { area } from "./areas";
import { getJson } from "./http";

const turn = object({ plan_id: id, name: str, at: nullable(str), began: num, ended: num });
/** A boundary plan that took effect; `at` null: it holds since before any record. */
export type Turn = Decoded<typeof turn>;

const kin = object({ area_id: id, code: str, names, common_km2: num, ground_share: num, kept_share: num, households: nullable(num) });
/** An area with ground in common with a version. */
export type Kin = Decoded<typeof kin>;

const version = object({
  level: str,
  code: str,
  names,
  kind: nullable(str),
  population: nullable(num),
  households: nullable(num),
  area_km2: num,
  parent: nullable(id),
  since: nullable(str),
  until: nullable(str),
  begun_by: turn,
  ended_by: nullable(turn),
  came_from: list(kin),
  became: list(kin),
});
/** An area from one boundary plan to the next. */
export type Version = Decoded<typeof version>;

const around = object({
  in_force_from: nullable(str),
  path: list(area),
  neighbours: list(object({ area, shared_m: num })),
  children: list(area),
});
export type Around = Decoded<typeof around>;

const office = object({
  area,
  posts: list(object({ role: str, role_names: names, posts: num })),
  stationed: list(object({ id, code: str, names })),
});
/** The office of an area: its posts by role, never by name, and the units that are stationed there. */
export type Office = Decoded<typeof office>;

const path = (areaId: string, what: string): string => `/areas/${encodeURIComponent(areaId)}/${what}`;

export const fetchTurns = async (signal?: AbortSignal): Promise<Turn[]> => (await getJson("/areas/changes", {}, object({ items: list(turn) }), signal)).items;

export const fetchLineage = async (areaId: string, signal?: AbortSignal): Promise<Version[]> =>
  (await getJson(path(areaId, "lineage"), {}, object({ items: list(version) }), signal)).items;

/** `day` null: now. */
export const fetchAround = (areaId: string, day: string | null, signal?: AbortSignal): Promise<Around> => getJson(path(areaId, "neighbours"), { at: day }, around, signal);

export const fetchOffices = async (areaId: string, day: string | null, signal?: AbortSignal): Promise<Office[]> =>
  (await getJson(path(areaId, "responsible"), { at: day }, object({ items: list(office) }), signal)).items;
