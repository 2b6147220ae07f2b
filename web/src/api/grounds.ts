// Owns the shapes of a community's ground as it is drawn on: atoms with their outlines, and who touches whom.
import type { MultiPolygon, Polygon, Position } from "geojson";
import { bool, type Decoded, type Decoder, id, list, Malformed, nullable, num, object, oneOf, str } from "./check";
import { getJson } from "./http";

export type Outline = Polygon | MultiPolygon;

function isPosition(value: unknown): value is Position {
  return Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

const isRing = (value: unknown): value is Position[] => Array.isArray(value) && value.length >= 4 && value.every(isPosition);
const isRings = (value: unknown): value is Position[][] => Array.isArray(value) && value.length > 0 && value.every(isRing);

/** A polygon or several; checked without naming each coordinate, for there are many. */
export const outline: Decoder<Outline> = (value, path) => {
  const { type, coordinates } = object({ type: oneOf("Polygon", "MultiPolygon"), coordinates: (inner: unknown) => inner })(value, path);
  if (type === "Polygon" && isRings(coordinates)) return { type, coordinates };
  if (type === "MultiPolygon" && Array.isArray(coordinates) && coordinates.every(isRings)) return { type, coordinates };
  throw new Malformed(`${path}.coordinates`, `rings of a ${type}`, coordinates);
};

const atom = object({
  id: num,
  properties: object({
    key: str,
    kind: str,
    block: num,
    /** What it must stay together with. */
    group: nullable(str),
    building_id: nullable(id),
    area_m2: num,
    perimeter_m: num,
  }),
  geometry: outline,
});
export type Atom = Decoded<typeof atom>;

export const atoms = object({ features: list(atom) });

/** Atoms of a basis in the order of their numbers; they never change. */
export const fetchAtoms = async (basisId: string, signal?: AbortSignal): Promise<Atom[]> =>
  (await getJson(`/plans/bases/${encodeURIComponent(basisId)}/atoms`, {}, atoms, signal)).features;

export const edges = object({
  a: list(num),
  b: list(num),
  /** 0 where a bridge or an underpass alone joins them. */
  shared_m: list(num),
  on_street: list(bool),
  bridge: list(bool),
});
/** Who touches whom, column by column; each pair once. */
export type Edges = Decoded<typeof edges>;

export const fetchEdges = (basisId: string, signal?: AbortSignal): Promise<Edges> =>
  getJson(`/plans/bases/${encodeURIComponent(basisId)}/edges`, {}, edges, signal);
