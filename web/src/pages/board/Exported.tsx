// Owns what of the board is taken away: its table as columns, its title, its filters.
import { filtersOf } from "../../features/analytics/asked";
import { measureWord } from "../../features/analytics/measures";
import { csvOf } from "../../features/analytics/rows";
import { ExportMenu } from "../../features/export/ExportMenu";
import { PrintSheet } from "../../features/export/PrintSheet";
import { useText } from "../../i18n/language";
import { number, type Text } from "../../i18n/text";
import type { Board } from "./slots";

interface Column {
  readonly key: string;
  readonly title: string;
}

/** The count always; the measure where it is another; the span before where there is one. */
function columnsOf(text: Text, { view, rows }: Board): Column[] {
  const compared = rows.some((row) => (row.figures["before"] ?? null) !== null);
  return [
    { key: "name", title: text("table.name") },
    { key: "code", title: text("table.code") },
    { key: "count", title: text("table.count") },
    ...(view.measure === "count" ? [] : [{ key: "value", title: measureWord(text, view.measure) }]),
    ...(compared ? [{ key: "before", title: text("signals.export.before") }, { key: "change", title: text("signals.export.change") }] : []),
  ];
}

export function Exports({ board }: { readonly board: Board }) {
  const text = useText();
  const { city, view, map, rows, legend, sentence, asked } = board;
  return (
    <ExportMenu
      city={city}
      level={view.level}
      map={map}
      title={sentence}
      legend={legend}
      csv={() => csvOf(rows, columnsOf(text, board))}
      page={view.of === "incidents" && view.asBy === null ? { ...filtersOf(asked), measure: view.measure === "per_100_households" ? "rate" : "count", paint: view.paint === "areas" ? "areas" : "heat" } : null}
    />
  );
}

export function Printed({ board }: { readonly board: Board }) {
  const text = useText();
  const { city, rows, legend } = board;
  const columns = columnsOf(text, board);
  const cells = rows.toSorted((a, b) => (b.figures["value"] ?? 0) - (a.figures["value"] ?? 0)).map((row) =>
    columns.map(({ key }) => {
      if (key === "name") return row.name;
      if (key === "code") return row.code;
      const value = row.figures[key] ?? null;
      return value === null ? "—" : number(text.lang, value, Number.isInteger(value) ? 0 : 2);
    }),
  );
  return <PrintSheet city={city} legend={legend} columns={columns.map(({ title }) => title)} rows={cells} />;
}
