// Owns the check at the border: a body from the server becomes a typed value or a Malformed error that names the place.
// Does not own what the shapes are (each noun's file beside this one) nor the fetching (http.ts).

export class Malformed extends Error {
  override readonly name = "Malformed";
  readonly path: string;
  constructor(path: string, wanted: string, got: unknown) {
    super(`${path}: expected ${wanted}, got ${got === null ? "null" : typeof got}`);
    this.path = path;
  }
}

export type Decoder<T> = (value: unknown, path: string) => T;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export const str: Decoder<string> = (value, path) => {
  if (typeof value !== "string") throw new Malformed(path, "text", value);
  return value;
};

export const num: Decoder<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Malformed(path, "a number", value);
  return value;
};

export const bool: Decoder<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new Malformed(path, "true or false", value);
  return value;
};

/** Ids are numbers or texts on the wire; the pages keep them as text. */
export const id: Decoder<string> = (value, path) => (typeof value === "number" ? String(value) : str(value, path));

/** null and a missing key are the same to the pages. */
export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null || value === undefined ? null : inner(value, path));
}

export function withDefault<T>(inner: Decoder<T>, fallback: T): Decoder<T> {
  return (value, path) => (value === null || value === undefined ? fallback : inner(value, path));
}

export function list<T>(inner: Decoder<T>): Decoder<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Malformed(path, "a list", value);
    return value.map((item: unknown, index) => inner(item, `${path}[${index}]`));
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Decoder<T> {
  return (value, path) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Malformed(path, `one of ${choices.join(", ")}`, value);
    return found;
  };
}

export function record<T>(inner: Decoder<T>): Decoder<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(fields(value, path)).map(([key, item]) => [key, inner(item, `${path}.${key}`)]));
}

export function object<S extends Record<string, Decoder<unknown>>>(shape: S): Decoder<{ [K in keyof S]: Decoded<S[K]> }> {
  return (value, path) => {
    const source = fields(value, path);
    const entries = Object.entries(shape).map(([key, decode]) => [key, decode(source[key], `${path}.${key}`)] as const);
    return Object.fromEntries(entries) as { [K in keyof S]: Decoded<S[K]> };
  };
}

function fields(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(path, "an object", value);
  return value as Record<string, unknown>;
}

/** A name in two languages; where one is missing the other stands in, so that nothing is ever nameless. */
export interface Names {
  readonly zh: string;
  readonly en: string;
}

export const names: Decoder<Names> = (value, path) => {
  const source = fields(value, path);
  const zh = nullable(str)(source["zh"], `${path}.zh`);
  const en = nullable(str)(source["en"], `${path}.en`);
  const first = zh ?? en ?? Object.values(source).find((text) => typeof text === "string") ?? "";
  return { zh: zh ?? first, en: en ?? first };
};
