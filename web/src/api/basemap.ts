// Owns the shape of the answer to "is there a provider's base map". Its tiles come from our own server, whoever draws them.
import { type Decoded, nullable, num, object, oneOf, str } from "./check";
import { getJson } from "./http";

const basemap = object({ standing: oneOf("none", "ready", "away"), away_since: nullable(str), attribution: str, approval: str, max_zoom: num });
export type Basemap = Decoded<typeof basemap>;

export const fetchBasemap = (signal?: AbortSignal): Promise<Basemap> => getJson("/basemap", {}, basemap, signal);
