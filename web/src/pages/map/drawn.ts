// Owns turning the server's answers into what the map draws: classes by area, names with figures, the chosen place. Pure.
import type { Feature, FeatureCollection } from "geojson";
import type { Anchor, Located, Point } from "../../api/areas";
import type { Level } from "../../api/city";
import type { Density, DensityItem } from "../../api/density";
import type { Route } from "../../api/duties";
import { type Classes, classesFor, classify, classOf } from "../../features/analytics/breaks";
import { number, type Lang } from "../../i18n/text";

export const figureOf = (item: DensityItem, measure: "count" | "rate"): number | null =>
  measure === "count" ? item.count : item.per_100_households;

export function classesOf(density: Density | undefined, measure: "count" | "rate"): { classes: Classes; byArea: ReadonlyMap<string, number> } {
  const items = density?.items ?? [];
  const classes = classify(items.map((item) => figureOf(item, measure)), classesFor(items.length), measure === "count");
  const byArea = new Map<string, number>();
  for (const item of items) {
    const c = classOf(figureOf(item, measure), classes);
    if (c !== null) byArea.set(item.id, c);
  }
  return { classes, byArea };
}

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
const dot = (at: Point, properties: Record<string, string | number>): Feature => ({
  type: "Feature",
  properties,
  geometry: { type: "Point", coordinates: [at.lon, at.lat] },
});

/** Names with their figure; where there is no room the larger figure wins. Areas of hidden classes lose their names too. */
export function labelsOf(
  density: Density | undefined,
  anchors: ReadonlyMap<string, Anchor> | undefined,
  measure: "count" | "rate",
  lang: Lang,
  byArea: ReadonlyMap<string, number>,
  hidden: readonly number[],
): FeatureCollection {
  return collection(
    (density?.items ?? []).flatMap((item) => {
      const figure = figureOf(item, measure);
      const anchor = anchors?.get(item.id);
      if (anchor === undefined || hidden.includes(byArea.get(item.id) ?? -1)) return [];
      const written = figure === null ? "" : number(lang, figure, measure === "count" ? 0 : 1);
      return [dot(anchor.label, { name: item.names[lang], figure: written, weight: figure ?? 0 })];
    }),
  );
}

/** Names alone, for whoever has no figures; where there is no room the larger area's wins. */
export const namesOf = (anchors: ReadonlyMap<string, Anchor> | undefined, lang: Lang): FeatureCollection =>
  collection([...(anchors?.values() ?? [])].map((anchor) => dot(anchor.label, { name: anchor.names[lang], figure: "", weight: anchor.area_km2 })));

/** The chosen place, the circle of its accuracy, and the way to the site that serves it. */
export function pinOf(at: Point | null, accuracyM: number | null, route: Route | undefined, lang: Lang): FeatureCollection {
  if (at === null) return collection([]);
  const features = [dot(at, { role: "point" })];
  if (accuracyM !== null) features.unshift(circle(at, accuracyM));
  const site = route?.site ?? null;
  if (site !== null) {
    features.unshift(
      { type: "Feature", properties: { role: "way" }, geometry: { type: "LineString", coordinates: [[at.lon, at.lat], [site.lon, site.lat]] } },
      dot(site, { role: "site", name: site.names[lang] }),
    );
  }
  return collection(features);
}

const M_PER_DEGREE = 111_320;

function circle(at: Point, radiusM: number): Feature {
  const coordinates = Array.from({ length: 65 }, (_, index) => {
    const angle = (index / 64) * 2 * Math.PI;
    const dx = (radiusM * Math.cos(angle)) / (M_PER_DEGREE * Math.cos((at.lat * Math.PI) / 180));
    return [at.lon + dx, at.lat + (radiusM * Math.sin(angle)) / M_PER_DEGREE];
  });
  return { type: "Feature", properties: { role: "accuracy" }, geometry: { type: "Polygon", coordinates: [coordinates] } };
}

/** The area of the shown level that holds the place; the deepest one where that level is absent there. */
export function outlinedOf(located: Located | undefined, level: Level): string | null {
  if (located?.inside !== true) return null;
  return (located.path.find((area) => area.level === level) ?? located.path.at(-1))?.id ?? null;
}
