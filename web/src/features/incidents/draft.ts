// Owns the report being written: what is checked before it is sent, what is kept on this device, and the id that makes a repeat harmless.
// The id is kept too: when an answer got lost, sending again after a reload must not record twice. What one account wrote is
// shown to no other. A contact is personal: it lives in the memory of the open page alone, so that a session that runs out
// while somebody writes costs them nothing, and a reload or signing out leaves nothing behind.
import type { Point } from "../../api/areas";
import type { Report } from "../../api/incidents";
import { remember, remembered } from "../../state/memory";
import { instantOf } from "../../time/days";

export interface Draft {
  readonly id: string;
  readonly category: string | null;
  /** null = the usual one of the role. */
  readonly channel: string | null;
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

export type DraftField = "category" | "text" | "accuracy_m" | "happened_at" | "channel";
export type Fault = "missing" | "accuracy" | "future";

export function newDraft(id: string, category: string | null): Draft {
  return { id, category, channel: null, text: "", accuracy: "", when: "", attempted: null, name: "", phone: "" };
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

/** By which channel the report comes: the one chosen if it is among those of the role, else the role's usual one. */
export const channelOf = (draft: Draft, channels: readonly string[]): string =>
  channels.find((channel) => channel === draft.channel) ?? channels[0] ?? "";

/** Where and as whom a report is written: the city's zone, the channels of the role, the notice that was shown. */
export interface Setting {
  readonly timeZone: string;
  readonly channels: readonly string[];
  readonly notice: number | null;
}

/** The body to send: a pure function of the draft, the point and the setting, so that a retry is byte for byte the same. */
export function reportOf(draft: Draft & { readonly attempted: string }, point: Point, { timeZone, channels, notice }: Setting): Report {
  const name = draft.name.trim();
  const phone = draft.phone.trim();
  return {
    id: draft.id,
    category: draft.category ?? "",
    point,
    datum: "wgs84",
    ...(draft.accuracy.trim() === "" ? {} : { accuracy_m: Number(draft.accuracy) }),
    happened_at: draft.when === "" ? draft.attempted : instantOf(draft.when, timeZone),
    channel: channelOf(draft, channels),
    text: draft.text.trim(),
    ...(name === "" && phone === ""
      ? {}
      : { reporter: { ...(name === "" ? {} : { name }), ...(phone === "" ? {} : { phone }), ...(notice === null ? {} : { notice }) } }),
  };
}

/** What is being written in this page, and where. */
interface Writing {
  readonly account: string;
  readonly at: string;
  readonly draft: Draft;
}

let writing: Writing | null = null;

const spot = (at: Point): string => `${at.lon},${at.lat}`;
const key = (account: string): string => `draft.${account}`;
const isEmpty = ({ text, name, phone }: Draft): boolean => [text, name, phone].every((typed) => typed.trim() === "");

export function keepDraft(account: string, at: Point, draft: Draft): void {
  writing = { account, at: spot(at), draft };
  const { id, category, channel, text, accuracy, when, attempted } = draft;
  remember(key(account), text.trim() === "" ? null : JSON.stringify({ id, category, channel, text, accuracy, when, attempted }));
}

/** After it was sent, or thrown away. */
export function dropDraft(account: string): void {
  writing = null;
  remember(key(account), null);
}

/** The form was put away, or somebody signed out: what is personal leaves the memory. */
export function forgetWriting(): void {
  writing = null;
}

/** Whether this account was writing about this very place when the page was taken away. */
export const wasWriting = (account: string, at: Point): boolean => writing?.account === account && writing.at === spot(at);

export function keptDraft(account: string): Draft | null {
  if (writing?.account === account && !isEmpty(writing.draft)) return writing.draft;
  const stored = remembered(key(account));
  if (stored === null) return null;
  try {
    const kept = JSON.parse(stored) as Record<string, unknown>;
    const field = (name: string): string => (typeof kept[name] === "string" ? kept[name] : "");
    const or = (name: string): string | null => (field(name) === "" ? null : field(name));
    if (field("id") === "" || field("text") === "") return null;
    return {
      ...newDraft(field("id"), or("category")),
      channel: or("channel"),
      text: field("text"),
      accuracy: field("accuracy"),
      when: field("when"),
      attempted: or("attempted"),
    };
  } catch {
    return null;
  }
}
