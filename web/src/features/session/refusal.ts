// Owns the words about a try to sign in that did not succeed. Pure.
import { Problem } from "../../api/http";
import { isRefused } from "../../api/session";
import { saysError } from "../../design/saysError";
import type { Text } from "../../i18n/text";

/** `waitS`: seconds until the next try can succeed. null when there is nothing to say, or the wait is over. */
export function saysRefusal(text: Text, error: Error | null, waitS: number): string | null {
  if (error === null) return null;
  if (isRefused(error)) return text("signin.refused");
  if (error instanceof Problem && error.status === 429) return waitS === 0 ? null : text("signin.locked", { n: Math.ceil(waitS / 60) });
  return saysError(text, error);
}
