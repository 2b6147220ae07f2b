// Owns the shape of a drawing of areas, as the server simplified them.
import { type Decoded, type Decoder, id, list, Malformed, num, object, str } from "./check";
import { getJson } from "./http";

const pair: Decoder<readonly [number, number]> = (value, path) => {
  const [x, y] = list(num)(value, path);
  if (x === undefined || y === undefined) throw new Malformed(path, "two numbers", value);
  return [x, y];
};
export const outlines = object({ level: str, world: num, origin: pair, items: list(object({ id, path: str })) });
/** Paths of SVG in units of Web Mercator, `world` of which go round the equator, from `origin`. */
export type Outlines = Decoded<typeof outlines>;

export const fetchOutlines = (level: string, signal?: AbortSignal): Promise<Outlines> => getJson("/areas/outlines", { level }, outlines, signal);
