// Owns getting what is drawn here to the server, in order and each once, and never over what another drew: a stroke is kept until it is
// acknowledged; what another drew meanwhile is shown first. Does not own the sheet (replay.ts), keeping (keep.ts), nor the page.
import { type Board as Fetched, type Finding } from "../../api/boards";
import { Problem, Unreachable } from "../../api/http";
import { type Changed, type Done, type Line, type Operation, type Step, stepsOf } from "../../api/operations";
import { type Base, idAfter, type Keep } from "./keep";
import { acknowledged, type Deed, type Entry, nextBatch, NO_PAST, replay, type Outcome, type Stand } from "./replay";
import { draftOf, type Sheet } from "./sheet";

/** The server, as far as drawing needs it. */
export interface Server {
  readonly read: () => Promise<Fetched>;
  readonly draw: (revision: number, operations: readonly Operation[]) => Promise<Done>;
  readonly undo: (revision: number) => Promise<Done>;
  readonly redo: (revision: number) => Promise<Done>;
  readonly linesAfter: (revision: number) => Promise<readonly Line[]>;
}

export type Phase = "settled" | "sending" | "offline" | "conflict" | "closed";

/** Somebody else drew since: what they did, what changed of the sheet, and what of ours waits for a word. */
export interface Conflict {
  readonly steps: readonly Step[];
  readonly atoms: readonly number[];
  readonly revision: number;
  readonly mine: readonly Entry[];
}

/** Something that was drawn here and may not be. */
export interface Refused {
  readonly entry: Entry;
  readonly problem: Problem;
}

export interface Told {
  /** What is to be seen has changed: the sheet, and how each entry went. */
  readonly onSheet: (sheet: Sheet) => void;
  /** Other atoms, or corners that were moved: all is to be made anew from what was read. */
  readonly onGround: (fetched: Fetched) => void;
  readonly onDone: (done: Done, changed: Changed | null) => void;
  readonly onRefused: (refused: Refused) => void;
  readonly onState: () => void;
}

export interface Depth {
  readonly done: number;
  readonly undone: number;
}

function deeper({ done, undone }: Depth, kind: Deed["kind"]): Depth {
  if (kind === "undo") return { done: done - 1, undone: undone + 1 };
  if (kind === "redo") return { done: done + 1, undone: undone - 1 };
  return { done: done + 1, undone: 0 };
}

/** From lines of the log, newest first; where these are not all, what came before stands. */
export function depthOf(lines: readonly Line[], revision: number): Depth {
  const before: Depth = { done: revision - lines.length, undone: 0 };
  return lines.toReversed().reduce((depth, line) => deeper(depth, line.undoes !== null ? "undo" : line.redoes !== null ? "redo" : "assign"), before);
}

export const MOST_OPERATIONS = 100;
const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

export class Sync {
  phase: Phase = "settled";
  conflict: Conflict | null = null;
  /** What went wrong here while something was sent, where it was neither the network nor a refusal. */
  fault: unknown = null;
  /** Why nothing more may be drawn; null: it may. */
  closed: Problem | null = null;
  findings: readonly Finding[] = [];
  outcomes: readonly Outcome[] = [];
  entries: readonly Entry[] = [];
  revision: number;
  /** How many steps there are back and forth in the log of the server, as far as it is known. */
  #depth: Depth;
  #confirmed: Stand;
  #doubt: readonly string[] = [];
  #inFlight = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #ended = false;
  readonly #account: string;
  readonly #server: Server;
  readonly #keep: Keep;
  readonly #told: Told;
  readonly #now: () => number;

  constructor(account: string, server: Server, keep: Keep, fetched: Fetched, told: Told, now: () => number = Date.now) {
    this.#account = account;
    this.#server = server;
    this.#keep = keep;
    this.#told = told;
    this.#now = now;
    this.revision = fetched.part.revision;
    this.#confirmed = standOf(fetched);
    this.#depth = { done: this.revision, undone: 0 };
  }

  /** Takes up what an earlier visit left behind, and sends it if nobody else has drawn since. */
  async begin(): Promise<void> {
    void this.#fathom();
    const kept = this.#keep.entries();
    const base = this.#keep.base();
    if (kept.length === 0 || base === null) {
      this.#keepBase([]);
      this.#show();
      return;
    }
    this.#doubt = base.sent;
    this.entries = kept;
    if (base.revision === this.revision) {
      this.#show();
      void this.#send();
      return;
    }
    await this.#settleDoubt(base.revision, []);
  }

