// Owns the table of grids with their live figures: sorted, filtered; only the rows in view are there, so thousands cost no more than thirty.
import { memo, useEffect, useRef, useState } from "react";
import { LockIcon } from "../../../design/icons";
import type { Drawing } from "../../../features/drawing/drawing";
import type { Metrics } from "../../../features/drawing/metrics";
import { leastOf, mostOf } from "../../../features/drawing/sheet";
import { useText } from "../../../i18n/language";
import { number } from "../../../i18n/text";
import { Band } from "./Band";
import { type Column, columnsOf, type Order, rowsOf, type Row } from "./rows";

const ROW_PX = 34;
const SPARE = 8;

interface Props {
  readonly drawing: Drawing;
  readonly version: number;
  readonly chosen: number | null;
  readonly onChoose: (number: number) => void;
}

export function GridTable({ drawing, chosen, onChoose }: Props) {
  const text = useText();
  const [order, setOrder] = useState<Order>({ column: "number", down: false });
  const [filter, setFilter] = useState("");
  const [top, setTop] = useState(0);
  const [tall, setTall] = useState(900);
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = scroll.current;
    if (box === null) return undefined;
    const watched = new ResizeObserver(() => setTall(box.clientHeight));
    watched.observe(box);
    return () => watched.disconnect();
  }, []);
  const rows = rowsOf(drawing.board, order, filter, text.lang);
  const columns = columnsOf(drawing.ground);
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE);
  const shown = rows.slice(first, first + Math.ceil(tall / ROW_PX) + 2 * SPARE);
  return (
    <>
      <input className="input editor-filter" type="search" value={filter} placeholder={text("drawing.filter")} aria-label={text("drawing.filter")} onChange={(event) => setFilter(event.target.value)} />
      <div
        className="editor-scroll"
        ref={scroll}
        tabIndex={0}
        role="region"
        aria-label={text("drawing.panel")}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <table className="editor-grids" aria-rowcount={rows.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <th key={column} scope="col" aria-sort={order.column === column ? (order.down ? "descending" : "ascending") : "none"}>
                  <button type="button" onClick={() => setOrder((was) => ({ column, down: was.column === column ? !was.down : column !== "number" }))}>
                    {text(`drawing.col.${column}`)}
                    <span aria-hidden="true">{order.column === column ? (order.down ? " ▾" : " ▴") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 ? <Gap rows={first} /> : null}
            {shown.map((row, index) => <GridRow key={row.draft.number} row={row} columns={columns} place={first + index + 2} chosen={chosen === row.draft.number} onChoose={onChoose} />)}
            {first + shown.length < rows.length ? <Gap rows={rows.length - first - shown.length} /> : null}
          </tbody>
        </table>
        {rows.length === 0 ? <p className="editor-empty">{text("drawing.none")}</p> : null}
      </div>
    </>
  );
}

/** Room for rows that are not in view. */
function Gap({ rows }: { readonly rows: number }) {
  return (
    <tr aria-hidden="true">
      <td>
        <svg width="1" height={rows * ROW_PX} aria-hidden="true" />
      </td>
    </tr>
  );
}

interface RowProps {
  readonly row: Row;
  readonly columns: readonly Column[];
  readonly place: number;
  readonly chosen: boolean;
  readonly onChoose: (number: number) => void;
}

const GridRow = memo(
  function GridRow({ row, columns, place, chosen, onChoose }: RowProps) {
    const text = useText();
    const { draft, metrics } = row;
    const name = draft.names[text.lang] ?? draft.names["zh"] ?? "";
    return (
      <tr className={chosen ? "selected" : undefined} aria-current={chosen} aria-rowindex={place} data-grid={draft.number}>
        {columns.map((column) =>
          column === "number" ? (
            <th key={column} scope="row">
              <button type="button" title={name === "" ? undefined : name} onClick={() => onChoose(draft.number)}>
                {draft.number}
                {draft.locked ? <span className="editor-lock" title={text("drawing.locked")}><LockIcon /><span className="visually-hidden">{text("drawing.locked")}</span></span> : null}
              </button>
            </th>
          ) : column === "households" ? (
            <td key={column} className="figure"><Band households={metrics.households ?? 0} least={leastOf(row.target)} most={mostOf(row.target)} /></td>
          ) : (
            <td key={column} className="figure"><Cell column={column} metrics={metrics} pieces={row.pieces} /></td>
          ),
        )}
      </tr>
    );
  },
  (one, other) => one.chosen === other.chosen && one.place === other.place && one.row.draft === other.row.draft && one.row.metrics === other.row.metrics && one.columns.length === other.columns.length,
);

function Cell({ column, metrics, pieces }: { readonly column: Exclude<Column, "number" | "households">; readonly metrics: Metrics; readonly pieces: number }) {
  const text = useText();
  const { lang } = text;
  switch (column) {
    case "deviation": {
      const share = Math.round((metrics.deviation ?? 0) * 100);
      return <span className={metrics.in_band === 1 ? undefined : "off"}>{`${share > 0 ? "+" : share < 0 ? "−" : ""}${number(lang, Math.abs(share))} %`}</span>;
    }
    case "cases":
      return metrics.cases_month === undefined ? "–" : number(lang, metrics.cases_month, 1);
    case "compactness":
      return metrics.compactness === undefined ? "–" : number(lang, metrics.compactness, 2);
    case "contiguity":
      return pieces === 1 ? text("drawing.whole") : <span className="bad">{text("drawing.pieces", { n: pieces })}</span>;
    case "moved":
      return metrics.households_moved === undefined ? "–" : number(lang, metrics.households_moved);
    case "open":
      return metrics.open_cases_moved === undefined ? "–" : number(lang, metrics.open_cases_moved);
  }
}
