// Owns one community being drawn: brings ground, board, colours, findings and sync together, and tells what is to be painted.
// Does not own how it is painted (painter.ts) nor what a pointer does (tools.ts).
import type { Board as Fetched, Target } from "../../api/boards";
import type { Atom, Edges, Outline } from "../../api/grounds";
import type { Changed, Done, Operation } from "../../api/operations";
import { type Applied, Board } from "./board";
import { type Borders, bordersOf } from "./borders";
import { Colours } from "./colours";
import { effectOf, isRefusal } from "./effects";
import { dividedOf, type Finding, findingsOf, groupsOf, sorted, toldOf, unassignedOf } from "./findings";
import { type Ground, groundOf, NOBODY, redrawn } from "./ground";
import type { Keep } from "./keep";
import { type Place, Places } from "./places";
import { copyOf, difference, nextNumber, NO_CHANGE, put, type Sheet } from "./sheet";
import { type Refused, type Server, Sync } from "./sync";

export interface Listener {
  /** These atoms, edges and grids are to be painted anew. */
  readonly onDrawn: (applied: Applied, recoloured: readonly number[]) => void;
  /** All is to be painted anew. */
  readonly onGround: () => void;
  /** Something that is not painted has changed: figures, findings, how sending goes. */
  readonly onState: () => void;
}

/** A stroke under way: atoms that have gone to a grid and are not yet one operation. */
interface Stroke {
  readonly grid: number;
  readonly atoms: Set<number>;
}

export class Drawing {
  readonly atoms: readonly Atom[];
  readonly sync: Sync;
  ground: Ground;
  places: Places;
  borders: Borders;
  board: Board;
  colours: Colours;
  /** Counts every change, for whoever remembers what followed from it. */
  version = 0;
  refused: readonly Refused[] = [];
  readonly community: string;
  /** There is newer ground, or a newer count. */
  readonly outdated: boolean;
  /** Other ground lies below: all is to be read anew. */
  elsewhere = false;
  readonly #ground: string;
  readonly #basis: Ground;
  #shapes: ReadonlyMap<number, Outline>;
  #groups: ReadonlyMap<string, readonly number[]>;
  #found = new Map<number, readonly Finding[]>();
  #told: readonly Finding[] = [];
  #nobody: readonly Finding[] | null = null;
  #divided: readonly Finding[] | null = null;
  #all: readonly Finding[] | null = null;
  #stroke: Stroke | null = null;
  #listener: Listener | null = null;

  constructor(given: { readonly atoms: readonly Atom[]; readonly edges: Edges; readonly fetched: Fetched; readonly account: string; readonly server: Server; readonly keep: Keep; readonly now?: () => number }) {
    const { fetched } = given;
    this.atoms = given.atoms;
    this.#ground = groundId(fetched);
    this.community = fetched.part.community_id;
    this.outdated = fetched.part.outdated;
    this.#basis = groundOf(given.atoms, given.edges, fetched);
    this.#shapes = shapesOf(fetched.redrawn);
    this.ground = redrawn(this.#basis, this.#shapes);
    this.places = new Places(this.ground);
    this.borders = bordersOf(this.ground);
    this.#groups = groupsOf(this.ground.groups);
    this.sync = new Sync(given.account, given.server, given.keep, fetched, {
      onSheet: (sheet) => this.#follow(sheet),
      onGround: (anew) => this.#anew(anew),
      onDone: (done, changed) => this.#done(done, changed),
      onRefused: (refused) => {
        this.refused = [...this.refused, refused];
      },
      onState: () => this.#state(),
    }, given.now);
    this.board = new Board(this.ground, this.sync.sheet(), fetched.target);
    this.colours = new Colours(this.board);
  }

  listen(listener: Listener): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }

  get target(): Target {
    return this.board.target;
  }

  get mayDraw(): boolean {
    return this.sync.phase !== "conflict" && this.sync.closed === null;
  }

  /** What the server alone could tell, when the sheet was read. */
  tell(findings: Parameters<typeof toldOf>[0]): void {
    this.#told = toldOf(findings);
    this.#state();
  }

  /** The number that a new grid gets, also while the server is still dividing others. */
  nextNumber(): number {
    let most = nextNumber(this.board.sheet);
    for (const { deed } of this.sync.entries) if (deed.kind === "split") most = Math.max(most, deed.payload.new + 1);
    return most;
  }

  do(operation: Operation): void {
    if (this.mayDraw) this.sync.add(operation);
  }

  undo(): void {
    if (this.mayDraw) this.sync.add({ kind: "undo" });
  }

  redo(): void {
    if (this.mayDraw) this.sync.add({ kind: "redo" });
  }

  // ------------------------------------------------------------------------------------------------------------ strokes

  begin(grid: number): void {
    this.#stroke = { grid, atoms: new Set() };
  }

  /** Atoms go to the grid of the stroke; those of locked grids stay. Returns how many went. */
  stroke(atoms: readonly number[]): number {
    const stroke = this.#stroke;
    if (stroke === null || !this.mayDraw) return 0;
    const moving = this.free(atoms, stroke.grid);
    if (moving.length === 0) return 0;
    const effect = effectOf(this.board.sheet, { kind: "assign", payload: { atoms: moving, grid: stroke.grid } });
    if (effect === null || isRefusal(effect)) return 0;
    for (const atom of moving) stroke.atoms.add(atom);
    this.#applied(this.board.apply(effect));
    return moving.length;
  }