  /** What is to be seen. */
  sheet(): Sheet {
    return replay(this.#confirmed, this.phase === "conflict" ? [] : this.entries).stand.sheet;
  }

  /** What the server has. */
  confirmed(): Sheet {
    return this.#confirmed.sheet;
  }

  /** Whether there is something to take back, and to do again; what is on its way counts. */
  get depth(): Depth {
    return this.entries.reduce((depth, { deed }) => deeper(depth, deed.kind), this.#depth);
  }

  add(deed: Deed): void {
    if (this.phase === "conflict" || this.closed !== null) return;
    if ((deed.kind === "undo" && this.depth.done <= 0) || (deed.kind === "redo" && this.depth.undone <= 0)) return;
    const entry: Entry = { id: idAfter(this.entries.at(-1)?.id, this.#now()), deed };
    if (this.entries.length === 0) this.#keepBase([]);
    this.#keep.add(entry);
    this.entries = [...this.entries, entry];
    this.#show();
    void this.#send();
  }

  /** The browser refused to keep something. */
  get unkept(): boolean {
    return this.#keep.failed;
  }

  /** Tries again at once: the network is back, or somebody asked. */
  again(): void {
    if (this.phase !== "offline") return;
    this.#failures = 0;
    void this.#send();
  }

  /** After a conflict: these of our own strokes are done again on what is drawn now, the others are dropped. */
  resolve(kept: ReadonlySet<string>): void {
    if (this.conflict === null) return;
    const mine = this.conflict.mine;
    this.revision = this.conflict.revision;
    this.conflict = null;
    void this.#fathom();
    this.phase = "settled";
    this.entries = mine.filter((entry) => kept.has(entry.id));
    this.#keepBase([]);
    this.#keep.remove(mine.filter((entry) => !kept.has(entry.id)).map((entry) => entry.id));
    this.#show();
    void this.#send();
  }

  /** Drops what could not be sent, after the plan was closed. */
  drop(): void {
    this.#keep.remove(this.entries.map((entry) => entry.id));
    this.entries = [];
    this.#show();
  }

  /** All is read anew, with what waits on top: after other ground came below. */
  async refresh(): Promise<void> {
    const fetched = await this.#server.read();
    if (fetched.part.revision !== this.revision && this.entries.length > 0) {
      this.#conflicted(await this.#server.linesAfter(this.revision), fetched);
      return;
    }
    this.#take(fetched);
    this.#told.onGround(fetched);
    this.#show();
  }

  /** It may have been ended before: a page that is shown again. */
  start(): void {
    this.#ended = false;
  }

  end(): void {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** How deep the log goes, asked anew whenever others may have written to it. */
  async #fathom(): Promise<void> {
    try {
      const lines = await this.#server.linesAfter(0);
      // Something was acknowledged while this was asked: its answer is the older one.
      if ((lines[0]?.no ?? 0) === this.revision) this.#depth = depthOf(lines, this.revision);
      this.#told.onState();
    } catch {
      // Not known: what was drawn here can be undone, and the server says how far that goes.
    }
  }

  /** Resolves when all is with the server, or that cannot be waited for. */
  async drained(mostMs: number): Promise<void> {
    const until = this.#now() + mostMs;
    while (this.entries.length > 0 && (this.phase === "sending" || this.phase === "settled") && this.#now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #take(fetched: Fetched): void {
    if (fetched.part.revision !== this.revision) void Promise.resolve().then(() => this.#fathom());
    this.revision = fetched.part.revision;
    this.#confirmed = standOf(fetched);
    this.#keepBase([]);
  }

  #keepBase(sent: readonly string[], arrived: readonly string[] = []): void {
    const base: Base = { revision: this.revision, sent, arrived };
    this.#keep.putBase(base);
  }

  #show(): void {
    const { stand, outcomes } = replay(this.#confirmed, this.entries);
    this.outcomes = outcomes;
    this.#told.onSheet(this.phase === "conflict" ? this.#confirmed.sheet : stand.sheet);
    this.#told.onState();
  }

  async #send(): Promise<void> {
    if (this.#inFlight || this.#ended || this.phase === "conflict" || this.closed !== null) return;
    const batch = nextBatch(this.entries, MOST_OPERATIONS);
    if (batch.length === 0) {
      this.#phase("settled");
      return;
    }
    this.#inFlight = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#keepBase(batch.map((entry) => entry.id));
    if (this.phase !== "offline") this.#phase("sending");
    try {
      const done = await this.#ask(batch);
      this.#failures = 0;
      await this.#acknowledge(batch, done);
    } catch (error) {
      await this.#failed(batch, error);
    } finally {
      this.#inFlight = false;
    }
    if (this.phase === "sending" || this.phase === "settled") void this.#send();
  }

  #ask(batch: readonly Entry[]): Promise<Done> {
    const [first] = batch;
    if (first?.deed.kind === "undo") return this.#server.undo(this.revision);
    if (first?.deed.kind === "redo") return this.#server.redo(this.revision);
    return this.#server.draw(this.revision, batch.flatMap(({ deed }) => (deed.kind === "undo" || deed.kind === "redo" ? [] : [deed])));
  }

  async #acknowledge(batch: readonly Entry[], done: Done): Promise<void> {
    const ids = new Set(batch.map((entry) => entry.id));
    this.#doubt = [];
    this.#depth = batch.reduce((depth, { deed }) => deeper(depth, deed.kind), this.#depth);
    this.revision = done.revision;
    this.entries = this.entries.filter((entry) => !ids.has(entry.id));
    // In one line: they arrived, and the rest lies on what is newer. Who is ended after it sends nothing twice.
    this.#keepBase([], [...ids]);
    this.#keep.remove(ids);
    this.findings = done.findings;
    if (done.changed === null) {
      const fetched = await this.#server.read();
      this.#take(fetched);
      this.#told.onGround(fetched);
    } else {
      this.#confirmed = acknowledged(this.#confirmed, batch, done.changed);
      this.#told.onDone(done, done.changed);
    }
    this.#phase("settled");
    this.#show();
  }

  async #failed(batch: readonly Entry[], error: unknown): Promise<void> {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429 || error.status === 401) {
      this.fault = error instanceof Problem || error instanceof Unreachable ? null : error;
      this.#doubt = batch.map((entry) => entry.id);
      this.#later(error instanceof Problem && error.retryS !== null ? error.retryS * 1000 : null);
      return;
    }
    if (error.code === "sheet-moved-on") {
      try {
        await this.#settleDoubt(this.revision, stepsOf(error));
      } catch {
        this.#later(null);
      }
      return;
    }
    const [first] = batch;
    if (error.code === "nothing-to-undo" || error.code === "nothing-to-redo") {
      this.#leaveOut(first, null);
      void this.#fathom();
      return;
    }
    const place = /^operations\.(\d+)/.exec(error.field ?? "")?.[1];
    const wrong = batch[place === undefined ? 0 : Number(place)] ?? first;
    if (error.status === 403 || error.code === "plan-closed" || error.code === "part-unknown" || wrong === undefined) {
      this.closed = error;
      this.#phase("closed");
      return;
    }
    this.#leaveOut(wrong, error);
  }

  /** What may not be does not hold up what comes after it. */
  #leaveOut(entry: Entry | undefined, problem: Problem | null): void {
    if (entry !== undefined) {
      this.#keep.remove([entry.id]);
      this.entries = this.entries.filter((one) => one.id !== entry.id);
      if (problem !== null) this.#told.onRefused({ entry, problem });
    }
    this.#phase("settled");
    this.#show();
  }

