// Owns asking for everything the map of areas draws, and shaping it.
import { useMemo } from "react";
import { type City, levelsOf } from "../../api/city";
import { useServed, useSites, useWays } from "../../features/agencies/queries";
import { useAreasOn, useLocatedOn, useTurns } from "../../features/areas/queries";
import type { Raster } from "../../features/basemap/useRaster";
import type { Text } from "../../i18n/text";
import type { Theme } from "../../state/theme";
import { namesOf, pinOf } from "../map/drawn";
import { collection, dotsOf, NONE, postsOf, serviceOf, siteDots, waysOf } from "./drawn";
import { type Look, styleOf, tilesAt } from "./style";
import type { AreasView } from "./view";

interface Asked {
  readonly city: City;
  readonly view: AreasView;
  readonly theme: Theme;
  readonly text: Text;
  readonly raster: Raster;
}

export function useAreasData({ city, view, theme, text, raster }: Asked) {
  const { tab, day, place, category, by, agency } = view;
  const levels = useMemo(() => levelsOf(city), [city]);
  const level = levels.includes(view.level) ? view.level : (levels.at(-1) ?? "grid");
  const turns = useTurns(city);
  const areas = useAreasOn(city, level, day);
  const located = useLocatedOn(place, day);
  const ways = useWays(category, place, day);
  const service = useServed(tab === "service" ? category : null, by, day);
  const sites = useSites(tab === "agencies" ? agency : null);

  const inside = place !== null && located.data?.inside === true ? located.data.path : [];
  const chosen = view.area ?? (inside.find((one) => one.level === level) ?? inside.at(-1))?.id ?? null;
  const served = tab === "service" && category !== null ? service.data : undefined;
  const wayside = ways.data?.items;
  const serving = wayside?.find(({ site }) => site.chosen)?.site.id ?? null;

  const posts = useMemo(() => {
    const shown = served !== undefined ? dotsOf(served) : tab === "agencies" && sites.data !== undefined ? siteDots(sites.data) : [];
    const known = new Set(shown.map(({ id }) => id));
    const beside = (place === null ? [] : (wayside ?? [])).map(({ site }) => site).filter(({ id }) => !known.has(id));
    return postsOf([...shown, ...beside], view.site ?? serving, text.lang);
  }, [served, sites.data, tab, wayside, place, view.site, serving, text.lang]);
  const drawn = useMemo(
    () => ({
      // Names of sites and of areas at once are more than anybody can read.
      labels: (served?.length ?? 0) > 0 || (tab === "agencies" && (sites.data?.length ?? 0) > 0) ? NONE : namesOf(areas.data, text.lang),
      service: served === undefined ? NONE : serviceOf(served),
      posts,
      ways: waysOf(place, category === null ? undefined : ways.data, text),
      pin: place === null ? collection([]) : pinOf(place, null, undefined, text.lang),
    }),
    [areas.data, served, sites.data, posts, place, category, ways.data, text, tab],
  );
  const look = useMemo<Look>(() => {
    const [west = -180, south = -85, east = 180, north = 85] = city.bbox ?? [];
    return {
      theme, lang: text.lang, tab, level, levels,
      outlined: chosen,
      site: view.site ?? serving,
      pictures: raster.pictures,
      tiles: tilesAt(location.origin, city.revision, day),
      bounds: [west, south, east, north],
    };
  }, [city, theme, text.lang, tab, level, levels, chosen, view.site, serving, raster.pictures, day]);
  const style = useMemo(() => styleOf(look), [look]);
  return {
    level, levels, turns, areas, located, chosen, served, style, drawn,
    busy: areas.isPending || located.isFetching || (tab === "service" && service.isFetching),
    error: areas.error ?? located.error ?? turns.error,
    retry: () => {
      void areas.refetch();
      void turns.refetch();
      if (place !== null) void located.refetch();
    },
  };
}
