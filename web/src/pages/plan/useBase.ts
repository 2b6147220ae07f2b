// Owns what every map of this page is told: theme, language, where our own tiles are.
import { useMemo } from "react";
import type { City } from "../../api/city";
import { useText } from "../../i18n/language";
import type { Base } from "../../map/layers/fragment";
import { useTheme } from "../../state/theme";

export function useBase(city: City): Base {
  const { lang } = useText();
  const { theme } = useTheme();
  return useMemo(() => {
    const query = new URLSearchParams({ v: city.revision });
    const [west = -180, south = -85, east = 180, north = 85] = city.bbox ?? [];
    return { theme, lang, tiles: (layer) => `${location.origin}/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt?${query.toString()}`, bounds: [west, south, east, north] };
  }, [city, lang, theme]);
}
