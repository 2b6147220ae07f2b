// Owns binding the session to this browser: asked at the start and whenever there is a doubt, the same in every tab.
// Does not own what a role may do: the server says that, and refuses the rest.
import { useSyncExternalStore } from "react";
import { onStranger } from "../api/http";
import { fetchSession, type Session, signOut } from "../api/session";
import { SIGN_IN, type Standing, step, type Step, UNKNOWN } from "./standing";

let standing: Standing = UNKNOWN;
let turn = 0;
let asking: Promise<void> | null = null;
let again = false;
const listeners = new Set<() => void>();
const others = new BroadcastChannel("gridgov.session");

function go(by: Step): void {
  standing = step(standing, by);
  for (const listener of listeners) listener();
}

/** Asks the server who we are; once more where a doubt came up while it was being asked. */
export function ask(): Promise<void> {
  again = asking !== null;
  asking ??= askOnce().finally(() => {
    asking = null;
    if (again) void ask();
  });
  return asking;
}

async function askOnce(): Promise<void> {
  const mine = ++turn;
  let by: Step;
  try {
    by = { kind: "known", session: await fetchSession() };
  } catch (error) {
    by = { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) };
  }
  // Somebody signed in or out meanwhile: that answer is the newer one.
  if (mine === turn) go(by);
}

/** Takes a new session in place of the one before: signed in, another post, another password. */
export function take(session: Session): void {
  turn += 1;
  go({ kind: "known", session });
  others.postMessage("changed");
}

/** Ends the session. A fresh page follows: nothing of it stays in memory, nor behind the Back button. */
export async function leave(): Promise<void> {
  const session = await signOut();
  turn += 1;
  others.postMessage("out");
  go({ kind: "out" });
  go({ kind: "known", session });
  location.replace(SIGN_IN);
}

onStranger(() => void ask());
others.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (data === "out") go({ kind: "out" });
  void ask();
});
// A tab that was asleep, or comes back from the browser's own store of pages, may be anybody's by now.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void ask();
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) void ask();
});
void ask();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useStanding = (): Standing => useSyncExternalStore(subscribe, () => standing);

/** Who is signed in, for every page and panel. */
export function useSession(): Session {
  const { session } = useStanding();
  if (session === null) throw new Error("useSession before it is known who asks");
  return session;
}

/** What the one who is signed in may do; what is not allowed is not shown. */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}
