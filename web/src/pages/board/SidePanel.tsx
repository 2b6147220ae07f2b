// Owns what stands beside the map: the list behind a number, findings, or the ranking.
import type { ReactNode } from "react";
import type { Anchor } from "../../api/areas";
import { LEVELS } from "../../api/city";
import { isOfCases } from "../../api/counts";
import { Pick } from "../../design/Drop";
import { CloseIcon } from "../../design/icons";
import { BehindList } from "../../features/analytics/BehindList";
import { type Behind, whichOf } from "../../features/analytics/behind";
import { measureWord } from "../../features/analytics/measures";
import { Ranking } from "../../features/analytics/Ranking";
import { useText } from "../../i18n/language";
import { dayText, levelWord } from "../../i18n/text";
import { useHome } from "../../state/queries";
import type { Board } from "./slots";
import type { BoardData } from "./useBoardData";

interface Props {
  readonly board: Board;
  readonly data: BoardData;
  /** The area that is filtered by. */
  readonly area: Anchor | null;
  /** Of other parts of the board; null = the ranking stands here. */
  readonly findings: ReactNode | null;
  readonly ranking: boolean;
  /** Whether single incidents or cases may be read. */
  readonly reads: boolean;
}

export function SidePanel({ board, data, area, findings, ranking, reads }: Props) {
  const { behind } = board.view;
  if (behind !== null && reads) return <BehindPanel board={board} data={data} area={area} behind={behind} />;
  if (findings !== null) return findings;
  return ranking ? <RankingPanel board={board} data={data} reads={reads} /> : null;
}

const depth = (level: string): number => LEVELS.findIndex((one) => one === level);

function BehindPanel({ board, data, area, behind }: { readonly board: Board; readonly data: BoardData; readonly area: Anchor | null; readonly behind: Behind }) {
  const text = useText();
  const { city, view, change } = board;
  const other = view.asBy !== null && behind.group === "area";
  const [first = null, ...more] = behind.group === "area" || behind.group === "areas" ? (behind.id?.split(".") ?? []) : [];
  const home = useHome(other ? null : first).data ?? null;
  const group = other ? (data.rankAnchors?.get(first ?? "") ?? data.anchors?.get(first ?? "") ?? null) : home;
  const level = LEVELS.find((one) => one === group?.level) ?? (data.rank === "agency" ? view.level : data.rank);
  const names: Readonly<Record<Behind["group"], string>> = {
    all: text("board.behind.all"),
    area: group?.names[text.lang] ?? "…",
    areas: text(more.length === 0 ? "board.behind.areas.one" : "board.behind.areas", { name: group?.names[text.lang] ?? "…", n: more.length }),
    agency: behind.id === "0" ? text("board.agency.nobody") : (data.agencies?.find((one) => one.id === behind.id)?.names[text.lang] ?? "…"),
    outside: text("board.rank.outside"),
    above: text("board.rank.elsewhere", { level: levelWord(text, level) }),
  };
  return (
    <BehindList
      asked={data.asked}
      behind={behind}
      level={level}
      // A group that has any, and is larger than the area that is filtered by, holds it.
      within={area !== null && group !== null && depth(area.level) > depth(group.level)}
      name={names[behind.group]}
      note={other ? text("board.behind.asby") : null}
      timeZone={city.timezone}
      incident={view.incident}
      onIncident={(incident) => change({ incident })}
      onClose={() => change({ behind: null, incident: null })}
    />
  );
}

function RankingPanel({ board, data, reads }: { readonly board: Board; readonly data: BoardData; readonly reads: boolean }) {
  const text = useText();
  const { view, change, open } = board;
  const { rank, rankMeasure, compared, shown, ranking } = data;
  const write = (day: string): string => dayText(text.lang, day);
  const choices = [{ value: "agency" as const, label: text("board.rank.agency") }, ...data.levels.map((level) => ({ value: level, label: text(`level.${level}`) }))];
  const which = whichOf(rankMeasure);
  const period = shown === null ? "" : text("time.window", { from: write(shown.from), to: write(shown.to) });
  const about = compared === null ? period : `${period} · ${text("board.rank.before", { from: write(compared.from), to: write(compared.to) })}`;
  const rest = ranking?.counts;
  return (
    <aside className="side point rank-side" aria-label={text("board.rank")}>
      <div className="side-head">
        <h2>{measureWord(text, rankMeasure)}</h2>
        <Pick label={text("board.rank.by")} value={rank} choices={choices} onChange={(next) => change({ rank: next === view.level ? null : next })} />
        <button type="button" className="button plain square" aria-label={text("board.rank.hide")} onClick={() => change({ panel: "none" })}>
          <CloseIcon />
        </button>
      </div>
      <div className="side-body">
        <Ranking
          key={rank}
          rows={data.ranked ?? (data.error === null ? undefined : [])}
          scale={data.rankScale}
          about={about}
          selected={view.selected}
          onSelect={rank === "agency" ? null : (id) => select(board, data, id)}
          onOpen={reads ? (id) => open(rank === "agency" ? { group: "agency", id, which } : { group: "area", id, which }) : null}
        >
          {rank === "agency" && view.asBy !== null ? <p className="help">{text("board.rank.asby")}</p> : null}
          {rest === undefined || rank === "agency" || isOfCases(rankMeasure) ? null : (
            <Elsewhere outside={rest.unlocated} above={rest.above_level} level={levelWord(text, rank)} onOpen={reads && view.asBy === null ? (group) => open({ group, id: null, which: "count" }) : null} />
          )}
        </Ranking>
      </div>
    </aside>
  );
}

/** An area of the ranking is shown on the map, which takes its level where it is another. */
function select(board: Board, data: BoardData, id: string): void {
  const { rank } = data;
  if (rank !== "agency" && rank !== board.view.level) board.change({ level: rank, rank: null, hidden: [] });
  if (id === board.view.selected) board.change({ selected: null });
  else board.goToArea(id);
}

interface ElsewhereProps {
  readonly outside: number;
  readonly above: number;
  readonly level: string;
  readonly onOpen: ((group: "outside" | "above") => void) | null;
}

/** What is counted in the total but stands in no row. */
function Elsewhere({ outside, above, level, onOpen }: ElsewhereProps) {
  const text = useText();
  const rows = [
    { group: "outside" as const, n: outside, name: text("board.rank.outside") },
    { group: "above" as const, n: above, name: text("board.rank.elsewhere", { level }) },
  ].filter((row) => row.n > 0);
  if (rows.length === 0) return null;
  return (
    <ul className="elsewhere">
      {rows.map(({ group, n, name }) => (
        <li key={group}>
          <span className="soft">{name}</span>
          {onOpen === null ? (
            <span className="rank-value">{n}</span>
          ) : (
            <button type="button" className="rank-value" aria-label={text("board.rank.open", { name, n })} onClick={() => onOpen(group)}>
              {n}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
