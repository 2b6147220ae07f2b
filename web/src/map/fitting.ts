// Owns where a drawing of areas lies under a camera. Pure.
import type { Outlines } from "../api/outlines";
import type { Camera } from "../state/spelling";
import type { Box } from "./box";

/** How a box is fitted into the map: room for what lies above it, and no nearer than streets. */
export const FIT = { padding: { top: 52, right: 24, bottom: 28, left: 24 }, maxZoom: 17 };

/** Pixels around the equator at zoom 0, as MapLibre counts. */
const TILE_PX = 512;

/** Shares of the world in Web Mercator, from 180° W and from the north. */
export function mercator(lon: number, lat: number): readonly [x: number, y: number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.atanh(sine) / (2 * Math.PI)];
}

/** The attribute `viewBox` with which the drawing lies as the map will: `width` × `height` pixels from where it starts. */
export function viewBox({ world, origin }: Pick<Outlines, "world" | "origin">, start: Camera | Box, width: number, height: number): string {
  const { x, y, px } = "zoom" in start ? centred(start) : fitted(start, width, height);
  const unit = world / px;
  return [x * world - origin[0] - (width / 2) * unit, y * world - origin[1] - (height / 2) * unit, width * unit, height * unit].map((value) => value.toFixed(1)).join(" ");
}

/** The colour of each area by its class, but for classes that are switched off. */
export const fillsOf = (classes: ReadonlyMap<string, number>, colours: readonly string[], hidden: readonly number[]): ReadonlyMap<string, string> =>
  new Map([...classes].flatMap(([id, index]): [string, string][] => (hidden.includes(index) || colours[index] === undefined ? [] : [[id, colours[index]]])));

interface Middle {
  readonly x: number;
  readonly y: number;
  /** Pixels around the world. */
  readonly px: number;
}

function centred({ lon, lat, zoom }: Camera): Middle {
  const [x, y] = mercator(lon, lat);
  return { x, y, px: TILE_PX * 2 ** zoom };
}

function fitted([west, south, east, north]: Box, width: number, height: number): Middle {
  const { top, right, bottom, left } = FIT.padding;
  const [x0, y0] = mercator(west, north);
  const [x1, y1] = mercator(east, south);
  const px = Math.min((width - left - right) / (x1 - x0), (height - top - bottom) / (y1 - y0), TILE_PX * 2 ** FIT.maxZoom);
  return { x: (x0 + x1) / 2 + (right - left) / 2 / px, y: (y0 + y1) / 2 + (bottom - top) / 2 / px, px };
}
