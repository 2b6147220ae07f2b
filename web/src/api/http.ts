// Owns talking to our own server: same origin, JSON in and out, three kinds of failure that the pages can name.
import { type Decoder, nullable, object, str, num, withDefault } from "./check";

/** What the server said when it refused (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly field: string | null;
  readonly remedy: string | null;
  constructor(body: { status: number; title: string; detail: string; code: string; field: string | null; remedy: string | null }) {
    super(body.detail === "" ? body.title : body.detail);
    this.status = body.status;
    this.title = body.title;
    this.code = body.code;
    this.field = body.field;
    this.remedy = body.remedy;
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
});

export type Params = Readonly<Record<string, string | number | null | undefined>>;

/** The address of an API call; parameters that are null, undefined or empty are left out. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return text === "" ? `/api/v1${path}` : `/api/v1${path}?${text}`;
}

export async function getJson<T>(path: string, params: Params, decode: Decoder<T>, signal?: AbortSignal): Promise<T> {
  const response = await send(address(path, params), signal === undefined ? {} : { signal });
  return decode(await body(response), path);
}

export async function postJson<T>(path: string, payload: unknown, decode: Decoder<T>): Promise<{ status: number; value: T }> {
  const response = await send(address(path), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  return { status: response.status, value: decode(await body(response), path) };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(url, { cause: error });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return new Problem(problemBody(await response.json(), "problem"));
  } catch {
    return new Problem({ status: response.status, title: response.statusText, detail: "", code: "", field: null, remedy: null });
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

