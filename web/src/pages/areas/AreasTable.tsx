// Owns the table twin of the page: areas of the level on the day, agencies, or service areas, as the map shows them.
import { useMemo } from "react";
import type { Level } from "../../api/city";
import type { Extent } from "../../api/areasOn";
import type { Served } from "../../api/sites";
import type { Row } from "../../features/analytics/rows";
import { TableTwin } from "../../features/analytics/TableTwin";
import { useUnits } from "../../features/agencies/queries";
import { useText } from "../../i18n/language";
import { levelWord, number } from "../../i18n/text";
import type { Tab } from "./view";

interface Props {
  readonly tab: Tab;
  readonly level: Level;
  readonly areas: ReadonlyMap<string, Extent> | undefined;
  readonly served: readonly Served[] | undefined;
  readonly selected: string | null;
  readonly fileName: string;
  readonly onGo: (id: string) => void;
}

export function AreasTable({ tab, level, areas, served, selected, fileName, onGo }: Props) {
  const text = useText();
  const units = useUnits(tab === "agencies");
  const rows = useMemo((): Row[] => {
    if (tab === "agencies") return (units.data ?? []).map((one) => ({ id: one.id, code: one.code, name: one.names[text.lang], figures: { sites: one.sites + one.sites_below } }));
    if (tab === "service")
      return (served ?? []).map(({ id, properties }) => ({ id, code: id, name: properties.names[text.lang], figures: { km2: properties.area_km2, households: properties.households } }));
    return [...(areas?.values() ?? [])].map((one) => ({ id: one.id, code: one.code, name: one.names[text.lang], figures: { km2: one.area_km2, households: one.households } }));
  }, [tab, units.data, served, areas, text.lang]);
  const ground = { key: "km2", title: text("places.table.km2"), write: (value: number | null) => (value === null ? "—" : number(text.lang, value, 3)), adds: true };
  const households = { key: "households", title: text("places.table.households"), write: (value: number | null) => (value === null ? "—" : number(text.lang, value)), adds: true };
  const sites = { key: "sites", title: text("places.table.sites"), write: (value: number | null) => number(text.lang, value ?? 0), adds: false };
  return (
    <TableTwin
      key={tab}
      title={tab === "areas" ? text("places.table.areas", { level: levelWord(text, level) }) : text(tab === "agencies" ? "places.table.agencies" : "places.table.service")}
      rows={rows}
      figures={tab === "agencies" ? [sites] : [ground, households]}
      selected={selected}
      fileName={fileName}
      onGo={onGo}
    />
  );
}
