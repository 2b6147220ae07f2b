// Owns asking for both sides of a comparison and saying what stands in its way.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { City, Level } from "../../api/city";
import { type Counts, fetchCounts } from "../../api/counts";
import { addDays, dayOf } from "../../time/days";
import { type Asked, during, paramsOf } from "../analytics/asked";
import { type Change, changeOf, changesOf, type Counted } from "./changes";
import { type Against, type Before, before, cutAt, type Days, recorded } from "./spans";

export interface Comparison {
  readonly against: Against;
  readonly window: Days;
  readonly before: Before;
  /** What of the span before was recorded. */
  readonly known: "whole" | "part" | "none";
  /** Up to where both are counted, where today is not over yet; null = whole days. */
  readonly cut: string | null;
  /** By area; undefined while it is asked for. */
  readonly changes: readonly Change[] | undefined;
  readonly total: Change | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

interface Props {
  readonly city: City;
  readonly level: Level;
  readonly asked: Asked;
  readonly shown: Days | null;
  readonly against: Against | null;
  readonly asBy: string | null;
}

/** null while nothing is compared. */
export function useComparison({ city, level, asked, shown, against, asBy }: Props): Comparison | null {
  const [now] = useState(() => Date.now());
  const today = dayOf(new Date(now).toISOString(), city.timezone);
  const first = city.incidents_from === null ? null : dayOf(city.incidents_from, city.timezone);
  const span = useMemo(() => (against === null || shown === null ? null : before(shown, against)), [against, shown]);
  const cut = span === null || shown === null ? null : cutAt(shown, span, today, now);
  const known = span === null || first === null ? "none" : recorded(span, first);
  const enabled = span !== null && known !== "none";
  const here = useCounted(level, shown === null ? asked : during(asked, shown.from, shown.to), asBy, null, enabled);
  const there = useCounted(level, span === null ? asked : during(asked, span.from, span.to), asBy, cut, enabled);
  const changes = useMemo(
    () => (here.data === undefined || there.data === undefined ? undefined : changesOf(counted(here.data), counted(there.data))),
    [here.data, there.data],
  );
  const total = useMemo(
    () => (here.data === undefined || there.data === undefined ? undefined : changeOf("", here.data.total, there.data.total)),
    [here.data, there.data],
  );
  if (against === null || shown === null || span === null) return null;
  return {
    against,
    window: shown,
    before: span,
    known,
    cut: cut === null ? null : new Date(Date.parse(cut) + Date.parse(addDays(shown.to, 0)) - Date.parse(span.to)).toISOString(),
    changes,
    total,
    error: here.error ?? there.error,
    retry: () => {
      void here.refetch();
      void there.refetch();
    },
  };
}

const useCounted = (level: Level, asked: Asked, asBy: string | null, until: string | null, enabled: boolean) => {
  const params = { ...paramsOf(asked), as_by: asBy, ...(until === null ? {} : { to: until }) };
  return useQuery({
    enabled,
    queryKey: ["counts", "compared", level, params],
    queryFn: ({ signal }) => fetchCounts({ by: level, params }, signal),
    placeholderData: keepPreviousData,
  });
};

const counted = ({ ids, codes, counts }: Counts): Counted[] => counts.map((count, index) => ({ id: ids?.[index] ?? codes[index] ?? "", count }));
