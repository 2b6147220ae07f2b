// Owns the shapes of agencies with their sites, of the ground that each site serves, and of the ways to sites.
import type { Geometry, LineString } from "geojson";
import { bool, type Decoded, type Decoder, id, list, names, nullable, num, object, oneOf, str } from "./check";
import type { Point } from "./areas";
import { getJson } from "./http";

const unit = object({
  id,
  code: str,
  names,
  kind: nullable(str),
  parent: nullable(id),
  stationed: nullable(id),
  stationed_names: nullable(names),
  closed_at: nullable(str),
  sites: num,
  sites_below: num,
});
/** An agency with how many sites it has. */
export type Unit = Decoded<typeof unit>;

const site = object({ id, agency: id, names, kind: nullable(str), address: nullable(str), lon: num, lat: num, claims: bool });
export type Site = Decoded<typeof site>;

export const fetchUnits = async (signal?: AbortSignal): Promise<Unit[]> => (await getJson("/agencies", {}, object({ items: list(unit) }), signal)).items;

export const fetchSites = async (agency: string, signal?: AbortSignal): Promise<Site[]> =>
  (await getJson(`/agencies/${encodeURIComponent(agency)}/sites`, {}, object({ items: list(site) }), signal)).items;

const any: Decoder<unknown> = (value) => value;
const polygon: Decoder<Geometry> = (value, path) => {
  const { type, coordinates } = object({ type: oneOf("Polygon", "MultiPolygon"), coordinates: list(any) })(value, path);
  return { type, coordinates } as Geometry;
};
const line: Decoder<LineString> = (value, path) => object({ type: oneOf("LineString"), coordinates: list(list(num)) })(value, path);

const served = object({
  id,
  geometry: polygon,
  properties: object({
    names,
    address: nullable(str),
    agency: id,
    agency_names: names,
    lon: num,
    lat: num,
    by: oneOf("road", "straight"),
    area_km2: num,
    households: nullable(num),
    colour: num,
  }),
});
/** The ground that a site serves. */
export type Served = Decoded<typeof served>;

/** By what the nearest site is chosen; null: as the duty lists say. */
export type Measure = "road" | "straight";

export const fetchServed = async (category: string, by: Measure | null, day: string | null, signal?: AbortSignal): Promise<Served[]> =>
  (await getJson("/sites/service-areas", { category, by, at: day }, object({ features: list(served) }), signal)).features;

const ways = object({
  agency: nullable(object({ kind: str, id, code: str, names })),
  measure: nullable(oneOf("road", "straight")),
  items: list(
    object({
      site: object({ id, names, address: nullable(str), lon: num, lat: num, straight_m: num, road_m: nullable(num), in_service_area: nullable(bool), chosen: bool }),
      path: nullable(line),
    }),
  ),
});
/** The sites that are considered for a matter at a place, the one that serves first, each with the way to it. */
export type Ways = Decoded<typeof ways>;

export const fetchWays = (category: string, at: Point, day: string | null, signal?: AbortSignal): Promise<Ways> =>
  getJson("/route/ways", { category, lon: at.lon, lat: at.lat, datum: "wgs84", at: day }, ways, signal);
