// Owns turning agencies, service areas and ways into what the map draws. Pure.
import type { Feature, FeatureCollection, Position } from "geojson";
import type { Point } from "../../api/areas";
import type { Served, Site, Ways } from "../../api/sites";
import { distanceText, type Lang, type Text } from "../../i18n/text";

export const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
export const NONE: FeatureCollection = collection([]);

export const serviceOf = (served: readonly Served[]): FeatureCollection =>
  collection(served.map(({ id, geometry, properties }) => ({ type: "Feature", geometry, properties: { id, c: properties.colour } })));

interface Dot {
  readonly id: string;
  readonly names: Readonly<Record<Lang, string>>;
  readonly lon: number;
  readonly lat: number;
}

export const postsOf = (dots: readonly Dot[], chosen: string | null, lang: Lang): FeatureCollection =>
  collection(
    dots.map(({ id, names, lon, lat }) => ({
      type: "Feature",
      properties: { id, name: names[lang], chosen: id === chosen },
      geometry: { type: "Point", coordinates: [lon, lat] },
    })),
  );

export const dotsOf = (served: readonly Served[]): Dot[] => served.map(({ id, properties }) => ({ id, names: properties.names, lon: properties.lon, lat: properties.lat }));
export const siteDots = (sites: readonly Site[]): Dot[] => [...sites];

/** The way by road and the straight line to each site that was considered; the one that serves stands out, with its distances. */
export function waysOf(at: Point | null, ways: Ways | undefined, text: Text): FeatureCollection {
  if (at === null || ways === undefined) return NONE;
  return collection(
    ways.items.toReversed().flatMap(({ site, path }): Feature[] => {
      const direct: Position[] = [[at.lon, at.lat], [site.lon, site.lat]];
      const written = (distance: string, on: readonly Position[]): Feature[] =>
        site.chosen ? [{ type: "Feature", properties: { role: "label", label: distance }, geometry: { type: "Point", coordinates: halfway(on) } }] : [];
      const straight: Feature[] = [
        { type: "Feature", properties: { role: "straight", chosen: site.chosen }, geometry: { type: "LineString", coordinates: direct } },
        ...written(text("places.way.straight", { distance: distanceText(text, site.straight_m) }), direct),
      ];
      if (path === null || site.road_m === null) return straight;
      const road: Feature = { type: "Feature", properties: { role: "road", chosen: site.chosen }, geometry: path };
      return [...straight, road, ...written(text("places.way.road", { distance: distanceText(text, site.road_m) }), path.coordinates)];
    }),
  );
}

/** The spot in the middle of a line's length. */
export function halfway(line: readonly Position[]): Position {
  const flat = Math.cos(((line[0]?.[1] ?? 0) * Math.PI) / 180);
  const steps = line.slice(1).map((to, index) => {
    const from = line[index] ?? to;
    const [dx, dy] = [((to[0] ?? 0) - (from[0] ?? 0)) * flat, (to[1] ?? 0) - (from[1] ?? 0)];
    return { from, to, long: Math.hypot(dx, dy) };
  });
  let left = steps.reduce((sum, { long }) => sum + long, 0) / 2;
  for (const { from, to, long } of steps) {
    if (left <= long && long > 0) {
      const share = left / long;
      return [(from[0] ?? 0) + ((to[0] ?? 0) - (from[0] ?? 0)) * share, (from[1] ?? 0) + ((to[1] ?? 0) - (from[1] ?? 0)) * share];
    }
    left -= long;
  }
  return [...(line[0] ?? [0, 0])];
}
