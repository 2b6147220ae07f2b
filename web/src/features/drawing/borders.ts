// Owns the lines that atoms have in common, once for each pair that touches, and the community's own border. Pure.
// A border between two grids is drawn by switching these lines on: no shape is put together while somebody draws.
import type { Feature, FeatureCollection, MultiLineString, Position } from "geojson";
import { at, type Ground } from "./ground";
import { ringsOf } from "./metres";

export interface Borders {
  /** One feature an edge, by its number. */
  readonly lines: FeatureCollection<MultiLineString>;
  /** What no two atoms share, by atom. */
  readonly rim: FeatureCollection<MultiLineString>;
  readonly lineOf: ReadonlyMap<number, Feature<MultiLineString>>;
  readonly rimOf: ReadonlyMap<number, Feature<MultiLineString>>;
}

interface Side {
  readonly from: Position;
  readonly to: Position;
  readonly atom: number;
}

export function bordersOf(ground: Ground): Borders {
  const edgeOf = new Map<number, number>();
  for (let edge = 0; edge < ground.a.length; edge += 1) edgeOf.set(paired(at(ground.a, edge), at(ground.b, edge), ground.atoms), edge);
  const corners = new Map<string, number>();
  const numbered = (point: Position): number => {
    const name = `${String(point[0])} ${String(point[1])}`;
    const known = corners.get(name);
    if (known !== undefined) return known;
    corners.set(name, corners.size);
    return corners.size - 1;
  };
  const open = new Map<number, Side>();
  const lines = new Map<number, Position[][]>();
  ground.outlines.forEach((shape, atom) => {
    for (const ring of ringsOf(shape)) {
      for (let i = 1; i < ring.length; i += 1) {
        const [from, to] = [ring[i - 1] ?? [], ring[i] ?? []];
        const [one, other] = [numbered(from), numbered(to)];
        const key = Math.min(one, other) * 67_108_864 + Math.max(one, other);
        const met = open.get(key);
        if (met === undefined) {
          open.set(key, { from, to, atom });
          continue;
        }
        open.delete(key);
        const edge = edgeOf.get(paired(met.atom, atom, ground.atoms));
        if (edge !== undefined) joined(lines, edge, from, to);
      }
    }
  });
  const rim = new Map<number, Position[][]>();
  for (const side of open.values()) joined(rim, side.atom, side.from, side.to);
  const [inner, outer] = [collected(lines), collected(rim)];
  return { lines: inner, rim: outer, lineOf: byId(inner), rimOf: byId(outer) };
}

const byId = (lines: FeatureCollection<MultiLineString>): ReadonlyMap<number, Feature<MultiLineString>> => new Map(lines.features.map((one) => [Number(one.id), one]));

const paired = (one: number, other: number, atoms: number): number => Math.min(one, other) * atoms + Math.max(one, other);

/** A stretch goes on the end of the last line, where it begins there. */
function joined(lines: Map<number, Position[][]>, key: number, from: Position, to: Position): void {
  const held = lines.get(key);
  if (held === undefined) {
    lines.set(key, [[from, to]]);
    return;
  }
  const last = held.at(-1);
  const end = last?.at(-1);
  if (last !== undefined && end !== undefined && end[0] === from[0] && end[1] === from[1]) last.push(to);
  else held.push([from, to]);
}

function collected(lines: ReadonlyMap<number, Position[][]>): FeatureCollection<MultiLineString> {
  const features = [...lines].map(([id, coordinates]): Feature<MultiLineString> => ({ type: "Feature", id, properties: {}, geometry: { type: "MultiLineString", coordinates } }));
  return { type: "FeatureCollection", features };
}
