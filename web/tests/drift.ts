// Owns that decoders read only what the server describes: each field of what they make must stand in the OpenAPI document, at any depth. Checked
// by tsc alone (`npm run types`); there is nothing to run. Does not own the document's own drift (`make check` writes it anew and compares).
import type { Agency } from "../src/api/agencies";
import type { AlertRule, Alerts } from "../src/api/alerts";
import type { Approval } from "../src/api/approvals";
import type { Anchor, Hit, Located } from "../src/api/areas";
import type { LocatedOn } from "../src/api/areasOn";
import type { Basemap } from "../src/api/basemap";
import type { Board, Findings } from "../src/api/boards";
import type { CasePage } from "../src/api/cases";
import type { City } from "../src/api/city";
import type { Clusters } from "../src/api/clusters";
import type { Counts } from "../src/api/counts";
import type { DayCount } from "../src/api/density";
import type { Category, Route } from "../src/api/duties";
import type { Comparison, MovingPage, Preview, Takeover } from "../src/api/effects";
import type { Edges } from "../src/api/grounds";
import type { Around, Office, Turn, Version } from "../src/api/history";
import type { HotSpots } from "../src/api/hotspots";
import type { Incident, IncidentPage, Receipt } from "../src/api/incidents";
import type { components } from "../src/api/openapi";
import type { Carried, Done, Line } from "../src/api/operations";
import type { Outlines } from "../src/api/outlines";
import type { FilePreview } from "../src/api/planfiles";
import type { Activation, Change, LogPage, Metric, Part, PlanGrid, PlanPage } from "../src/api/plans";
import type { Job, JobPart } from "../src/api/proposals";
import type { Repeats } from "../src/api/repeats";
import type { Rising } from "../src/api/rising";
import type { Session } from "../src/api/session";
import type { Site, Unit, Ways } from "../src/api/sites";

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
interface Items<T> {
  readonly items: readonly T[];
}

export type Agreed = [
  Agrees<Astray<City, Answers["GET /city"]>>,
  Agrees<Astray<Session, Answers["GET /session"]>>,
  Agrees<Astray<Located, Answers["GET /locate"]>>,
  Agrees<Astray<Counts, Answers["GET /counts"]>>,
  Agrees<Astray<IncidentPage, Answers["GET /incidents"]>>,
  Agrees<Astray<PlanPage, Answers["GET /plans"]>>,
  Agrees<Astray<LogPage, Answers["GET /plans/{plan_id}/parts/{part_id}/operations"]>>,
  Agrees<Astray<Preview, Answers["GET /plans/{plan_id}/preview"]>>,
  Agrees<Astray<Items<Agency>, Answers["GET /agencies"]>>,
  Agrees<Astray<Items<Unit>, Answers["GET /agencies"]>>,
  Agrees<Astray<Items<Site>, Answers["GET /agencies/{agency_id}/sites"]>>,
  Agrees<Astray<Alerts, Answers["GET /alerts"]>>,
  Agrees<Astray<Items<AlertRule>, Answers["GET /alerts/rules"]>>,
  Agrees<Astray<Items<Approval>, Answers["GET /approvals"]>>,
  Agrees<Astray<Items<Turn>, Answers["GET /areas/changes"]>>,
  Agrees<Astray<Anchor, Answers["GET /areas/{area_id}"]>>,
  Agrees<Astray<Outlines, Answers["GET /areas/outlines"]>>,
  Agrees<Astray<Items<Version>, Answers["GET /areas/{area_id}/lineage"]>>,
  Agrees<Astray<Around, Answers["GET /areas/{area_id}/neighbours"]>>,
  Agrees<Astray<Items<Office>, Answers["GET /areas/{area_id}/responsible"]>>,
  Agrees<Astray<LocatedOn, Answers["GET /locate"]>>,
  Agrees<Astray<Items<Hit>, Answers["GET /search"]>>,
  Agrees<Astray<Basemap, Answers["GET /basemap"]>>,
  Agrees<Astray<CasePage, Answers["GET /cases"]>>,
  Agrees<Astray<Items<Category>, Answers["GET /categories"]>>,
  Agrees<Astray<Clusters, Answers["GET /density/clusters"]>>,
  Agrees<Astray<Items<DayCount>, Answers["GET /density/days"]>>,
  Agrees<Astray<HotSpots, Answers["GET /density/hotspots"]>>,
  Agrees<Astray<Repeats, Answers["GET /density/repeats"]>>,
  Agrees<Astray<Rising, Answers["GET /density/rising"]>>,
  Agrees<Astray<Receipt, Answers["POST /incidents"]>>,
  Agrees<Astray<Incident, Answers["GET /incidents/{incident_id}"]>>,
  // A reason's words are put together here from the fields of its languages.
  Agrees<Astray<Omit<Route, "reasons">, Answers["GET /route"]>>,
  Agrees<Astray<Ways, Answers["GET /route/ways"]>>,
  Agrees<Astray<Items<Activation>, Answers["GET /plans/activations"]>>,
  Agrees<Astray<Items<Metric>, Answers["GET /plans/metrics"]>>,
  Agrees<Astray<Items<Change>, Answers["GET /plans/{plan_id}/changes"]>>,
  Agrees<Astray<Items<Takeover>, Answers["GET /plans/{plan_id}/matters"]>>,
  Agrees<Astray<Items<Part>, Answers["GET /plans/{plan_id}/parts"]>>,
  Agrees<Astray<Items<PlanGrid>, Answers["GET /plans/{plan_id}/grids"]>>,
  Agrees<Astray<Comparison, Answers["GET /plans/{plan_id}/compare/{other}"]>>,
  Agrees<Astray<MovingPage, Answers["GET /plans/{plan_id}/preview/cases"]>>,
  Agrees<Astray<Edges, Answers["GET /plans/bases/{basis_id}/edges"]>>,
  Agrees<Astray<Board, Answers["GET /plans/{plan_id}/parts/{part_id}/board"]>>,
  Agrees<Astray<Findings, Answers["GET /plans/{plan_id}/parts/{part_id}/findings"]>>,
  Agrees<Astray<Items<Line>, Answers["GET /plans/{plan_id}/parts/{part_id}/operations"]>>,
  Agrees<Astray<Done, Answers["POST /plans/{plan_id}/parts/{part_id}/operations"]>>,
  Agrees<Astray<Carried, Answers["POST /plans/{plan_id}/parts/{part_id}/rebase"]>>,
  Agrees<Astray<FilePreview, Answers["POST /plans/{plan_id}/parts/{part_id}/file/preview"]>>,
  // What a proposal came to is open on the server: each kind of job says its own.
  Agrees<Astray<Items<Omit<Job, "parts"> & { readonly parts: readonly Omit<JobPart, "result">[] }>, Answers["GET /plans/{plan_id}/proposals"]>>,
];

// The controls: a field that the server does not have, and one that it does not have further down.
// @ts-expect-error -- "nowhere" is no field of an answer of counts
export type Wrong = Agrees<Astray<Counts & { readonly nowhere: number }, Answers["GET /counts"]>>;
// @ts-expect-error -- "items.nowhere" neither
export type WrongBelow = Agrees<Astray<{ readonly items: readonly { readonly nowhere: string }[] }, Answers["GET /plans"]>>;
// @ts-expect-error -- "communities.grids.before.nowhere" neither, where null stands beside it
export type WrongDeep = Agrees<Astray<{ readonly communities: readonly { readonly grids: readonly { readonly before: { readonly nowhere: number } | null }[] }[] }, Answers["GET /plans/{plan_id}/compare/{other}"]>>;
