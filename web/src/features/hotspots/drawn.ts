// Owns turning findings into what the map draws: circles of clusters with their number, spots, marks of alerts. Pure.
import type { Feature, FeatureCollection, Position } from "geojson";
import type { Anchor, Point } from "../../api/areas";
import type { Cluster } from "../../api/clusters";
import type { HotItem } from "../../api/hotspots";
import type { Repeat } from "../../api/repeats";

const M_PER_DEGREE = 111_320;
export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };
const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
export const numbered = (at: Point, n: number | string): Feature => ({
  type: "Feature",
  properties: { role: "number", n },
  geometry: { type: "Point", coordinates: [at.lon, at.lat] },
});

export const idsOf = (items: readonly HotItem[], verdict: "hot" | "cold"): string[] => items.filter((item) => item.verdict === verdict).map((item) => item.id);

/** The least circle around the middles of its areas, by half the size of an area wider: about the ground that a cluster covers. */
export function circleOf(areas: readonly { id: string }[], anchors: ReadonlyMap<string, Anchor>): { centre: Point; radiusM: number } | null {
  const known = areas.flatMap((area) => anchors.get(area.id) ?? []);
  const first = known[0];
  if (first === undefined) return null;
  const centre = first.label;
  const reach = known.map((anchor) => metres(centre, anchor.label) + Math.sqrt(anchor.area_km2 / Math.PI) * 1000);
  return { centre, radiusM: Math.max(...reach) };
}

export function metres(a: Point, b: Point): number {
  const dy = (a.lat - b.lat) * M_PER_DEGREE;
  const dx = (a.lon - b.lon) * M_PER_DEGREE * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot(dx, dy);
}

const CORNERS = 72;

export function ring(centre: Point, radiusM: number): Position[] {
  const dLat = radiusM / M_PER_DEGREE;
  const dLon = dLat / Math.cos((centre.lat * Math.PI) / 180);
  return Array.from({ length: CORNERS + 1 }, (_, index) => {
    const angle = ((index % CORNERS) / CORNERS) * 2 * Math.PI;
    return [centre.lon + dLon * Math.cos(angle), centre.lat + dLat * Math.sin(angle)];
  });
}

/** Numbered as in the list; the chosen one stands out. */
export function clustersDrawn(items: readonly Cluster[], anchors: ReadonlyMap<string, Anchor> | undefined, chosen: number | null): FeatureCollection {
  if (anchors === undefined) return NOTHING;
  const circles = items.flatMap((item, index) => {
    const circle = circleOf(item.areas, anchors);
    return circle === null ? [] : [{ ...circle, index }];
  });
  return collection([
    ...circles.map(({ centre, radiusM, index }): Feature => ({
      type: "Feature",
      properties: { role: "circle", chosen: index === chosen },
      geometry: { type: "Polygon", coordinates: [ring(centre, radiusM)] },
    })),
    ...circles.map(({ centre, index }) => numbered(centre, index + 1)),
  ]);
}

/** Spots stand where they are; what is told as the count of a grid alone is drawn at no point. */
export const spotsDrawn = (items: readonly Repeat[]): FeatureCollection =>
  collection(items.flatMap((item, index) => (item.lon === null || item.lat === null ? [] : [numbered({ lon: item.lon, lat: item.lat }, index + 1)])));

/** The box around a cluster, for going there. */
export function boxOf(areas: readonly { id: string }[], anchors: ReadonlyMap<string, Anchor>): readonly [number, number, number, number] | null {
  const circle = circleOf(areas, anchors);
  if (circle === null) return null;
  const dLat = circle.radiusM / M_PER_DEGREE;
  const dLon = dLat / Math.cos((circle.centre.lat * Math.PI) / 180);
  return [circle.centre.lon - dLon, circle.centre.lat - dLat, circle.centre.lon + dLon, circle.centre.lat + dLat];
}
