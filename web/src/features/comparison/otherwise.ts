// Owns turning other boundaries into what the map draws and the lists name: areas with their class, anchors with size. Pure.
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";
import type { Anchor } from "../../api/areas";
import type { Boundary } from "../../api/boundaries";

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

/** Areas that were not counted (beyond the reach of who asks) are drawn without a class. */
export const shapesDrawn = (boundaries: readonly Boundary[], byArea: ReadonlyMap<string, number>): FeatureCollection =>
  collection(boundaries.map(({ id, geometry }) => ({ type: "Feature", properties: { id, c: byArea.get(id) ?? -1 }, geometry })));

export const anchorsOf = (level: string, boundaries: readonly Boundary[]): ReadonlyMap<string, Anchor> =>
  new Map(
    boundaries.map(({ id, properties: { code, names, label }, geometry }) => {
      const [lon, lat] = label;
      return [id, { id, level, code, names, area_km2: km2(geometry, lat), label: { lon, lat } }];
    }),
  );

const KM_PER_DEGREE = 111.32;

/** About: flat at this latitude, which is right to a thousandth for an area of a city. */
function km2(geometry: Geometry, lat: number): number {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const square = polygons.reduce((sum, [outer = [], ...holes]) => sum + turned(outer) - holes.reduce((inner, hole) => inner + turned(hole), 0), 0);
  return square * KM_PER_DEGREE ** 2 * Math.cos((lat * Math.PI) / 180);
}

/** Square degrees within a ring; from its first corner, so that nothing is lost to large numbers. */
function turned(ring: readonly Position[]): number {
  const [x0 = 0, y0 = 0] = ring[0] ?? [];
  const twice = ring.reduce((sum, [x = 0, y = 0], index) => {
    const [nextX = 0, nextY = 0] = ring[(index + 1) % ring.length] ?? [];
    return sum + (x - x0) * (nextY - y0) - (nextX - x0) * (y - y0);
  }, 0);
  return Math.abs(twice) / 2;
}
