// Owns turning the server's answers into what the board's map draws: classes by area, names with figures, hexagons, surfaces. Pure.
import type { Feature, FeatureCollection } from "geojson";
import type { Anchor } from "../../api/areas";
import type { Measured } from "../../api/counts";
import type { Hexagons, Surface } from "../../api/density";
import { type Bin, type Classes, classesFor, classify, classOf, type Method } from "../../features/analytics/breaks";
import type { Scale } from "../../features/analytics/measures";
import { type Lang, number } from "../../i18n/text";
import type { Box } from "../../map/box";

export const NO_CLASSES: Classes = { bins: [], blank: 0, digits: 0 };

export interface Classed {
  readonly classes: Classes;
  readonly byArea: ReadonlyMap<string, number>;
}

/** Classes of areas, of values in the unit in which they are printed. */
export function classedAreas(measured: Measured | undefined, scale: Scale, method: Method): Classed {
  const values = measured?.values.map((value) => (value === null ? null : value * scale.factor)) ?? [];
  const classes = classify(values, classesFor(values.length), scale.digits === 0, method);
  const byArea = new Map<string, number>();
  values.forEach((value, index) => {
    const id = measured?.counts.ids?.[index];
    const c = classOf(value, classes);
    if (id !== undefined && c !== null) byArea.set(id, c);
  });
  return { classes, byArea };
}

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

/** Names with their figure; where there is no room the larger figure wins. Areas of hidden classes lose their names too. */
export function labels(
  measured: Measured | undefined,
  anchors: ReadonlyMap<string, Anchor> | undefined,
  scale: Scale,
  lang: Lang,
  shown: (id: string) => boolean,
  figures: ReadonlyMap<string, string> | null,
): FeatureCollection {
  const ids = measured?.counts.ids ?? [];
  return collection(
    ids.flatMap((id, index) => {
      const anchor = anchors?.get(id);
      if (anchor === undefined || !shown(id)) return [];
      const value = measured?.values[index] ?? null;
      const written = figures?.get(id) ?? (value === null ? "" : written1(lang, scale, value));
      const geometry = { type: "Point" as const, coordinates: [anchor.label.lon, anchor.label.lat] };
      return [{ type: "Feature" as const, properties: { name: anchor.names[lang], figure: written, weight: value ?? 0 }, geometry }];
    }),
  );
}

const SIGNS: Readonly<Record<Scale["unit"], string>> = { one: "", percent: " %", minute: "′", hour: " h", day: " d" };
const written1 = (lang: Lang, scale: Scale, value: number): string => `${number(lang, value * scale.factor, scale.digits)}${SIGNS[scale.unit]}`;

/** Names alone, over heat and surfaces; where there is no room the larger area's wins. */
export const namesAlone = (anchors: ReadonlyMap<string, Anchor> | undefined, lang: Lang): FeatureCollection =>
  collection(
    [...(anchors?.values() ?? [])].map((anchor) => ({
      type: "Feature",
      properties: { name: anchor.names[lang], figure: "", weight: anchor.area_km2 },
      geometry: { type: "Point", coordinates: [anchor.label.lon, anchor.label.lat] },
    })),
  );

export function classedHexagons(hexagons: Hexagons | undefined, method: Method): { classes: Classes; data: FeatureCollection } {
  const items = hexagons?.items ?? [];
  const classes = classify(items.map((item) => item.count), classesFor(items.length), true, method);
  const features = items.map((item): Feature => {
    const [first] = item.ring;
    const ring = first === undefined ? item.ring : [...item.ring, first];
    return { type: "Feature", properties: { c: classOf(item.count, classes), count: item.count }, geometry: { type: "Polygon", coordinates: [ring] } };
  });
  return { classes, data: collection(features) };
}

/** Bands come with round limits of their own. */
export function classedSurface(surface: Surface | undefined): { classes: Classes; data: FeatureCollection } {
  const bands = surface?.features ?? [];
  const bins = bands.map(({ properties }): Bin => ({ low: properties.from_per_km2, high: properties.to_per_km2 ?? surface?.peak_per_km2 ?? properties.from_per_km2, areas: 1 }));
  const digits = bins.some((bin) => bin.low < 1) ? 1 : 0;
  const features = bands.map((band, index): Feature => ({ type: "Feature", properties: { c: index }, geometry: band.geometry }));
  return { classes: { bins, blank: 0, digits }, data: collection(features) };
}

const PX_PER_TILE = 512;

/** The zoom at which a box fills so many pixels across. */
export const zoomOf = ([west, , east]: Box, px: number): number => Math.log2((360 * px) / (PX_PER_TILE * Math.max(east - west, 1e-6)));

/** H3's resolution for a zoom: cells of some 25 px along an edge; each resolution is 2.65 times finer than the one before. */
export const resolutionAt = (zoom: number): number => Math.max(5, Math.min(9, Math.round(9 - (13 - zoom) / 1.4)));
