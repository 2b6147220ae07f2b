// Owns adding communities to a plan, one after the other: the ground is made where there is none. What was added before one fails stays.
import { addPart, type Community, ensureGround } from "../../api/plans";

export interface NotAdded {
  readonly community: Community;
  readonly error: unknown;
}

/** The first that was not added, and why; null: all were. */
export async function addAll(plan: string, communities: readonly Community[], onAt: (community: Community) => void): Promise<NotAdded | null> {
  for (const community of communities) {
    onAt(community);
    try {
      await ensureGround(community.id);
      await addPart(plan, community.id);
    } catch (error) {
      return { community, error };
    }
  }
  return null;
}
