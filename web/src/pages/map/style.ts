// Owns the map page's style as a pure function of what is to be seen. Layers keep their ids, so that only what differs is applied.
import type { StyleSpecification } from "maplibre-gl";
import type { Level } from "../../api/city";
import { ramp } from "../../features/analytics/ramp";
import { areaNames, choropleth, edges, outline } from "../../map/layers/areas";
import { type Base, composed, type Fragment } from "../../map/layers/fragment";
import { ground, streetNames, streets, water } from "../../map/layers/ground";
import { heat, points } from "../../map/layers/incidents";
import { pin } from "../../map/layers/pin";
import { type Pictures, raster } from "../../map/layers/raster";
import { sites } from "../../map/layers/sites";

export interface Look extends Base {
  readonly level: Level;
  /** Levels that the city has, from the top down. */
  readonly levels: readonly Level[];
  readonly paint: "areas" | "heat";
  readonly classes: number;
  /** Whether incidents are drawn at all: there are none for whoever may not count them. */
  readonly counts: boolean;
  readonly hidden: readonly number[];
  /** The area that is outlined, as its tile id; null = none. */
  readonly outlined: string | null;
  /** The site that serves the chosen place: named by the pin, not twice. */
  readonly site: string | null;
  /** How many incidents are drawn; heat is measured against their mean over the bounds. */
  readonly total: number;
  /** A provider's pictures in place of our own base map; null = our own. */
  readonly pictures: Pictures | null;
}

export function styleOf(look: Look): StyleSpecification {
  const { level, hidden } = look;
  const onData = look.paint === "areas";
  const counted = (...fragments: readonly Fragment[]): readonly Fragment[] => (look.counts ? fragments : []);
  const own = (...fragments: readonly Fragment[]): readonly Fragment[] => (look.pictures === null ? fragments : []);
  return composed(
    ground(look),
    raster(look, look.pictures),
    choropleth(look, { level, colours: ramp(look.theme, look.classes), hidden, shown: onData }),
    ...own(water(look, onData), streets(look, onData)),
    ...counted(heat(look, look.total, !onData)),
    edges(look, level, look.levels),
    ...counted(points(look, !(hidden.length > 0 && onData))),
    sites(look, look.site),
    outline(look, look.outlined),
    ...own(streetNames(look)),
    areaNames(look),
    pin(look),
  );
}
