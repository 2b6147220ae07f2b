// Owns the report being written: what is checked before it is sent, what is kept on this device, and the id that makes a repeat harmless.
// The id is kept too: when an answer got lost, sending again after a reload must not record twice. A contact is personal and never kept.
import type { Point } from "../../api/areas";
import type { Report } from "../../api/incidents";
import { remember, remembered } from "../../state/memory";
import { instantOf } from "../../time/days";

export interface Draft {
  readonly id: string;
  readonly category: string | null;
  readonly text: string;
  /** As typed. */
  readonly accuracy: string;
  /** City wall time, YYYY-MM-DDTHH:MM; empty = when it is first sent. */
  readonly when: string;
  /** The instant of the first attempt to send; a retry repeats it, so that the same id carries the same body. */
  readonly attempted: string | null;
  readonly name: string;
  readonly phone: string;
}

export type DraftField = "category" | "text" | "accuracy_m" | "happened_at";
export type Fault = "missing" | "accuracy" | "future";

export function newDraft(id: string, category: string | null): Draft {
  return { id, category, text: "", accuracy: "", when: "", attempted: null, name: "", phone: "" };
}

export function faultsOf(draft: Draft, now: Date, timeZone: string): ReadonlyMap<DraftField, Fault> {
  const faults = new Map<DraftField, Fault>();
  if (draft.category === null) faults.set("category", "missing");
  if (draft.text.trim() === "") faults.set("text", "missing");
  const accuracy = Number(draft.accuracy);
  if (draft.accuracy.trim() !== "" && !(accuracy >= 0 && accuracy <= 10_000)) faults.set("accuracy_m", "accuracy");
  if (draft.when !== "" && Date.parse(instantOf(draft.when, timeZone)) > now.getTime() + 60_000) faults.set("happened_at", "future");
  return faults;
}

/** The body to send: a pure function of the draft, the point and the zone, so that a retry is byte for byte the same. */
export function reportOf(draft: Draft & { readonly attempted: string }, point: Point, timeZone: string): Report {
  const name = draft.name.trim();
  const phone = draft.phone.trim();
  return {
    id: draft.id,
    category: draft.category ?? "",
    point,
    datum: "wgs84",
    ...(draft.accuracy.trim() === "" ? {} : { accuracy_m: Number(draft.accuracy) }),
    happened_at: draft.when === "" ? draft.attempted : instantOf(draft.when, timeZone),
    channel: "window",
    text: draft.text.trim(),
    ...(name === "" && phone === "" ? {} : { reporter: { ...(name === "" ? {} : { name }), ...(phone === "" ? {} : { phone }) } }),
  };
}

const KEY = "draft";

export function keepDraft(draft: Draft): void {
  const { id, category, text, accuracy, when, attempted } = draft;
  remember(KEY, text.trim() === "" ? null : JSON.stringify({ id, category, text, accuracy, when, attempted }));
}

export const dropDraft = (): void => remember(KEY, null);

export function keptDraft(): Draft | null {
  const stored = remembered(KEY);
  if (stored === null) return null;
  try {
    const kept = JSON.parse(stored) as Record<string, unknown>;
    const field = (key: string): string => (typeof kept[key] === "string" ? kept[key] : "");
    const or = (key: string): string | null => (field(key) === "" ? null : field(key));
    if (field("id") === "" || field("text") === "") return null;
    return {
      ...newDraft(field("id"), or("category")),
      text: field("text"),
      accuracy: field("accuracy"),
      when: field("when"),
      attempted: or("attempted"),
    };
  } catch {
    return null;
  }
}
