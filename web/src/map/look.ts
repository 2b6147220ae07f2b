// Owns what the map is asked to show, as one value; style.ts turns it into layers.
import type { Level } from "../api/city";
import type { Lang } from "../i18n/text";
import type { Theme } from "../state/theme";

export type TileLayer = "areas" | "streets" | "buildings" | "blocks" | "facilities" | "sites" | "incidents";

export interface Look {
  readonly theme: Theme;
  readonly lang: Lang;
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
  /** Address templates of our tiles by layer. */
  readonly tiles: (layer: TileLayer) => string;
  /** Changes with the city's data, so that stored tiles are not mixed. */
  readonly bounds: readonly [number, number, number, number];
  /** How many incidents are drawn; heat is measured against their mean over the bounds. */
  readonly total: number;
}
