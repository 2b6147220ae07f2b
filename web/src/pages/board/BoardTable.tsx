// Owns the table twin of the board: what the ranking compares, as columns.
import type { City } from "../../api/city";
import { type Behind, whichOf } from "../../features/analytics/behind";
import { measureWord, withUnit, writeChange } from "../../features/analytics/measures";
import { type FigureColumn, TableTwin } from "../../features/analytics/TableTwin";
import { useText } from "../../i18n/language";
import { levelWord, number } from "../../i18n/text";
import type { BoardData } from "./useBoardData";
import type { BoardView } from "./view";

interface Props {
  readonly city: City;
  readonly view: BoardView;
  readonly data: BoardData;
  readonly onGo: (id: string) => void;
  /** null: not for whoever may only count. */
  readonly onOpen: ((behind: Behind) => void) | null;
}

export function BoardTable({ city, view, data, onGo, onOpen }: Props) {
  const text = useText();
  const { rank, rankMeasure, rankScale } = data;
  const word = measureWord(text, rankMeasure);
  const by = rank === "agency" ? text("board.rank.agency") : levelWord(text, rank);
  const write = (value: number | null): string => (value === null ? "—" : withUnit(text, rankScale, number(text.lang, value, rankScale.digits)));
  const opening = (which: Behind["which"]): Partial<FigureColumn> =>
    onOpen === null ? {} : { onOpen: (id) => onOpen({ group: rank === "agency" ? "agency" : "area", id, which }) };
  const adds = rankMeasure === "count" || rankMeasure === "overdue";
  const count: FigureColumn = { key: "count", title: text(view.of === "cases" ? "board.of.cases" : "board.of.incidents"), write: (value) => (value === null ? "—" : number(text.lang, value)), adds: true, ...opening("count") };
  const value: FigureColumn = { key: "value", title: word, write, adds, ...opening(whichOf(rankMeasure)) };
  const compared: FigureColumn[] =
    data.compared === null
      ? []
      : [
          { key: "before", title: text("board.table.before"), write, adds, wide: true },
          { key: "change", title: text("board.table.change"), write: (change) => (change === null ? "—" : writeChange(text.lang, rankScale, change)), adds, wide: true },
        ];
  return (
    <TableTwin
      title={text("board.table.title", { measure: word, level: by })}
      rows={data.rows}
      figures={rankMeasure === "count" ? [count, ...compared] : [value, count, ...compared]}
      selected={view.selected}
      fileName={`${city.code}-${rank}-${rankMeasure}.csv`}
      onGo={rank === "agency" ? (id) => onOpen?.({ group: "agency", id, which: "count" }) : onGo}
    />
  );
}
