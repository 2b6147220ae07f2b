// Owns what the pages know of who is signed in, and how that changes: a value and its steps. Pure.
import type { Session } from "../api/session";

/** Why nobody is signed in who was before: the session ran out, or somebody signed out, here or in another tab. */
export type Left = "ended" | "out" | null;

export interface Standing {
  /** null = not known yet. */
  readonly session: Session | null;
  /** Why it is not known; null once it was, for then the last answer stands. */
  readonly error: Error | null;
  readonly left: Left;
  /** The account whose session ran out, so that its name need not be typed again. */
  readonly before: string | null;
}

export type Step =
  | { readonly kind: "known"; readonly session: Session }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "out" };

export const UNKNOWN: Standing = { session: null, error: null, left: null, before: null };

export function step(from: Standing, by: Step): Standing {
  switch (by.kind) {
    case "out":
      return { ...from, left: "out", before: null };
    case "failed":
      return from.session === null ? { ...from, error: by.error } : from;
    case "known": {
      const { session } = by;
      if (session.account !== null) return { session, error: null, left: null, before: null };
      const was = from.session?.account ?? null;
      const over = was !== null || session.notices.some((notice) => notice.code === "session-ended");
      const left = from.left ?? (over ? "ended" : null);
      return { session, error: null, left, before: left === "ended" ? (was ?? from.before) : null };
    }
  }
}

/** As whom, and in which post: what was fetched or written belongs to this and to nobody else. */
export const identityOf = ({ account, post }: Session): string => `${account ?? ""}/${post?.id ?? ""}`;

export const SIGN_IN = "/sign-in";

/** Where to go after signing in: a place of our own, whatever the address says. */
export function backTo(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get("to") ?? "/";
  try {
    const url = new URL(wanted, origin);
    if (url.origin !== origin || url.pathname === SIGN_IN || url.pathname.startsWith("/api/")) return "/";
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
