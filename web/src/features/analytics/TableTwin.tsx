// Owns the table twin of a map: the same figures, sorted by any column, filtered, reachable by keyboard, downloadable.
import { useDeferredValue, useMemo, useState } from "react";
import { DownloadIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { saveText } from "../../state/save";
import { csvOf, filterRows, type Order, type Row, sortRows } from "./rows";
import "./table.css";

/** A figure of every row. */
export interface FigureColumn {
  readonly key: string;
  readonly title: string;
  readonly write: (value: number | null) => string;
  /** Whether the figures of several rows add up. */
  readonly adds: boolean;
  /** Left out where there is little room. */
  readonly wide?: boolean;
  /** Leads to what is behind the number. */
  readonly onOpen?: (id: string) => void;
}

interface Props {
  readonly title: string;
  readonly rows: readonly Row[];
  /** The first one is what rows are sorted by at first. */
  readonly figures: readonly FigureColumn[];
  readonly selected: string | null;
  readonly fileName: string;
  readonly onGo: (id: string) => void;
}

const PAGE = 300;

export function TableTwin({ title, rows, figures, selected, fileName, onGo }: Props) {
  const text = useText();
  const [order, setOrder] = useState<Order>({ column: figures[0]?.key ?? "code", down: true });
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(PAGE);
  const question = useDeferredValue(wanted);
  const shown = useMemo(() => sortRows(filterRows(rows, question), order, text.lang), [rows, question, order, text.lang]);
  const heads = [{ key: "name", title: text("table.name"), className: "" }, { key: "code", title: text("table.code"), className: "col-wide" }];
  const columns = [...heads, ...figures.map((one) => ({ ...one, className: `figure${one.wide === true ? " col-wide" : ""}` }))];
  return (
    <div className="table-twin">
      <div className="table-tools">
        <h2>{title}</h2>
        <input className="input" type="search" aria-label={text("table.filter")} placeholder={text("table.filter")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <span className="help" role="status">
          {text("table.rows", { n: shown.length })}
        </span>
        <button type="button" className="button" onClick={() => saveText(fileName, csvOf(shown, columns))}>
          <DownloadIcon />
          {text("table.csv")}
        </button>
      </div>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={text("table")}>
        <table>
          <thead>
            <tr>
              {columns.map(({ key, title: heading, className }) => (
                <th key={key} scope="col" className={className} aria-sort={order.column === key ? (order.down ? "descending" : "ascending") : "none"}>
                  <button
                    type="button"
                    title={text("table.sort", { column: heading })}
                    onClick={() => setOrder({ column: key, down: order.column === key ? !order.down : key !== "name" && key !== "code" })}
                  >
                    {heading}
                    <span aria-hidden="true" className="arrow">
                      {order.column === key ? (order.down ? "▼" : "▲") : ""}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, most).map((row) => (
              <tr key={row.id} className={row.id === selected ? "selected" : undefined} data-code={row.code}>
                <th scope="row">
                  <button type="button" title={text("table.go", { name: row.name })} onClick={() => onGo(row.id)}>
                    {row.name}
                  </button>
                </th>
                <td className="col-code col-wide">{row.code}</td>
                {figures.map((column) => (
                  <Cell key={column.key} column={column} row={row} />
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{text("table.total")}</th>
              <td className="col-wide" />
              {figures.map((column, index) => (
                <td key={column.key} className={`figure${column.wide === true ? " col-wide" : ""}`} data-testid={index === 0 ? "table-sum" : undefined}>
                  {column.adds ? column.write(sumOf(shown.map((row) => row.figures[column.key] ?? null))) : null}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
        {shown.length === 0 ? <p className="help table-empty">{text("table.empty")}</p> : null}
        {shown.length > most ? (
          <button type="button" className="button table-more" onClick={() => setMost(most + PAGE)}>
            {text("table.more", { n: Math.min(PAGE, shown.length - most) })}
          </button>
        ) : null}
      </div>
    </div>
  );
}

function Cell({ column, row }: { readonly column: FigureColumn; readonly row: Row }) {
  const value = row.figures[column.key] ?? null;
  const { onOpen } = column;
  const written = column.write(value);
  return (
    <td className={`figure${column.wide === true ? " col-wide" : ""}`}>
      {onOpen === undefined || value === null || value === 0 ? (
        written
      ) : (
        <button type="button" aria-label={`${row.name}: ${column.title} ${written}`} onClick={() => onOpen(row.id)}>
          {written}
        </button>
      )}
    </td>
  );
}

/** The sum of what is known; null when nothing is. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
