// Owns the table of what becomes of each grid: those that change first; a row leads to the grid on the map.
import { useState } from "react";
import { type Compared, FATES, type GridPair } from "../../api/effects";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { gridName, signed } from "./words";

interface Props {
  readonly compared: readonly Pick<Compared, "community_id" | "names" | "grids">[];
  readonly onGrid: ((community: string, number: number) => void) | null;
}

interface Row {
  readonly community: string;
  readonly communityName: string;
  readonly pair: GridPair;
}

const PAGE = 100;
const weight = ({ fate }: GridPair): number => (fate === "same" ? FATES.length : FATES.indexOf(fate));

export function GridTable({ compared, onGrid }: Props) {
  const text = useText();
  const [most, setMost] = useState(PAGE);
  const rows = compared
    .flatMap((one) => one.grids.map((pair): Row => ({ community: one.community_id, communityName: one.names[text.lang], pair })))
    .toSorted((one, other) => weight(one.pair) - weight(other.pair) || other.pair.came + other.pair.went - one.pair.came - one.pair.went);
  const many = compared.length > 1;
  return (
    <section>
      <h3>{text("plans.compare.table")}</h3>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={text("plans.compare.table")}>
        <table className="figures grid-table">
          <thead>
            <tr>
              <th scope="col">{text("plans.part.grids")}</th>
              <th scope="col">{text("plans.fate")}</th>
              <th scope="col" className="figure">
                {text("plans.figure.households")}
              </th>
              <th scope="col" className="figure">
                {text("plans.figure.came")}
              </th>
              <th scope="col" className="figure">
                {text("plans.figure.went")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row) => (
              <Line key={`${row.community}-${row.pair.before?.number ?? ""}-${row.pair.after?.number ?? ""}`} row={row} many={many} onGrid={onGrid} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most ? (
        <button type="button" className="button" onClick={() => setMost(most + PAGE)}>
          {text("plans.preview.list.more")}
        </button>
      ) : null}
    </section>
  );
}

function Line({ row: { community, communityName, pair }, many, onGrid }: { readonly row: Row; readonly many: boolean; readonly onGrid: Props["onGrid"] }) {
  const text = useText();
  const held = pair.after ?? pair.before;
  if (held === null) return null;
  const { before, after } = pair;
  const name = gridName(text, held);
  const whole = (value: number): string => (value === 0 ? "" : number(text.lang, value));
  return (
    <tr data-fate={pair.fate}>
      <th scope="row">
        {onGrid === null || after === null ? (
          name
        ) : (
          <button type="button" className="linklike" onClick={() => onGrid(community, after.number)}>
            {name}
          </button>
        )}
        {many ? <span className="help"> {communityName}</span> : null}
      </th>
      <td>{text(`plans.fate.${pair.fate}`)}</td>
      <td className="figure">
        {number(text.lang, held.households)}
        {before === null || after === null || before.households === after.households ? null : <span className="help"> {signed(text, after.households - before.households)}</span>}
      </td>
      <td className="figure">{whole(pair.came)}</td>
      <td className="figure">{whole(pair.went)}</td>
    </tr>
  );
}
