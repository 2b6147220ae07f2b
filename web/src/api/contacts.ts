// Owns the shape of a reporter's contact: masked, until it is opened with a reason.
import { type Decoded, nullable, object, str } from "./check";
import { getJson, Problem, sendJson } from "./http";

const contact = object({ name: nullable(str), phone: nullable(str), frozen_at: nullable(str) });
export type Contact = Decoded<typeof contact>;

const at = (incident: string): string => `/incidents/${encodeURIComponent(incident)}/contact`;

/** null: none was left, it is gone, or it is not for whoever asks. */
export async function fetchContact(incident: string, signal?: AbortSignal): Promise<Contact | null> {
  try {
    return await getJson(at(incident), {}, contact, signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** As it was given. Who asked, and why, is kept. */
export const revealContact = async (incident: string, reason: string): Promise<Contact> =>
  (await sendJson("POST", `${at(incident)}/reveal`, { reason }, contact)).value;
