// Owns the ranking: who has most, as zero-based bars with their number and what has changed; a name selects, a number opens what is behind it.
import { type ReactNode, useMemo, useState } from "react";
import { Pick } from "../../design/Drop";
import { useText } from "../../i18n/language";
import { type Scale, writeChange, writeValue } from "./measures";
import { changeOf, RANK_ORDERS, type Ranked, type RankOrder, sortRanked } from "./ranking";
import "./ranking.css";

interface Props {
  /** undefined: under way. */
  readonly rows: readonly Ranked[] | undefined;
  readonly scale: Scale;
  /** The days that are shown, and what values are compared with, in words. */
  readonly about: string;
  readonly selected: string | null;
  /** null: rows stand for nothing on the map. */
  readonly onSelect: ((id: string) => void) | null;
  /** null: not for whoever may only count. */
  readonly onOpen: ((id: string) => void) | null;
  readonly children?: ReactNode;
}

const PAGE = 60;

export function Ranking({ rows, scale, about, selected, onSelect, onOpen, children }: Props) {
  const text = useText();
  const [order, setOrder] = useState<RankOrder>("most");
  const [most, setMost] = useState(PAGE);
  const sorted = useMemo(() => sortRanked(rows ?? [], order, text.lang), [rows, order, text.lang]);
  const longest = Math.max(0, ...sorted.map((row) => row.value ?? 0));
  if (rows === undefined) return <Bones />;
  return (
    <div className="ranking">
      <div className="rank-tools">
        <p className="help">{about}</p>
        <Pick label={text("board.rank.sort")} value={order} choices={RANK_ORDERS.map((value) => ({ value, label: text(`board.rank.sort.${value}`) }))} onChange={setOrder} />
      </div>
      {sorted.length === 0 ? <p className="help">{text("board.rank.empty")}</p> : null}
      <ol>
        {sorted.slice(0, most).map((row) => (
          <Bar key={row.id} row={row} scale={scale} longest={longest} selected={row.id === selected} onSelect={onSelect} onOpen={onOpen} />
        ))}
      </ol>
      {sorted.length > most ? (
        <button type="button" className="button" onClick={() => setMost(most + PAGE)}>
          {text("board.rank.more", { n: Math.min(PAGE, sorted.length - most) })}
        </button>
      ) : null}
      {children}
    </div>
  );
}

interface BarProps {
  readonly row: Ranked;
  readonly scale: Scale;
  readonly longest: number;
  readonly selected: boolean;
  readonly onSelect: ((id: string) => void) | null;
  readonly onOpen: ((id: string) => void) | null;
}

function Bar({ row, scale, longest, selected, onSelect, onOpen }: BarProps) {
  const text = useText();
  const written = writeValue(text, scale, row.value);
  const share = longest === 0 || row.value === null ? 0 : row.value / longest;
  const openable = onOpen !== null && row.count > 0;
  return (
    <li data-code={row.code} data-selected={selected}>
      {onSelect === null ? (
        <span className="rank-name">{row.name}</span>
      ) : (
        <button type="button" className="rank-name" aria-pressed={selected} title={text("board.rank.select", { name: row.name })} onClick={() => onSelect(row.id)}>
          {row.name}
        </button>
      )}
      {row.value === row.count ? <Change row={row} scale={scale} /> : <span className="rank-change">{text("board.rank.of", { n: row.count })} <Change row={row} scale={scale} /></span>}
      {openable ? (
        <button type="button" className="rank-value" aria-label={text("board.rank.open", { name: row.name, n: written })} onClick={() => onOpen(row.id)}>
          {written}
        </button>
      ) : (
        <span className="rank-value">{written}</span>
      )}
      <svg className="rank-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="1" className="off" />
        <rect width={share * 100} height="1" className="on" />
      </svg>
    </li>
  );
}

/** What has changed against the span before. */
function Change({ row, scale }: { readonly row: Ranked; readonly scale: Scale }) {
  const text = useText();
  const change = changeOf(row);
  return <span className="rank-change">{change === null ? "" : writeChange(text.lang, scale, change * scale.factor)}</span>;
}

function Bones() {
  return (
    <div className="ranking" aria-hidden="true">
      {Array.from({ length: 12 }, (_, index) => (
        <span key={index} className="skeleton rank-bone" />
      ))}
    </div>
  );
}
