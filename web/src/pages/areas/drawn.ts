// Owns turning agencies, service areas and ways into what the map draws. Pure.
import type { Feature, FeatureCollection } from "geojson";
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

/** The way by road and the straight line to each site that was considered; the one that serves stands out. */
export function waysOf(at: Point | null, ways: Ways | undefined, text: Text): FeatureCollection {
  if (at === null || ways === undefined) return NONE;
  return collection(
    ways.items.toReversed().flatMap(({ site, path }): Feature[] => {
      const straight: Feature = {
        type: "Feature",
        properties: { role: "straight", chosen: site.chosen, label: text("places.way.straight", { distance: distanceText(text, site.straight_m) }) },
        geometry: { type: "LineString", coordinates: [[at.lon, at.lat], [site.lon, site.lat]] },
      };
      if (path === null || site.road_m === null) return [straight];
      const road: Feature = { type: "Feature", properties: { role: "road", chosen: site.chosen, label: text("places.way.road", { distance: distanceText(text, site.road_m) }) }, geometry: path };
      return [straight, road];
    }),
  );
}
