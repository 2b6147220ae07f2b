// Owns how far a job is, as a share of the whole: communities that are done, and how far the ones at work are. Pure.
import type { Job } from "../../api/proposals";

/** The server says of each community at work how far it is, in its sentence: "春晖社区 45%". */
export function shareOf(job: Pick<Job, "state" | "done" | "total" | "said">): number {
  if (job.state === "done") return 1;
  const working = job.state === "running" ? [...job.said.matchAll(/ (\d{1,3})%/g)].reduce((sum, found) => sum + Number(found[1]) / 100, 0) : 0;
  return job.total === 0 ? 0 : Math.min(1, (job.done + working) / job.total);
}

/** The communities at work, as the server names them. */
export const atWork = (said: string): string[] => [...said.matchAll(/([^\s、，]+) \d{1,3}%/g)].map((found) => found[1] ?? "");
