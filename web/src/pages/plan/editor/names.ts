// Owns what the community that is drawn is called.
import { useQuery } from "@tanstack/react-query";
import { fetchAnchor } from "../../../api/areas";
import { useText } from "../../../i18n/language";

/** null: not known yet. */
export function useAreaName(id: string): string | null {
  const { lang } = useText();
  const found = useQuery({ queryKey: ["area", id], queryFn: ({ signal }) => fetchAnchor(id, signal), staleTime: Infinity });
  return found.data?.names[lang] ?? null;
}
