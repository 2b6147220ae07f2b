// Owns which communities there are, what they are called, and in which of them whoever is signed in may draw.
import { useMemo } from "react";
import type { City } from "../../api/city";
import type { Community } from "../../api/plans";
import { within } from "../../features/plans/below";
import { useCommunities, useSubdistricts } from "../../features/plans/queries";
import { useText } from "../../i18n/language";
import { useMay, useSession } from "../../state/session";

const NONE: readonly Community[] = [];

export function useReach(city: City) {
  const { lang } = useText();
  const may = useMay();
  const { post } = useSession();
  const communities = useCommunities(city.revision);
  const subdistricts = useSubdistricts(city.revision);
  const area = post?.place.kind === "area" ? post.place.id : null;
  const edits = may("plans.edit");
  const all = communities.data ?? NONE;
  const above = subdistricts.data ?? NONE;
  return useMemo(() => {
    const known = new Map(all.map((one) => [one.id, one]));
    const mine = edits ? within(all, above, area) : [];
    const ids = new Set(mine.map((one) => one.id));
    return {
      all,
      mine,
      of: (id: string) => known.get(id),
      nameOf: (id: string): string => known.get(id)?.names[lang] ?? `#${id}`,
      mayDraw: (id: string): boolean => ids.has(id),
    };
  }, [all, above, area, edits, lang]);
}
