// Owns which columns the map page's table has.
import { useMemo } from "react";
import type { Level } from "../../api/city";
import type { Density } from "../../api/density";
import { rowsOf } from "../../features/analytics/rows";
import { TableTwin } from "../../features/analytics/TableTwin";
import { useText } from "../../i18n/language";
import { levelWord, number } from "../../i18n/text";

interface Props {
  readonly density: Density;
  readonly level: Level;
  readonly selected: string | null;
  readonly fileName: string;
  readonly onGo: (id: string) => void;
}

export function CountsTable({ density, level, selected, fileName, onGo }: Props) {
  const text = useText();
  const rows = useMemo(() => rowsOf(density.items, text.lang), [density, text.lang]);
  const whole = (value: number | null): string => (value === null ? "—" : number(text.lang, value));
  return (
    <TableTwin
      title={text("table.title", { level: levelWord(text, level) })}
      rows={rows}
      figures={[
        { key: "count", title: text("table.count"), write: whole, adds: true },
        { key: "households", title: text("table.households"), write: whole, adds: true, wide: true },
        { key: "rate", title: text("table.rate"), write: (value) => (value === null ? "—" : number(text.lang, value, 2)), adds: false },
        { key: "share", title: text("table.share"), write: (value) => (value === null ? "—" : `${number(text.lang, value * 100, 1)} %`), adds: false, wide: true },
      ]}
      selected={selected}
      fileName={fileName}
      onGo={onGo}
    />
  );
}
