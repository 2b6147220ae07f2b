// Owns the style of the map of areas as a pure function of what is to be seen.
import type { StyleSpecification } from "maplibre-gl";
import type { Level } from "../../api/city";
import { areaNames, edges, outline } from "../../map/layers/areas";
import { type Base, composed } from "../../map/layers/fragment";
import { ground, streetNames, streets, water } from "../../map/layers/ground";
import { pin } from "../../map/layers/pin";
import { type Pictures, raster } from "../../map/layers/raster";
import { serviceGround, servicePosts, serviceWays } from "../../map/layers/service";
import type { Tab } from "./view";

export interface Look extends Base {
  readonly tab: Tab;
  readonly level: Level;
  readonly levels: readonly Level[];
  /** The area that is outlined, as its tile id; null = none. */
  readonly outlined: string | null;
  /** The site whose service area is outlined; null = none. */
  readonly site: string | null;
  /** A provider's pictures in place of our own base map; null = our own. */
  readonly pictures: Pictures | null;
}

export function styleOf(look: Look): StyleSpecification {
  const own = look.pictures === null;
  return composed(
    ground(look),
    raster(look, look.pictures),
    ...(own ? [water(look, false), streets(look, false)] : []),
    serviceGround(look, look.site),
    edges(look, look.level, look.levels),
    outline(look, look.outlined),
    ...(own ? [streetNames(look)] : []),
    areaNames(look),
    serviceWays(look),
    servicePosts(look),
    pin(look),
  );
}

/** Where tiles of a layer are; of areas those of a day. */
export function tilesAt(origin: string, revision: string, day: string | null): Base["tiles"] {
  const query = new URLSearchParams({ v: revision });
  return (layer) => {
    const path = layer === "areas" && day !== null ? "boundaries" : layer;
    const more = layer === "areas" && day !== null ? `at=${day}&` : "";
    return `${origin}/api/v1/tiles/${path}/{z}/{x}/{y}.mvt?${more}${query.toString()}`;
  };
}
