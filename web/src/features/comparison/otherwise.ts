// Owns turning counts by other boundaries into what the map draws: the areas with class and figure, and their names. Pure.
import type { Feature, FeatureCollection } from "geojson";
import type { Boundary } from "../../api/boundaries";
import type { Lang } from "../../i18n/text";

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

/** Areas that were not counted (beyond the reach of who asks) are drawn without a class. */
export const shapesDrawn = (boundaries: readonly Boundary[], byArea: ReadonlyMap<string, number>): FeatureCollection =>
  collection(boundaries.map(({ id, geometry }) => ({ type: "Feature", properties: { id, c: byArea.get(id) ?? -1 }, geometry })));

export const namesDrawn = (boundaries: readonly Boundary[], figures: ReadonlyMap<string, string>, weights: ReadonlyMap<string, number>, lang: Lang): FeatureCollection =>
  collection(
    boundaries
      .filter(({ id }) => figures.has(id))
      .map(({ id, properties }) => ({
        type: "Feature",
        properties: { name: properties.names[lang], figure: figures.get(id) ?? "", weight: weights.get(id) ?? 0 },
        geometry: { type: "Point", coordinates: [...properties.label] },
      })),
  );
