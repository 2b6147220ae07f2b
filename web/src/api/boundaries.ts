// Owns the shapes that counts by other boundaries are counted by.
import type { Geometry } from "geojson";
import { type Decoded, type Decoder, id, list, Malformed, names, num, object, oneOf, str } from "./check";
import type { Level } from "./city";
import { getJson } from "./http";

const polygon: Decoder<Geometry> = (value, path) => {
  const { type, coordinates } = object({ type: oneOf("Polygon", "MultiPolygon"), coordinates: list((part) => part) })(value, path);
  return { type, coordinates } as Geometry;
};
const label: Decoder<readonly [number, number]> = (value, path) => {
  const [lon, lat, ...more] = list(num)(value, path);
  if (lon === undefined || lat === undefined || more.length > 0) throw new Malformed(path, "a place", value);
  return [lon, lat];
};

const boundary = object({ id, properties: object({ code: str, names, label }), geometry: polygon });
/** An area of other boundaries; of new areas of a draft the id is negative. */
export type Boundary = Decoded<typeof boundary>;

export const fetchBoundaries = async (level: Level, asBy: string, signal?: AbortSignal): Promise<Boundary[]> =>
  (await getJson("/counts/boundaries", { by: level, as_by: asBy }, object({ features: list(boundary) }), signal)).features;
