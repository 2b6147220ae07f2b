// Owns that decoders read only what the server describes: each field of what they make must stand in the OpenAPI document, at any depth. Checked
// by tsc alone (`npm run types`); there is nothing to run. Does not own the document's own drift (`make check` writes it anew and compares).
import type { Located } from "../src/api/areas";
import type { City } from "../src/api/city";
import type { Counts } from "../src/api/counts";
import type { Preview } from "../src/api/effects";
import type { IncidentPage } from "../src/api/incidents";
import type { components } from "../src/api/openapi";
import type { LogPage, PlanPage } from "../src/api/plans";
import type { Session } from "../src/api/session";

type Answers = components["schemas"]["Answers"];
type Known<T> = Exclude<T, null | undefined>;
type KeysOf<T> = T extends unknown ? keyof T : never;
type At<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/** Paths of fields that are read and not described; none = never. */
type Astray<Ours, Server> = Ours extends string | number | boolean | null | undefined
  ? never
  : Ours extends readonly (infer One)[]
    ? Astray<Known<One>, Server extends readonly (infer Other)[] ? Known<Other> : never>
    : string extends keyof Ours
      ? never
      : { [K in keyof Ours & string]: K extends KeysOf<Server> ? Below<K, Astray<Known<Ours[K]>, Known<At<Server, K>>>> : K }[keyof Ours & string];
type Below<K extends string, P> = P extends string ? `${K}.${P}` : never;
type Agrees<Path extends never> = Path;

export type Agreed = [
  Agrees<Astray<City, Answers["GET /city"]>>,
  Agrees<Astray<Session, Answers["GET /session"]>>,
  Agrees<Astray<Located, Answers["GET /locate"]>>,
  Agrees<Astray<Counts, Answers["GET /counts"]>>,
  Agrees<Astray<IncidentPage, Answers["GET /incidents"]>>,
  Agrees<Astray<PlanPage, Answers["GET /plans"]>>,
  Agrees<Astray<LogPage, Answers["GET /plans/{plan_id}/parts/{part_id}/operations"]>>,
  Agrees<Astray<Preview, Answers["GET /plans/{plan_id}/preview"]>>,
];

// The controls: a field that the server does not have, and one that it does not have further down.
// @ts-expect-error -- "nowhere" is no field of an answer of counts
export type Wrong = Agrees<Astray<Counts & { readonly nowhere: number }, Answers["GET /counts"]>>;
// @ts-expect-error -- "items.nowhere" neither
export type WrongBelow = Agrees<Astray<{ readonly items: readonly { readonly nowhere: string }[] }, Answers["GET /plans"]>>;
