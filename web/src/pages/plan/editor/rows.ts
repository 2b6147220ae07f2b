// Owns the rows of the table of grids: in which order, which of them. Pure.
import type { Target } from "../../../api/boards";
import type { Board } from "../../../features/drawing/board";
import type { Ground } from "../../../features/drawing/ground";
import type { Metrics } from "../../../features/drawing/metrics";
import type { Draft } from "../../../features/drawing/sheet";

export const COLUMNS = ["number", "households", "deviation", "cases", "compactness", "contiguity", "moved", "open"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  readonly column: Column;
  readonly down: boolean;
}

export interface Row {
  readonly draft: Draft;
  readonly metrics: Metrics;
  readonly pieces: number;
  readonly target: Target;
}

/** What is not given has no column. */
export const columnsOf = (ground: Ground): readonly Column[] =>
  COLUMNS.filter((column) => (column === "cases" ? ground.casesMonth !== null : column === "moved" ? ground.original !== null : column !== "open" || (ground.original !== null && ground.openCases !== null)));

function figure({ draft, metrics, pieces }: Row, column: Column): number {
  switch (column) {
    case "number":
      return draft.number;
    case "households":
      return metrics.households ?? 0;
    case "deviation":
      return metrics.deviation ?? 0;
    case "cases":
      return metrics.cases_month ?? 0;
    case "compactness":
      return metrics.compactness ?? 0;
    case "contiguity":
      return pieces;
    case "moved":
      return metrics.households_moved ?? 0;
    case "open":
      return metrics.open_cases_moved ?? 0;
  }
}

export function rowsOf(board: Board, order: Order, filter: string, lang: "zh" | "en"): Row[] {
  const wanted = filter.trim().toLowerCase();
  const rows: Row[] = [];
  for (const draft of board.sheet.drafts.values()) {
    const { number, names, code } = draft;
    const heard = [String(number), names[lang] ?? "", code ?? ""];
    if (wanted !== "" && !heard.some((one) => one.toLowerCase().includes(wanted))) continue;
    rows.push({ draft, metrics: board.metrics(number), pieces: board.pieces(number), target: board.targetOf(number) });
  }
  const way = order.down ? -1 : 1;
  return rows.sort((one, other) => way * (figure(one, order.column) - figure(other, order.column)) || one.draft.number - other.draft.number);
}
