// Owns the styles of this page's maps as pure functions: plans above the ground, what is in force, communities to choose.
import type { StyleSpecification } from "maplibre-gl";
import { type Level } from "../../api/city";
import { FATES } from "../../api/effects";
import { STANDINGS, standingColour } from "../../features/plans/deviation";
import { fateColour, fateColours } from "../../features/plans/fates";
import { areaNames, choropleth, edges } from "../../map/layers/areas";
import { type Base, composed, type Fragment } from "../../map/layers/fragment";
import { ground, streetNames, streets, water } from "../../map/layers/ground";
import { communities, marks, movedGround, planEdges, planGrids, planNames } from "../../map/layers/plans";

const LEVELS: readonly Level[] = ["district", "subdistrict", "community", "grid"];

const over = (base: Base, level: Level, data: readonly Fragment[], names: readonly Fragment[], lines: readonly Fragment[] = []): StyleSpecification =>
  composed(ground(base), ...data, water(base, true), streets(base, true), ...lines, edges(base, level, LEVELS), ...names, streetNames(base), marks(base));

/** Communities; those that are chosen or that a plan draws stand out. */
export const communityStyle = (base: Base, pickable: boolean): StyleSpecification => over(base, "community", [communities(base, pickable)], [areaNames(base)]);

/** A plan by how each grid stands to its target. */
export const standingStyle = (base: Base, chosen: readonly string[], hidden: readonly string[]): StyleSpecification =>
  over(base, "community", [communities(base, false), planGrids(base, { colours: Object.fromEntries(STANDINGS.map((one) => [one, standingColour(base.theme, one)])), hidden }), movedGround(base)], [planNames(base)], [planEdges(base, chosen)]);

/** A plan by what becomes of each grid, the ground that changes its grid above. */
export const fateStyle = (base: Base, chosen: readonly string[], hidden: readonly string[]): StyleSpecification =>
  over(base, "community", [planGrids(base, { colours: Object.fromEntries(FATES.map((one) => [one, fateColour(base.theme, one)])), hidden }), movedGround(base)], [planNames(base)], [planEdges(base, chosen)]);

/** What is in force by what becomes of each grid: states `c` on the areas of the tiles. */
export const forceStyle = (base: Base, hidden: readonly number[]): StyleSpecification =>
  over(base, "grid", [choropleth(base, { level: "grid", colours: fateColours(base.theme), hidden, shown: true, opacity: 0.78 })], [areaNames(base)]);
