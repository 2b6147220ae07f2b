// Owns the shape of cases in lists: no text, nobody's name.
import { type Decoded, id, list, names, nullable, object, str } from "./check";
import { getJson, type Params } from "./http";

const line = object({
  id,
  number: str,
  category: object({ code: str, names }),
  state: str,
  /** The worst light of the clocks that run; null for a case that has ended. */
  light: nullable(str),
  opened_at: str,
  agency: nullable(object({ names })),
  office: nullable(object({ names })),
});
export type CaseLine = Decoded<typeof line>;

const page = object({ items: list(line), next: nullable(str) });
export type CasePage = Decoded<typeof page>;

/** The very cases that a number counts, the newest first; `params`: filters as the counts take them. */
export const fetchCounted = (params: Params, cursor: string | null, limit: number, signal?: AbortSignal): Promise<CasePage> =>
  getJson("/cases", { counted: true, ...params, limit, cursor }, page, signal);
