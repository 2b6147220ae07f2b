// Owns what is on paper beside the map: the legend in words, the first rows of the table, the source. Not seen on the screen.
import { createPortal } from "react-dom";
import type { City } from "../../api/city";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import type { PictureRow } from "./picture";
import "./print.css";

interface Props {
  readonly city: City;
  readonly legend: { readonly title: string; readonly rows: readonly PictureRow[] } | null;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const MOST = 40;

export function PrintSheet({ city, legend, columns, rows }: Props) {
  const text = useText();
  return createPortal(
    <section className="print-sheet" aria-hidden="true">
      {legend === null ? null : (
        <div className="print-legend">
          <strong>{legend.title}</strong>
          <ul>
            {legend.rows.map((row) => (
              <li key={row.words}>
                <span className="swatch" style={{ backgroundColor: row.colour }} />
                {row.words} {row.figure === "" ? null : <span>({row.figure})</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
      <table>
        <caption>{text("signals.export.table", { n: Math.min(MOST, rows.length) })}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((cells) => (
            <tr key={cells.slice(0, 2).join()}>
              {cells.map((cell, index) => (
                <td key={columns[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">{text("signals.export.source", { city: city.names[text.lang], at: instantText(text.lang, new Date().toISOString(), city.timezone) })}</p>
    </section>,
    document.body,
  );
}
