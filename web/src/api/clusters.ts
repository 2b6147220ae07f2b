// Owns the shape of clusters in space and time: areas next to each other that for some days had more than place and day let expect.
import { type Decoded, list, names, nullable, num, object, str } from "./check";
import type { Level } from "./city";
import { getJson, type Params } from "./http";
import { kind, where } from "./rising";

const cluster = object({
  /** The one nearest to the middle first. */
  areas: list(where),
  /** Days, both included. */
  first: str,
  last: str,
  count: num,
  expected: num,
  ratio: num,
  p: num,
  kinds: list(object({ group: kind, count: num, expected: num })),
  said: names,
});
export type Cluster = Decoded<typeof cluster>;

const clusters = object({
  level: str,
  first: nullable(str),
  last: nullable(str),
  step_days: num,
  compared: num,
  cases: num,
  draws: num,
  said: names,
  items: list(cluster),
});
export type Clusters = Decoded<typeof clusters>;

export const fetchClusters = (level: Level, asked: Params, signal?: AbortSignal): Promise<Clusters> =>
  getJson("/density/clusters", { level, ...asked }, clusters, signal);
