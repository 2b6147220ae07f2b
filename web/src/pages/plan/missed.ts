// Owns what could not be added while a plan was made, until that plan has shown it.
import type { NotAdded } from "../../features/plans/adding";

const held = new Map<string, NotAdded>();

export const missed = {
  put: (plan: string, failed: NotAdded | null): void => {
    if (failed !== null) held.set(plan, failed);
  },
  of: (plan: string): NotAdded | null => held.get(plan) ?? null,
};
