// Owns asking for everything the map page draws, and shaping it; components get values, never queries' inner workings.
import { useMemo } from "react";
import type { City } from "../../api/city";
import { levelsOf } from "../../api/city";
import { fillDays, spanOf } from "../../features/analytics/window";
import type { Lang } from "../../i18n/text";
import { useAnchors, useDays, useDensity, useLocated, useRoute } from "../../state/queries";
import type { Pictures } from "../../map/layers/raster";
import type { Theme } from "../../state/theme";
import type { View } from "../../state/view";
import { addDays, dayOf } from "../../time/days";
import { type Look, styleOf } from "./style";
import { classesOf, labelsOf, namesOf, outlinedOf, pinOf } from "./drawn";

interface Asked {
  readonly city: City;
  readonly view: View;
  readonly duty: string | null;
  readonly theme: Theme;
  readonly lang: Lang;
  readonly accuracyM: number | null;
  /** Whether whoever looks may count incidents. */
  readonly counts: boolean;
  /** A provider's pictures in place of our own base map; null = our own. */
  readonly pictures: Pictures | null;
}

const WHOLE = { from: null, to: null };

export function useMapData({ city, view, duty, theme, lang, accuracyM, counts, pictures }: Asked) {
  const { from, to, category, level, measure, paint, hidden, point } = view;
  const zone = city.timezone;
  const period = useMemo(
    () => ({ from, to: to === null ? null : addDays(to, 1) }),
    [from, to],
  );
  const density = useDensity(level, period, category, counts);
  const counted = useDays(WHOLE, category, counts);
  const anchors = useAnchors(city, level);
  const located = useLocated(point, accuracyM);
  const route = useRoute(duty, point);

  const days = useMemo(() => {
    if (city.incidents_from === null || city.incidents_to === null) return [];
    return fillDays(counted.data ?? [], dayOf(city.incidents_from, zone), dayOf(city.incidents_to, zone));
  }, [counted.data, city, zone]);
  const origin = days[0]?.day ?? "1970-01-01";
  const span = useMemo(() => spanOf(from, to, origin, days.length), [from, to, origin, days.length]);

  const { classes, byArea } = useMemo(() => classesOf(density.data, measure), [density.data, measure]);
  const labels = useMemo(
    () => (counts ? labelsOf(density.data, anchors.data, measure, lang, byArea, paint === "areas" ? hidden : []) : namesOf(anchors.data, lang)),
    [density.data, anchors.data, measure, lang, byArea, paint, hidden, counts],
  );
  const pin = useMemo(() => pinOf(point, accuracyM, route.data, lang), [point, accuracyM, route.data, lang]);
  const outlined = outlinedOf(located.data, level);
  const site = route.data?.site?.id ?? null;
  const total = density.data?.total ?? 0;
  const binCount = classes.bins.length;

  const look = useMemo<Look>(() => {
    const query = new URLSearchParams({ v: city.revision });
    const incidents = new URLSearchParams({ v: `${city.revision}.${city.counts.incidents ?? 0}` });
    if (period.from !== null) incidents.set("from", period.from);
    if (period.to !== null) incidents.set("to", period.to);
    if (category !== null) incidents.set("category", category);
    const [west = -180, south = -85, east = 180, north = 85] = city.bbox ?? [];
    return {
      theme,
      lang,
      level,
      levels: levelsOf(city),
      paint,
      classes: binCount,
      counts,
      hidden,
      outlined,
      site,
      tiles: (layer) => `${location.origin}/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt?${(layer === "incidents" ? incidents : query).toString()}`,
      bounds: [west, south, east, north],
      total,
      pictures,
    };
  }, [city, theme, lang, level, paint, binCount, counts, hidden, outlined, site, period, category, total, pictures]);

  const style = useMemo(() => styleOf(look), [look]);
  const drawn = useMemo(() => ({ labels, pin }), [labels, pin]);
  const states = useMemo(() => [{ source: "areas", sourceLayer: "areas", values: new Map([...byArea].map(([id, c]) => [id, { c }])) }], [byArea]);

  return {
    density,
    anchors: anchors.data,
    days,
    daysError: counted.error,
    origin,
    span,
    classes,
    byArea,
    look,
    style,
    drawn,
    states,
    retry: () => {
      void density.refetch();
      void counted.refetch();
    },
  };
}
