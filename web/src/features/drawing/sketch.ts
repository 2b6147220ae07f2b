// Owns what is drawn on the map while a tool is used, as GeoJSON. Pure.
import type { Feature, FeatureCollection } from "geojson";
import type { Metres } from "./metres";
import type { Place } from "./places";

export type Sketch = FeatureCollection;

export const NOTHING: Sketch = { type: "FeatureCollection", features: [] };

const collected = (...features: Feature[]): Sketch => ({ type: "FeatureCollection", features });
const dot = (place: Place): Feature => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [...place] } });

/** A line through places; closed: with the ground within. */
export function line(places: readonly Place[], closed: boolean): Sketch {
  const [first] = places;
  if (first === undefined) return NOTHING;
  if (places.length === 1) return collected(dot(first));
  const coordinates = places.map((place) => [...place]);
  const drawn: Feature = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: closed ? [...coordinates, [...first]] : coordinates } };
  if (!closed || places.length < 3) return collected(drawn);
  return collected({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...coordinates, [...first]]] } }, drawn);
}

/** The ground that a brush covers. */
export function circle(place: Place, radiusM: number, metres: Metres): Sketch {
  if (radiusM === 0) return NOTHING;
  const [x, y] = metres.of(place);
  const ring = Array.from({ length: 49 }, (_, step) => {
    const angle = (step / 48) * 2 * Math.PI;
    return metres.back(x + radiusM * Math.cos(angle), y + radiusM * Math.sin(angle));
  });
  return collected({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring } });
}

/** A corner, and the way that it is to go; lines: borders as they would run. */
export function bent(from: Place, to: Place | null, lines: readonly (readonly Place[])[] = []): Sketch {
  const drawn = lines.map((places): Feature => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: places.map((place) => [...place]) } }));
  return collected(...drawn, dot(to ?? from));
}
