// Owns the table twin of the map: the same figures, sorted by any column, filtered, reachable by keyboard, downloadable.
import { useDeferredValue, useMemo, useState } from "react";
import type { Density } from "../../api/density";
import type { Level } from "../../api/city";
import { DownloadIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { levelWord, number } from "../../i18n/text";
import { type Column, filterRows, type Order, rowsOf, sortRows, toCsv } from "./rows";
import "./table.css";

interface Props {
  readonly density: Density;
  readonly level: Level;
  readonly selected: string | null;
  readonly fileName: string;
  readonly onGo: (id: string) => void;
}

const FIGURES: readonly Column[] = ["count", "households", "rate", "share"];
const COLUMNS: readonly Column[] = ["name", "code", ...FIGURES];
const PAGE = 300;

export function TableTwin({ density, level, selected, fileName, onGo }: Props) {
  const text = useText();
  const [order, setOrder] = useState<Order>({ column: "count", down: true });
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(PAGE);
  const question = useDeferredValue(wanted);
  const rows = useMemo(() => rowsOf(density.items, text.lang), [density, text.lang]);
  const shown = useMemo(() => sortRows(filterRows(rows, question), order, text.lang), [rows, question, order, text.lang]);
  const headings: Readonly<Record<Column, string>> = {
    name: text("table.name"),
    code: text("table.code"),
    count: text("table.count"),
    households: text("table.households"),
    rate: text("table.rate"),
    share: text("table.share"),
  };
  const save = (): void => {
    const body = toCsv(
      COLUMNS.map((column) => headings[column]),
      shown.map((row) => COLUMNS.map((column) => row[column])),
    );
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([body], { type: "text/csv;charset=utf-8" }));
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const sum = shown.reduce((total, row) => total + row.count, 0);
  const whole = (value: number | null): string => (value === null ? "—" : number(text.lang, value));
  return (
    <div className="table-twin">
      <div className="table-tools">
        <h2>{text("table.title", { level: levelWord(text, level) })}</h2>
        <input className="input" type="search" aria-label={text("table.filter")} placeholder={text("table.filter")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <span className="help" role="status">
          {text("table.rows", { n: shown.length })}
        </span>
        <button type="button" className="button" onClick={save}>
          <DownloadIcon />
          {text("table.csv")}
        </button>
      </div>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={text("table")}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col" className={FIGURES.includes(column) ? `figure col-${column}` : `col-${column}`} aria-sort={order.column === column ? (order.down ? "descending" : "ascending") : "none"}>
                  <button
                    type="button"
                    title={text("table.sort", { column: headings[column] })}
                    onClick={() => setOrder({ column, down: order.column === column ? !order.down : FIGURES.includes(column) })}
                  >
                    {headings[column]}
                    <span aria-hidden="true" className="arrow">
                      {order.column === column ? (order.down ? "▼" : "▲") : ""}
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
                <td className="col-code">{row.code}</td>
                <td className="figure">{whole(row.count)}</td>
                <td className="figure col-households">{whole(row.households)}</td>
                <td className="figure">{row.rate === null ? "—" : number(text.lang, row.rate, 2)}</td>
                <td className="figure col-share">{number(text.lang, row.share * 100, 1)} %</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{text("table.total")}</th>
              <td className="col-code" />
              <td className="figure" data-testid="table-sum">
                {whole(sum)}
              </td>
              <td className="figure col-households">{whole(sumOf(shown.map((row) => row.households)))}</td>
              <td />
              <td className="col-share" />
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

/** The sum of what is known; null when nothing is. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
