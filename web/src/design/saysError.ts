// Owns the words about a failure, by its kind. Pure.
import { Malformed } from "../api/check";
import { Problem, Unreachable } from "../api/http";
import type { Text } from "../i18n/text";

export function saysError(text: Text, error: unknown): string {
  if (error instanceof Unreachable) return text("error.unreachable");
  if (error instanceof Malformed) return text("error.malformed");
  if (error instanceof Problem) return error.message;
  return text("error.unknown");
}
