// Owns one drawing for as long as the page shows it: begun with what an earlier visit left, tried again when the network is back,
// in one tab of this browser at a time.
import { useEffect, useState, useSyncExternalStore } from "react";
import { fetchSheet } from "../../../api/boards";
import { draw, fetchLines, redo, undo } from "../../../api/operations";
import { Drawing } from "../../../features/drawing/drawing";
import { Keep, NO_STORE, type Store } from "../../../features/drawing/keep";
import type { Server } from "../../../features/drawing/sync";
import { useSession } from "../../../state/session";
import type { Given } from "./queries";

const MOST_LINES = 500;

function serverOf(plan: string, part: string): Server {
  return {
    read: () => fetchSheet(plan, part),
    draw: (revision, operations) => draw(plan, part, revision, operations),
    undo: (revision) => undo(plan, part, revision),
    redo: (revision) => redo(plan, part, revision),
    linesAfter: (revision) => fetchLines(plan, part, revision, MOST_LINES),
  };
}

function store(): Store {
  try {
    return localStorage;
  } catch {
    return NO_STORE;
  }
}

/** So long at most figures wait for a frame: where the map is drawn slowly, frames are rare. */
const FRAME_MS = 20;

/** What a drawing tells, once a frame at most. */
class Watched {
  version = 0;
  readonly #listeners = new Set<() => void>();
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly now = (): number => this.version;

  readonly changed = (): void => {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(this.#tell);
    this.#timer = setTimeout(this.#tell, FRAME_MS);
  };

  readonly #tell = (): void => {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.version += 1;
    for (const listener of this.#listeners) listener();
  };
}

export interface Shown {
  readonly drawing: Drawing;
  readonly watched: Watched;
}

/** The drawing, and a number that changes with everything that it tells. `may`: whether it may be drawn in here. */
export function useDrawing(plan: string, part: string, given: Given, may: boolean): { readonly drawing: Drawing; readonly version: number; readonly watched: Watched } {
  const account = useSession().account ?? "";
  const [{ drawing, watched }] = useState<Shown>(() => {
    const made = new Drawing({ ...given, account, server: serverOf(plan, part), keep: new Keep(store(), account, part) });
    made.tell(given.findings);
    return { drawing: made, watched: new Watched() };
  });
  const version = useSyncExternalStore(watched.subscribe, watched.now);
  useEffect(() => {
    if (!may) return undefined;
    drawing.sync.start();
    void drawing.sync.begin();
    const again = (): void => drawing.sync.again();
    addEventListener("online", again);
    return () => {
      removeEventListener("online", again);
      drawing.sync.end();
    };
  }, [drawing, may]);
  return { drawing, version, watched };
}

/** Only where the page came by https, or from this very machine. */
const locksOf = (): LockManager | undefined => (navigator as { readonly locks?: LockManager }).locks;

export type Turn = "asking" | "here" | "elsewhere";

const AT_ONCE_MS = 400;

/** Whether this tab is the one in which the part is drawn. Where a browser has no locks, it always is. */
export function useTurn(part: string): readonly [Turn, take: () => void] {
  const account = useSession().account ?? "";
  const [turn, setTurn] = useState<Turn>(() => (locksOf() === undefined ? "here" : "asking"));
  const [taking, setTaking] = useState(false);
  useEffect(() => {
    const locks = locksOf();
    if (locks === undefined) return undefined;
    let leave: () => void = () => undefined;
    const waiting = new AbortController();
    // Another tab has it, if it does not come at once; should that one be closed, it comes later.
    const timer = setTimeout(() => setTurn("elsewhere"), AT_ONCE_MS);
    const held = (): Promise<void> | undefined => {
      clearTimeout(timer);
      if (waiting.signal.aborted) return undefined;
      setTurn("here");
      return new Promise<void>((resolve) => {
        leave = resolve;
      });
    };
    locks.request(`gridgov.drawing.${account}.${part}`, taking ? { steal: true } : { signal: waiting.signal }, held).catch(() => {
      clearTimeout(timer);
      if (!waiting.signal.aborted) setTurn("elsewhere");
    });
    return () => {
      clearTimeout(timer);
      waiting.abort();
      leave();
    };
  }, [account, part, taking]);
  return [turn, () => setTaking(true)];
}
