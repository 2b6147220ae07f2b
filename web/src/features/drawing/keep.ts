// Owns keeping what was drawn and not yet acknowledged in this browser: one line a deed, so that keeping costs what is new.
// A reload, a crash or a day offline lose nothing. Does not own sending (sync.ts).
import type { Entry } from "./replay";

/** What is needed of localStorage. */
export interface Store {
  readonly length: number;
  readonly key: (index: number) => string | null;
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, value: string) => void;
  readonly removeItem: (key: string) => void;
}

/** What the kept entries lie on, and what may have arrived without our knowing. */
export interface Base {
  readonly revision: number;
  /** Entries that were on their way. */
  readonly sent: readonly string[];
  /** Entries that arrived, and are perhaps still kept. */
  readonly arrived: readonly string[];
}

export class Keep {
  readonly #store: Store;
  readonly #prefix: string;
  /** The browser refused to keep something: it is full, or forbids it. */
  failed = false;

  constructor(store: Store, account: string, part: string) {
    this.#store = store;
    this.#prefix = `gridgov.drawing.${account}.${part}.`;
  }

  base(): Base | null {
    const text = this.#store.getItem(`${this.#prefix}base`);
    if (text === null) return null;
    try {
      const found: unknown = JSON.parse(text);
      return isBase(found) ? found : null;
    } catch {
      return null;
    }
  }

  putBase(base: Base): void {
    this.#write(`${this.#prefix}base`, JSON.stringify(base));
  }

  /** In the order in which they were drawn; what cannot be read is left out, and what arrived. */
  entries(): Entry[] {
    const arrived = this.base()?.arrived ?? [];
    const found: Entry[] = [];
    for (let index = 0; index < this.#store.length; index += 1) {
      const key = this.#store.key(index);
      if (key?.startsWith(`${this.#prefix}e.`) !== true) continue;
      try {
        const deed: unknown = JSON.parse(this.#store.getItem(key) ?? "");
        if (isDeed(deed)) found.push({ id: key.slice(this.#prefix.length + 2), deed });
      } catch {
        // Half a line, of a browser that was ended while it wrote.
      }
    }
    this.remove(arrived);
    return found.filter((entry) => !arrived.includes(entry.id)).sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  add(entry: Entry): void {
    this.#write(`${this.#prefix}e.${entry.id}`, JSON.stringify(entry.deed));
  }

  remove(ids: Iterable<string>): void {
    for (const id of ids) this.#store.removeItem(`${this.#prefix}e.${id}`);
  }

  #write(key: string, value: string): void {
    try {
      this.#store.setItem(key, value);
    } catch {
      this.failed = true;
    }
  }
}

/** Ids that sort in the order in which they were made, also across a reload. */
export function idAfter(last: string | undefined, nowMs: number): string {
  const [stamp = "", count = ""] = (last ?? "").split("-");
  const time = nowMs.toString().padStart(15, "0");
  return stamp >= time ? `${stamp}-${String(Number(count) + 1).padStart(6, "0")}` : `${time}-000000`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function isBase(value: unknown): value is Base {
  return isObject(value) && typeof value["revision"] === "number" && isIds(value["sent"]) && isIds(value["arrived"]);
}

const isIds = (value: unknown): boolean => Array.isArray(value) && value.every((id) => typeof id === "string");

const KINDS = new Set(["assign", "split", "merge", "slide", "move_corner", "move_edge", "lock", "rename", "kind", "target"]);

/** Only this page writes there; a line of another version of it is recognised by its kind. */
function isDeed(value: unknown): value is Entry["deed"] {
  if (!isObject(value) || typeof value["kind"] !== "string") return false;
  return value["kind"] === "undo" || value["kind"] === "redo" || (KINDS.has(value["kind"]) && isObject(value["payload"]));
}

/** Nothing is kept: for a browser without storage. */
export const NO_STORE: Store = { length: 0, key: () => null, getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
