// Owns the shapes of proposals as jobs: asking for one, how far it is, ending it.
import { bool, type Decoded, type Decoder, id, list, names, nullable, num, object, oneOf, str, withDefault } from "./check";
import { getJson, postJson } from "./http";
import { planPath, type Target } from "./plans";

export const MODES = ["fresh", "resume", "repair"] as const;
export type Mode = (typeof MODES)[number];
export const JOB_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

const obstacle = object({ code: str, zh: str, en: str, remedy_zh: withDefault(str, ""), remedy_en: withDefault(str, "") });
export type Obstacle = Decoded<typeof obstacle>;

const jobResult = object({
  zh: withDefault(str, ""),
  en: withDefault(str, ""),
  obstacles: withDefault(list(obstacle), []),
  part_id: nullable(id),
  revision: nullable(num),
});

const jobPart = object({
  community_id: id,
  names,
  state: oneOf("drawn", "unchanged", "conflict", "failed"),
  at: str,
  result: jobResult,
});
export type JobPart = Decoded<typeof jobPart>;

const anything: Decoder<unknown> = (value) => value;
const settings = object({ mode: withDefault(oneOf(...MODES), "fresh"), seed: withDefault(num, 1), effort: withDefault(num, 0), communities: withDefault(list(id), []), grids: nullable(list(num)) });

const job = object({
  id: str,
  plan_id: id,
  kind: str,
  settings: anything,
  state: oneOf(...JOB_STATES),
  done: num,
  total: num,
  said: str,
  cancelling: bool,
  asked_at: str,
  ended_at: nullable(str),
  parts: list(jobPart),
});
export type Job = Omit<Decoded<typeof job>, "settings"> & { readonly settings: Decoded<typeof settings> };

const whole: Decoder<Job> = (value, path) => {
  const found = job(value, path);
  return { ...found, settings: settings(found.settings, `${path}.settings`) };
};

export const isOver = (of: Job): boolean => of.state !== "queued" && of.state !== "running";

export interface Asked {
  readonly id: string;
  readonly communities: readonly number[] | null;
  readonly grids: readonly number[] | null;
  readonly target: Target | null;
  readonly mode: Mode;
  readonly seed: number;
  readonly effort: number;
}

const path = (of: string): string => `${planPath(of)}/proposals`;

/** The same id again is the job that is there. */
export const propose = async (of: string, asked: Asked): Promise<Job> => (await postJson(path(of), asked, whole)).value;

/** Newest first, without their communities; proposals alone. */
export const fetchJobs = async (of: string, signal?: AbortSignal): Promise<Job[]> =>
  (await getJson(path(of), { limit: 20 }, object({ items: list(whole) }), signal)).items.filter((one) => one.kind === "propose");

export const fetchJob = (of: string, jobId: string, signal?: AbortSignal): Promise<Job> => getJson(`${path(of)}/${encodeURIComponent(jobId)}`, {}, whole, signal);

export const cancelJob = async (of: string, jobId: string): Promise<Job> => (await postJson(`${path(of)}/${encodeURIComponent(jobId)}/cancellation`, undefined, whole)).value;
