// Owns talking to our own server: same origin, JSON in and out, three kinds of failure that the pages can name; the token that
// every change repeats, and telling whoever listens that the server does not know us any more.
import { type Decoded, type Decoder, nullable, object, str, num, withDefault } from "./check";

/** What the server said when it refused (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly field: string | null;
  readonly remedy: string | null;
  /** By which the log of the server knows it. */
  readonly request: string | null;
  /** Seconds until another try can succeed, where the server says so. */
  readonly retryS: number | null;
  /** All that it said, for whoever knows more of this refusal. */
  readonly told: unknown;
  constructor(body: Decoded<typeof problemBody>, retryS: number | null = null, told: unknown = body) {
    super(body.detail === "" ? body.title : body.detail);
    this.status = body.status;
    this.title = body.title;
    this.code = body.code;
    this.field = body.field;
    this.remedy = body.remedy;
    this.request = body.request_id;
    this.retryS = retryS;
    this.told = told;
  }
}

/** No answer: the network or the server is away. Nothing is known about what the server did. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

const problemBody = object({
  status: num,
  title: withDefault(str, ""),
  detail: withDefault(str, ""),
  code: withDefault(str, ""),
  field: nullable(str),
  remedy: nullable(str),
  request_id: nullable(str),
});

type Value = string | number | boolean | null | undefined;
export type Params = Readonly<Record<string, Value | readonly Value[]>>;

/** The address of an API call; parameters that are null, undefined or empty are left out, of a list each value is one of its own. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, values] of Object.entries(params)) {
    for (const value of [values].flat()) {
      if (value !== null && value !== undefined && value !== "") query.append(key, String(value));
    }
  }
  const text = query.toString();
  return text === "" ? `/api/v1${path}` : `/api/v1${path}?${text}`;
}

export async function getJson<T>(path: string, params: Params, decode: Decoder<T>, signal?: AbortSignal): Promise<T> {
  const response = await send(address(path, params), signal === undefined ? {} : { signal });
  return decode(await body(response), path);
}

export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** A change; `payload` undefined = no body. */
export async function sendJson<T>(
  method: Method,
  path: string,
  payload: unknown,
  decode: Decoder<T>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; value: T }> {
  const response = await send(address(path), {
    method,
    headers: { ...changing(), ...headers, ...(payload === undefined ? {} : { "content-type": "application/json" }) },
    ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
  });
  return { status: response.status, value: decode(response.status === 204 ? null : await body(response), path) };
}

/** A change that carries a file. */
export async function sendForm<T>(path: string, params: Params, form: FormData, decode: Decoder<T>): Promise<T> {
  return decode(await body(await send(address(path, params), { method: "POST", headers: changing(), body: form })), path);
}

export const postJson = <T>(path: string, payload: unknown, decode: Decoder<T>) => sendJson("POST", path, payload, decode);

let csrf: string | null = null;

/** What every change repeats from now on, so that the server knows it from our own page; null = nobody is signed in. */
export function carryCsrf(token: string | null): void {
  csrf = token;
}

/** Headers of a change. */
export const changing = (): Record<string, string> => (csrf === null ? {} : { "x-csrf-token": csrf });

/** Codes that say: whoever this page was opened for is not the one who asks now. */
const STRANGER = new Set(["session-ended", "not-signed-in", "foreign-request", "post-ended"]);
const listeners = new Set<() => void>();

/** Calls back whenever an answer shows that the session is not what the page takes it for. Returns how to stop that. */
export function onStranger(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Says what a refusal tells about the session, and hands it on. */
export function told(problem: Problem): Problem {
  if (STRANGER.has(problem.code)) for (const listener of listeners) listener();
  return problem;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(url, { cause: error });
  }
  if (!response.ok) throw told(problemOf(response.status, response.statusText, response.headers.get("retry-after"), await response.text().catch(() => "")));
  return response;
}

/** A refusal as the pages know it, also where something between us and the server answered in its place. */
export function problemOf(status: number, statusText: string, retryAfter: string | null, text: string): Problem {
  const retryS = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  try {
    const said: unknown = JSON.parse(text);
    return new Problem(problemBody(said, "problem"), retryS, said);
  } catch {
    return new Problem({ status, title: statusText, detail: "", code: "", field: null, remedy: null, request_id: null }, retryS);
  }
}

async function body(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    // The connection broke half-way, or something between us and the server answered in its place.
    throw new Unreachable(response.url, { cause: error });
  }
}
