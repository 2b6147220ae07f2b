// Owns the shapes of an incident's photos, and sending one while saying how far it is.
import { type Decoded, id, list, num, object, str } from "./check";
import { address, changing, getJson, Problem, problemOf, told, Unreachable } from "./http";

const photos = object({
  items: list(object({ id, number: num, width: num, height: num, url: str, preview_url: str })),
  room_for: num,
});
export type Photos = Decoded<typeof photos>;

const at = (incident: string): string => `/incidents/${encodeURIComponent(incident)}/attachments`;

/** null: the incident is not for whoever asks to see. */
export async function fetchPhotos(incident: string, signal?: AbortSignal): Promise<Photos | null> {
  try {
    return await getJson(at(incident), {}, photos, signal);
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 403)) return null;
    throw error;
  }
}

/** One photo. `onShare`: how much of it has gone out, 0 to 1; fetch() cannot tell. */
export function sendPhoto(incident: string, file: File, onShare: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const url = address(at(incident));
    request.open("POST", url);
    for (const [name, value] of Object.entries(changing())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) onShare(loaded / total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(told(problemOf(request.status, request.statusText, request.getResponseHeader("retry-after"), request.responseText)));
    };
    request.onerror = () => reject(new Unreachable(url));
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}