  #later(afterMs: number | null): void {
    const wait = afterMs ?? WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 1_000;
    this.#failures += 1;
    this.#phase("offline");
    if (this.#ended) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), wait);
  }

  /** The sheet has moved on. Was it our own strokes, whose answer was lost on the way? Then that is no conflict. */
  async #settleDoubt(since: number, steps: readonly Step[]): Promise<void> {
    const lines = (await this.#server.linesAfter(since)).toSorted((one, other) => one.no - other.no);
    const fetched = await this.#server.read();
    const doubtful = this.entries.filter((entry) => this.#doubt.includes(entry.id));
    const wrong = doubtful.findIndex((entry, place) => !isOurs(entry, lines[place], this.#account));
    const ours = doubtful.slice(0, wrong === -1 ? doubtful.length : wrong);
    this.#keep.remove(ours.map((entry) => entry.id));
    this.entries = this.entries.filter((entry) => !ours.includes(entry));
    this.#doubt = [];
    const others = lines.slice(ours.length);
    if (this.entries.length > 0 && others.length > 0) {
      this.#conflicted(ours.length > 0 || steps.length === 0 ? others : steps, fetched);
      return;
    }
    this.#take(fetched);
    this.#told.onGround(fetched);
    this.#phase("settled");
    this.#show();
    void this.#send();
  }

  #conflicted(steps: readonly Step[], fetched: Fetched): void {
    const atoms = fetched.assignment.flatMap((grid, atom) => (this.#confirmed.sheet.assignment[atom] === grid ? [] : [atom]));
    this.conflict = { steps, atoms, revision: fetched.part.revision, mine: this.entries };
    this.#confirmed = standOf(fetched);
    this.#phase("conflict");
    this.#told.onGround(fetched);
    this.#show();
  }

  #phase(phase: Phase): void {
    this.phase = phase;
    this.#told.onState();
  }
}

function standOf(fetched: Fetched): Stand {
  return { sheet: { assignment: Int32Array.from(fetched.assignment), drafts: new Map(fetched.grids.map((one) => [one.number, draftOf(one)])) }, past: NO_PAST };
}

/** Whether a line of the log is this entry: the account, the kind, and for what is named by numbers the very numbers. */
function isOurs(entry: Entry, line: Line | undefined, account: string): boolean {
  if (line?.account !== account) return false;
  const { deed } = entry;
  if (deed.kind === "undo") return line.undoes !== null;
  if (deed.kind === "redo") return line.redoes !== null;
  if (line.kind !== deed.kind) return false;
  if (deed.kind !== "assign") return true;
  return line.payload["grid"] === deed.payload.grid && JSON.stringify(line.payload["atoms"]) === JSON.stringify(deed.payload.atoms);
}
