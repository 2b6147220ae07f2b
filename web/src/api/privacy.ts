// Owns the shape of what people are told before their data is taken.
import { type Decoded, id, names, num, object } from "./check";
import { getJson, Problem } from "./http";

const notice = object({ id, version: num, texts: names });
export type Notice = Decoded<typeof notice>;

/** null: this city has published none. */
export async function fetchNotice(code: string, signal?: AbortSignal): Promise<Notice | null> {
  try {
    return await getJson(`/privacy/notices/${encodeURIComponent(code)}`, {}, notice, signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