  /** The stroke becomes one operation; or nothing of it stays. */
  finish(kept: boolean): void {
    const stroke = this.#stroke;
    this.#stroke = null;
    if (stroke === null || stroke.atoms.size === 0) return;
    if (kept) this.do({ kind: "assign", payload: { atoms: [...stroke.atoms].sort((one, other) => one - other), grid: stroke.grid } });
    else this.#follow(this.sync.sheet());
  }

  /** All at once: a lasso, Enter at the crosshair. */
  assign(atoms: readonly number[], grid: number): number {
    const moving = this.free(atoms, grid);
    if (moving.length > 0) this.do({ kind: "assign", payload: { atoms: moving.toSorted((one, other) => one - other), grid } });
    return moving.length;
  }

  /** Those of some atoms that can go to a grid: not there already, and nothing locked gives or takes. */
  free(atoms: readonly number[], grid: number): number[] {
    const { assignment, drafts } = this.board.sheet;
    if (drafts.get(grid)?.locked === true) return [];
    return atoms.filter((atom) => assignment[atom] !== grid && drafts.get(assignment[atom] ?? NOBODY)?.locked !== true);
  }

  /** null: outside the community. */
  gridAt(place: Place): number | null {
    const atom = this.places.atomAt(place);
    return atom === null ? null : (this.board.sheet.assignment[atom] ?? NOBODY);
  }

  /** Where a grid lies; null: it has no ground. */
  middle(number: number): Place | null {
    const [first] = this.board.members(number);
    return first === undefined ? null : this.places.centre(first);
  }

  // ------------------------------------------------------------------------------------------------------------ findings

  /** The same list as long as nothing was drawn. */
  findings(): readonly Finding[] {
    this.#all ??= this.#find();
    return this.#all;
  }

  #find(): readonly Finding[] {
    this.#nobody ??= unassignedOf(this.board, this.places);
    this.#divided ??= dividedOf(this.board, this.places, this.#groups);
    const found: Finding[] = [...this.#nobody, ...this.#divided, ...this.#told];
    for (const number of this.board.sheet.drafts.keys()) {
      let own = this.#found.get(number);
      if (own === undefined) this.#found.set(number, (own = findingsOf(this.board, this.places, number)));
      found.push(...own);
    }
    return sorted(found);
  }

  forgive(refused: Refused): void {
    this.refused = this.refused.filter((one) => one !== refused);
    this.#state();
  }

  /** A sheet to be seen in place of what is drawn: what differs is carried over. */
  #follow(sheet: Sheet): void {
    const wanted = this.#stroke === null ? sheet : withStroke(sheet, this.#stroke);
    const change = difference(this.board.sheet, wanted);
    if (change.atoms.length === 0 && change.drafts.size === 0) return;
    this.#applied(this.board.apply(change));
  }

  #applied(applied: Applied): void {
    this.version += 1;
    for (const number of applied.touched) this.#found.delete(number);
    if (applied.touched.has(NOBODY)) this.#nobody = null;
    if (this.#groups.size > 0) this.#divided = null;
    if (applied.atoms.length > 0 && this.#told.length > 0) this.#told = this.#told.filter((one) => !one.grids.some((number) => applied.touched.has(number)));
    this.#all = null;
    const recoloured = this.colours.follow(applied.touched);
    this.#listener?.onDrawn(applied, recoloured);
    this.#state();
  }

  #done(done: Done, changed: Changed | null): void {
    const touched = new Set([...(changed?.grids.map((one) => one.number) ?? []), ...(changed?.gone ?? [])]);
    this.#told = [...this.#told.filter((one) => !one.grids.some((number) => touched.has(number))), ...toldOf(done.findings)];
    if (changed === null) return;
    const shapes = shapesOf(changed.redrawn);
    if (shapes.size > 0 || this.#shapes.size > 0) this.#bend(shapes);
  }

  /** Corners were moved: areas, borders and the map follow. */
  #bend(shapes: ReadonlyMap<number, Outline>): void {
    if (shapes.size === this.#shapes.size && [...shapes].every(([atom, shape]) => JSON.stringify(this.#shapes.get(atom)) === JSON.stringify(shape))) return;
    this.#shapes = shapes;
    this.#lay(redrawn(this.#basis, shapes), copyOf(this.board.sheet), this.board.target);
  }

  #anew(fetched: Fetched): void {
    if (groundId(fetched) !== this.#ground) {
      this.elsewhere = true;
      this.#state();
      return;
    }
    this.#shapes = shapesOf(fetched.redrawn);
    this.#lay(redrawn(this.#basis, this.#shapes), copyOf(this.sync.sheet()), fetched.target);
  }

  #lay(ground: Ground, sheet: Sheet, target: Target): void {
    this.ground = ground;
    this.places = new Places(ground);
    this.borders = bordersOf(ground);
    this.board = new Board(ground, sheet, target);
    this.colours = new Colours(this.board);
    this.#found = new Map();
    this.#nobody = null;
    this.#divided = null;
    this.version += 1;
    this.#listener?.onGround();
    this.#state();
  }

  #state(): void {
    this.#all = null;
    this.#listener?.onState();
  }
}

const groundId = ({ part }: Fetched): string => `${part.basis_id} ${part.count_id}`;

const shapesOf = (shapes: Readonly<Record<string, Outline>>): ReadonlyMap<number, Outline> => new Map(Object.entries(shapes).map(([atom, shape]) => [Number(atom), shape]));

function withStroke(sheet: Sheet, stroke: Stroke): Sheet {
  const over = copyOf(sheet);
  const effect = stroke.atoms.size === 0 ? NO_CHANGE : effectOf(over, { kind: "assign", payload: { atoms: [...stroke.atoms], grid: stroke.grid } });
  if (effect === null || isRefusal(effect)) return over;
  put(over, effect);
  return over;
}
