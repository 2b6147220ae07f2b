// Owns the shape of the city that this server serves: names, extent, time zone, levels present, what is loaded.
import { bool, type Decoded, id, list, names, nullable, num, object, record, str, withDefault } from "./check";
import { getJson } from "./http";

export const LEVELS = ["district", "subdistrict", "community", "grid"] as const;
export type Level = (typeof LEVELS)[number];

const city = object({
  code: str,
  names,
  timezone: str,
  centre: nullable(list(num)),
  bbox: nullable(list(num)),
  levels: list(str),
  counts: object({
    areas: record(num),
    /** null = not for whoever asks to count. */
    incidents: nullable(num),
    streets: num,
    buildings: num,
  }),
  incidents_from: nullable(str),
  incidents_to: nullable(str),
  revision: id,
  demo: withDefault(bool, false),
});
export type City = Decoded<typeof city>;

export const fetchCity = (signal?: AbortSignal): Promise<City> => getJson("/city", {}, city, signal);

export const levelsOf = (of: City): Level[] => LEVELS.filter((level) => of.levels.includes(level));
