// Owns turning plans into what the map draws: grids with their class, names, ground that moves. Pure.
import type { Feature, FeatureCollection } from "geojson";
import type { Compared, Fate, MovedGround } from "../../api/effects";
import type { Outline } from "../../api/grounds";
import type { PlanGrid } from "../../api/plans";
import { standingOf } from "../../features/plans/deviation";
import { inside } from "../../features/plans/shapes";
import { number, type Text } from "../../i18n/text";
import { gridName } from "../../features/plans/words";

export const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
export const EMPTY: FeatureCollection = collection([]);

/** A grid of a part, as the map knows it. */
export const keyOf = (part: string, grid: number): string => `${part}:${grid}`;
export function ofKey(key: string): { readonly part: string; readonly grid: number } | null {
  const found = /^(\d+):(-?\d+)$/.exec(key);
  return found?.[1] === undefined ? null : { part: found[1], grid: Number(found[2]) };
}

const feature = (grid: PlanGrid, shown: string): Feature[] =>
  grid.geometry === null ? [] : [{ type: "Feature", geometry: grid.geometry, properties: { key: keyOf(grid.part_id, grid.number), class: shown } }];

/** By how each stands to its target. */
export const standingGrids = (grids: readonly PlanGrid[], band: number): FeatureCollection => collection(grids.flatMap((one) => feature(one, standingOf(one.deviation, one.in_band, band))));

/** By what becomes of each: `fates` by community and number. */
export const fateGrids = (grids: readonly PlanGrid[], fates: ReadonlyMap<string, Fate>): FeatureCollection =>
  collection(grids.flatMap((one) => feature(one, fates.get(keyOf(one.community_id, one.number)) ?? "same")));

/** Without the name of its community, which stands on the map already. */
const short = (name: string, community: string): string => (name.startsWith(community) && name.length > community.length ? name.slice(community.length).trim() : name);

/** Names with households beneath; where there is no room the larger one wins. */
export const gridNames = (grids: readonly PlanGrid[], text: Text, communityOf: (id: string) => string): FeatureCollection =>
  collection(
    grids.flatMap((one) =>
      one.geometry === null
        ? []
        : [
            {
              type: "Feature",
              geometry: { type: "Point", coordinates: inside(one.geometry) },
              properties: { name: short(gridName(text, one), communityOf(one.community_id)), figure: number(text.lang, one.households), weight: one.households },
            },
          ],
    ),
  );

/** What becomes of the grids of one side, by community and number. */
export function fatesOf(compared: readonly Compared[], side: "before" | "after"): ReadonlyMap<string, Fate> {
  const found = new Map<string, Fate>();
  for (const one of compared) {
    for (const pair of one.grids) {
      const held = pair[side];
      if (held !== null) found.set(keyOf(one.community_id, held.number), pair.fate);
    }
  }
  return found;
}

/** The same by the area that a grid is in force as, for the tiles. */
export function fatesByArea(compared: readonly Compared[]): ReadonlyMap<string, Fate> {
  return new Map(compared.flatMap((one) => one.grids.flatMap((pair) => (pair.before?.area_id === null || pair.before?.area_id === undefined ? [] : [[pair.before.area_id, pair.fate] as const]))));
}

/** Outlines where the atoms are known, else dots. */
export function movedOf(moved: readonly MovedGround[], shapes: ReadonlyMap<number, Outline> | null): FeatureCollection {
  return collection(
    moved.map((one): Feature => {
      const outline = shapes?.get(one.atom);
      const [lon = 0, lat = 0] = one.place;
      return { type: "Feature", geometry: outline ?? { type: "Point", coordinates: [lon, lat] }, properties: { households: one.households } };
    }),
  );
}

export const marksOf = (places: readonly (readonly number[])[]): FeatureCollection =>
  collection(places.map(([lon = 0, lat = 0]) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: {} })));
