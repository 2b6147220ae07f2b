// Owns the board's map as a pure function of what is to be seen. Layers keep their ids, so that only what differs is applied.
import type { StyleSpecification } from "maplibre-gl";
import type { Level } from "../../api/city";
import { areaNames, choropleth, edges, outline } from "../../map/layers/areas";
import { type Base, composed, type Fragment, tiled } from "../../map/layers/fragment";
import { ground, streetNames, streets, water } from "../../map/layers/ground";
import { classedShapes } from "../../map/layers/hexagons";
import { heat, points } from "../../map/layers/incidents";
import { type Pictures, raster } from "../../map/layers/raster";
import { sites } from "../../map/layers/sites";
import type { Paint } from "./view";

export interface Seen {
  readonly base: Base;
  readonly level: Level;
  readonly levels: readonly Level[];
  readonly paint: Paint;
  /** Of areas, hexagons or bands, whichever is shown. */
  readonly colours: readonly string[];
  readonly hidden: readonly number[];
  readonly selected: string | null;
  /** Whether incidents themselves are drawn from street level on. */
  readonly single: boolean;
  /** How many incidents are drawn; heat is measured against their mean over the city. */
  readonly total: number;
  /** A provider's pictures in place of our own base map; null = our own. */
  readonly pictures: Pictures | null;
  /** What other parts of the board draw. */
  readonly added: readonly Fragment[];
}

/** Nothing to be seen: where a click finds the area, whatever is drawn. */
const hit = (base: Base, level: Level): Fragment => ({
  sources: tiled(base, "areas"),
  layers: [{ id: "hit", type: "fill", source: "areas", "source-layer": "areas", filter: ["==", ["get", "level"], level], paint: { "fill-opacity": 0 } }],
});

export function boardStyle({ base, level, levels, paint, colours, hidden, selected, single, total, pictures, added }: Seen): StyleSpecification {
  const onAreas = paint === "areas";
  const shape = paint === "hexagons" || paint === "surface" ? paint : null;
  const own = (...fragments: readonly Fragment[]): readonly Fragment[] => (pictures === null ? fragments : []);
  return composed(
    ground(base),
    raster(base, pictures),
    choropleth(base, { level, colours: onAreas ? colours : [], hidden: onAreas ? hidden : [], shown: onAreas }),
    ...own(water(base, onAreas), streets(base, onAreas)),
    classedShapes(base, shape, { colours: shape === null ? [] : colours, hidden: shape === null ? [] : hidden }),
    heat(base, total, paint === "heat"),
    edges(base, level, levels),
    points(base, single && !(hidden.length > 0 && onAreas)),
    sites(base, null),
    ...added,
    hit(base, level),
    outline(base, selected),
    ...own(streetNames(base)),
    areaNames(base),
  );
}
