// Owns whose ground is drawn as areas beside a comparison: the communities that lie in the view, and no more than can be read. Pure.
import type { Compared } from "../../api/effects";
import type { Box } from "../../map/box";
import type { Camera } from "../../state/spelling";

export const MOST_OUTLINED = 6;
const TILE = 512;
/** Half of the largest map that is looked at, in pixels. */
const HALF = { x: 960, y: 600 } as const;

/** About what a map shows: its size is not asked for, a wide screen is taken for each. */
export function viewOf({ lon, lat, zoom }: Camera): Box {
  const degrees = 360 / (TILE * 2 ** zoom);
  const tall = HALF.y * degrees * Math.cos((lat * Math.PI) / 180);
  return [lon - HALF.x * degrees, lat - tall, lon + HALF.x * degrees, lat + tall];
}

/** Grounds whose outlines are worth reading: of the communities with moved ground in the view (null: anywhere) those with most of it there. */
export function basesSeen(compared: readonly Compared[], camera: Camera | null): string[] {
  const [west, south, east, north] = camera === null ? [-Infinity, -Infinity, Infinity, Infinity] : viewOf(camera);
  const inView = ([lon, lat]: readonly number[]): boolean => lon !== undefined && lat !== undefined && lon >= west && lon <= east && lat >= south && lat <= north;
  return compared
    .map((one) => ({ basis: one.basis_id, count: camera === null ? one.moved_count : one.moved.filter(({ place }) => inView(place)).length }))
    .filter(({ count }) => count > 0)
    .toSorted((one, next) => next.count - one.count)
    .slice(0, MOST_OUTLINED)
    .map(({ basis }) => basis);
}
