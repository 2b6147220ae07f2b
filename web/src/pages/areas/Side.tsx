// Owns the panel that says what the map shows: areas of a day, agencies and their sites, or service areas; and on which base map.
import type { Point } from "../../api/areas";
import type { City, Level } from "../../api/city";
import type { Category } from "../../api/duties";
import type { Turn } from "../../api/history";
import { Segmented } from "../../design/Segmented";
import { AgencyList } from "../../features/agencies/AgencyList";
import { ServicePanel } from "../../features/agencies/ServicePanel";
import { DayControl } from "../../features/areas/DayControl";
import { BaseSwitch } from "../../features/basemap/BaseSwitch";
import type { Raster } from "../../features/basemap/useRaster";
import { useText } from "../../i18n/language";
import type { Theme } from "../../state/theme";
import { dayOf } from "../../time/days";
import type { ChangeAreas } from "./useAreasView";
import { type AreasView, TABS } from "./view";

interface Props {
  readonly city: City;
  readonly view: AreasView;
  readonly change: ChangeAreas;
  readonly level: Level;
  readonly levels: readonly Level[];
  readonly turns: readonly Turn[] | undefined;
  readonly categories: readonly Category[];
  readonly theme: Theme;
  readonly raster: Raster;
  readonly onGo: (to: Point) => void;
}

export function Side({ city, view, change, level, levels, turns, categories, theme, raster, onGo }: Props) {
  const text = useText();
  const today = dayOf(new Date().toISOString(), city.timezone);
  return (
    <div className="controls-body areas-side">
      <Segmented label={text("places.tab")} value={view.tab} choices={TABS.map((value) => ({ value, label: text(`places.tab.${value}`) }))} onChange={(tab) => change({ tab })} />
      {view.tab === "areas" ? (
        <>
          <Segmented label={text("level")} value={level} choices={levels.map((value) => ({ value, label: text(`level.${value}`) }))} onChange={(next) => change({ level: next })} />
          <DayControl day={view.day} today={today} turns={turns} timeZone={city.timezone} onDay={(day) => change({ day })} />
        </>
      ) : view.tab === "agencies" ? (
        <AgencyList
          agency={view.agency}
          kind={view.kind}
          site={view.site}
          onAgency={(unit) => change({ agency: unit?.id ?? null, site: null })}
          onKind={(kind) => change({ kind })}
          onSite={(site) => {
            change({ site: site.id });
            onGo(site);
          }}
        />
      ) : (
        <ServicePanel
          categories={categories}
          category={view.category}
          by={view.by}
          day={view.day}
          site={view.site}
          theme={theme}
          onCategory={(category) => change({ category, site: null })}
          onBy={(by) => change({ by })}
          onSite={(one) => {
            change({ site: one.id });
            onGo(one.properties);
          }}
        />
      )}
      <BaseSwitch raster={raster} />
    </div>
  );
}
