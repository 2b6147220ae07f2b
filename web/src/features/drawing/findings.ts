// Owns what is found while somebody draws, at once and without the server; the same kinds as gridgov/planning/findings.py.
// What follows from shapes (holes) and from one operation alone (a special grid was touched) the server says. Pure.
import type { Finding as Told } from "../../api/boards";
import type { Key } from "../../i18n/zh";
import type { Vars } from "../../i18n/text";
import type { Board } from "./board";
import { at, NOBODY } from "./ground";
import { piecesOf } from "./pieces";
import type { Place, Places } from "./places";
import { leastOf, mostOf } from "./sheet";

export type Severity = "note" | "warning" | "blocks";

export interface Finding {
  /** The same finding has the same one. */
  readonly id: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly grids: readonly number[];
  readonly atoms: readonly number[];
  readonly at: Place | null;
  readonly says: { readonly key: Key; readonly vars: Vars } | { readonly zh: string; readonly en: string };
}

const RANK: Readonly<Record<Severity, number>> = { blocks: 0, warning: 1, note: 2 };
/** The server alone finds these. */
const FROM_SERVER = new Set(["hole", "special-touched"]);

/** Of one grid as it stands. */
export function findingsOf(board: Board, places: Places, number: number): Finding[] {
  const grids = [number];
  if (board.size(number) === 0) {
    return [{ id: `empty ${String(number)}`, kind: "empty", severity: "blocks", grids, atoms: [], at: null, says: { key: "drawing.finding.empty", vars: { grid: String(number) } } }];
  }
  const found: Finding[] = [];
  const { ground } = board;
  const target = board.targetOf(number);
  const [least, most] = [leastOf(target), mostOf(target)];
  const { households } = board.tally(number);
  if (board.pieces(number) > 1) {
    const apart = piecesOf(ground, board.sheet.assignment, board.members(number)).slice(1);
    const atoms = apart.flat().sort((one, other) => one - other);
    const living = atoms.reduce((sum, atom) => sum + at(ground.households, atom), 0);
    const vars = { grid: String(number), pieces: apart.length, atoms: atoms.length, households: living };
    found.push({ id: `apart ${String(number)}`, kind: "not-contiguous", severity: "blocks", grids, atoms, at: placeOf(board, places, apart[0] ?? atoms), says: { key: "drawing.finding.apart", vars } });
  }
  if (households < least || households > most) {
    const off = Math.abs(households > most ? households - most : households - least);
    const vars = { grid: String(number), households, least, most, off };
    const key = households > most ? "drawing.finding.above" : "drawing.finding.below";
    found.push({ id: `target ${String(number)}`, kind: "off-target", severity: "warning", grids, atoms: [], at: placeOf(board, places, board.members(number)), says: { key, vars } });
  }
  for (const atom of board.members(number)) {
    const living = at(ground.households, atom);
    if (living <= most) continue;
    const vars = { atom: String(atom), households: living, most };
    found.push({ id: `large ${String(atom)}`, kind: "large-atom", severity: "note", grids, atoms: [atom], at: places.centre(atom), says: { key: "drawing.finding.large", vars } });
  }
  return found;
}

/** Ground that belongs to no grid, piece by piece. */
export function unassignedOf(board: Board, places: Places): Finding[] {
  return piecesOf(board.ground, board.sheet.assignment, board.members(NOBODY)).map((atoms) => {
    const households = atoms.reduce((sum, atom) => sum + at(board.ground.households, atom), 0);
    return {
      id: `unassigned ${String(atoms[0])}`, kind: "unassigned", severity: "blocks", grids: [], atoms, at: placeOf(board, places, atoms),
      says: { key: "drawing.finding.unassigned", vars: { atoms: atoms.length, households } },
    };
  });
}

/** What is to stay together and lies in several grids. */
export function dividedOf(board: Board, places: Places, groups: ReadonlyMap<string, readonly number[]>): Finding[] {
  const found: Finding[] = [];
  for (const [group, atoms] of groups) {
    const counted = new Map<number, number>();
    for (const atom of atoms) counted.set(at(board.sheet.assignment, atom), (counted.get(at(board.sheet.assignment, atom)) ?? 0) + 1);
    if (counted.size < 2) continue;
    const [most] = [...counted].sort((one, other) => other[1] - one[1] || one[0] - other[0])[0] ?? [NOBODY];
    const apart = atoms.filter((atom) => board.sheet.assignment[atom] !== most);
    const grids = [...counted.keys()].filter((number) => number !== NOBODY).sort((one, other) => one - other);
    found.push({
      id: `group ${group}`, kind: "group-divided", severity: "blocks", grids, atoms: apart, at: placeOf(board, places, apart),
      says: { key: "drawing.finding.group", vars: { group, grids: grids.join(", ") } },
    });
  }
  return found;
}

export function groupsOf(groups: readonly (string | null)[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  groups.forEach((group, atom) => {
    if (group === null) return;
    const there = found.get(group);
    if (there === undefined) found.set(group, [atom]);
    else there.push(atom);
  });
  return found;
}

/** What only the server can tell, of what it told. */
export const toldOf = (told: readonly Told[]): Finding[] =>
  told.filter((one) => FROM_SERVER.has(one.kind)).map((one) => ({
    id: `${one.kind} ${one.grids.join(" ")} ${(one.at ?? []).join(" ")}`, kind: one.kind, severity: one.severity, grids: one.grids, atoms: one.atoms,
    at: one.at === null ? null : [at(one.at, 0), at(one.at, 1)], says: one.text,
  }));

/** What blocks first, then by grid. */
export const sorted = (found: readonly Finding[]): Finding[] =>
  found.toSorted((one, other) => RANK[one.severity] - RANK[other.severity] || (one.grids[0] ?? -1) - (other.grids[0] ?? -1) || (one.id < other.id ? -1 : 1));

/** Where to click for several atoms: the one with most households, of equals the first. */
function placeOf(board: Board, places: Places, atoms: readonly number[]): Place | null {
  let best: number | null = null;
  for (const atom of atoms) {
    const [here, there] = [at(board.ground.households, atom), best === null ? -1 : at(board.ground.households, best)];
    if (here > there || (here === there && best !== null && atom < best)) best = atom;
  }
  return best === null ? null : places.centre(best);
}
