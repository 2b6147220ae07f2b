// Owns moving corners and stretches of borders: which is meant, how it would run, the operation. The server says whether it may be,
// and how the atoms then lie. Does not own the ground that follows (ground.ts).
import type { Position } from "geojson";
import type { LonLat } from "../../api/operations";
import type { Mode, Press } from "../../map/mode";
import type { Drawing } from "./drawing";
import { ringsOf } from "./metres";
import { apart, type Place, placeOf } from "./places";
import { bent, NOTHING } from "./sketch";
import type { Bench, Points } from "./tools";

const REACH_PX = 12;

/** A border by the corners it runs along, next to a place; null: none within so many metres. */
export function stretchAt(drawing: Drawing, place: Place, withinM: number): readonly LonLat[] | null {
  const { metres } = drawing.ground;
  const near = new Set(drawing.places.around(place, withinM));
  const here = metres.of(place);
  let best: readonly Position[] | null = null;
  let least = withinM;
  for (const feature of drawing.borders.lines.features) {
    const edge = Number(feature.id);
    const [one, other] = [drawing.ground.a[edge] ?? -1, drawing.ground.b[edge] ?? -1];
    if (!near.has(one) && !near.has(other)) continue;
    for (const stretch of feature.geometry.coordinates) {
      for (let i = 1; i < stretch.length; i += 1) {
        const away = apart(here, metres.of(stretch[i - 1] ?? []), metres.of(stretch[i] ?? []));
        if (away <= least) [best, least] = [stretch, away];
      }
    }
  }
  return best === null ? null : best.map(lonLat);
}

const lonLat = (position: Position): LonLat => [position[0] ?? 0, position[1] ?? 0];

/** The borders at some corners, as they would run with these moved. */
function runs(drawing: Drawing, moved: ReadonlyMap<string, Place>, near: readonly number[]): Place[][] {
  const found: Place[][] = [];
  for (const atom of near) {
    const shape = drawing.ground.outlines[atom];
    if (shape === undefined) continue;
    for (const ring of ringsOf(shape)) {
      if (!ring.some((corner) => moved.has(named(corner)))) continue;
      found.push(ring.map((corner) => moved.get(named(corner)) ?? lonLat(corner)));
    }
  }
  return found;
}

const named = (corner: Position | LonLat): string => `${String(corner[0])} ${String(corner[1])}`;

interface Hold {
  readonly corners: readonly LonLat[];
  readonly from: Place;
  readonly near: readonly number[];
}

function take(bench: Bench, place: Place, stretch: boolean): Hold | null {
  const { drawing } = bench;
  const reach = bench.metresPerPx() * REACH_PX;
  const near = drawing.places.around(place, reach);
  if (stretch) {
    const corners = stretchAt(drawing, place, reach);
    return corners === null ? null : { corners, from: place, near };
  }
  const corner = drawing.places.cornerAt(place, reach);
  return corner === null ? null : { corners: [lonLat(corner)], from: lonLat(corner), near };
}

function show(bench: Bench, hold: Hold, to: Place): void {
  const [dx, dy] = [to[0] - hold.from[0], to[1] - hold.from[1]];
  const moved = new Map(hold.corners.map((corner) => [named(corner), [corner[0] + dx, corner[1] + dy] as const]));
  bench.sketch(bent(hold.from, to, runs(bench.drawing, moved, hold.near)));
}

function put(bench: Bench, hold: Hold, to: Place): void {
  const { drawing } = bench;
  bench.sketch(NOTHING);
  const [first] = hold.corners;
  if (first === undefined || drawing.ground.metres.between(hold.from, to) < 0.05) return;
  if (hold.corners.length === 1) drawing.do({ kind: "move_corner", payload: { corner: first, to } });
  else {
    const [ax, ay] = drawing.ground.metres.of(hold.from);
    const [bx, by] = drawing.ground.metres.of(to);
    drawing.do({ kind: "move_edge", payload: { corners: hold.corners, by: [bx - ax, by - ay] } });
  }
}

export function cornerPress(bench: Bench): Press {
  let hold: Hold | null = null;
  return {
    start: (at) => {
      hold = take(bench, placeOf(at), at.keys.shift);
      if (hold !== null) show(bench, hold, hold.from);
      return hold !== null;
    },
    move: (at) => {
      if (hold !== null) show(bench, hold, placeOf(at));
    },
    end: (at) => {
      if (hold !== null && at !== null) put(bench, hold, placeOf(at));
      else bench.sketch(NOTHING);
      hold = null;
    },
  };
}

/** By keys: Enter takes the corner next to the crosshair, and Enter again puts it down there. */
export function cornerPick(bench: Bench, points: Points): Mode["pick"] {
  return (at, byKeyboard) => {
    if (!byKeyboard) return;
    const [from] = points.places;
    if (from === undefined) {
      const hold = take(bench, placeOf(at), false);
      if (hold === null) {
        bench.say({ kind: "nothing" });
        return;
      }
      points.places = [hold.from];
      bench.sketch(bent(hold.from, null));
      return;
    }
    points.take();
    const hold = take(bench, from, false);
    if (hold !== null) put(bench, hold, placeOf(at));
  };
}
