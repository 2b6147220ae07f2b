// Owns the list behind a number: the incidents or cases that it counts, page by page; each leads to itself.
import { useEffect, useRef } from "react";
import type { Dimension } from "../../api/counts";
import { CloseIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText, type Text } from "../../i18n/text";
import { IncidentSection } from "../incidents/IncidentSection";
import { statusWord } from "../incidents/words";
import type { Asked } from "./asked";
import { type Behind, lightOf, type LineLight, listParams, totalOf, totalQuestion } from "./behind";
import { type Line, useBehindTotal, useLines } from "./queries";
import { stateWord } from "./words";
import "./behind.css";

interface Props {
  readonly asked: Asked;
  readonly behind: Behind;
  /** What was counted by. */
  readonly level: Dimension;
  /** The area that is filtered by lies within the group's own. */
  readonly within: boolean;
  readonly name: string;
  /** What is to be known of how it is counted. */
  readonly note: string | null;
  readonly timeZone: string;
  readonly incident: string | null;
  readonly onIncident: (id: string | null) => void;
  readonly onClose: () => void;
}

export function BehindList({ asked, behind, level, within, name, note, timeZone, incident, onIncident, onClose }: Props) {
  const text = useText();
  const question = totalQuestion(asked, behind, level, within);
  const counted = useBehindTotal(question.by, question.measures, question.params);
  const total = counted.data === undefined ? null : totalOf(counted.data, asked, behind);
  const lines = useLines(asked.of, listParams(asked, behind, level, within));
  const heading = useRef<HTMLHeadingElement>(null);
  const about = JSON.stringify(behind);
  useEffect(() => heading.current?.focus(), [about]);
  const items = lines.data?.pages.flatMap((page) => page.lines) ?? [];
  const error = lines.error ?? counted.error;
  const title = total === null ? name : text(behind.which === "count" ? (asked.of === "cases" ? "board.behind.cases" : "board.behind.incidents") : `board.behind.${behind.which}`, { name, n: total });
  return (
    <aside
      className="side point behind"
      aria-label={text("board.behind.list")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (incident === null) onClose();
        else onIncident(null);
      }}
    >
      <div className="side-head">
        <h2 ref={heading} tabIndex={-1} data-testid="behind-title">
          {title}
        </h2>
        <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <div className="side-body" aria-busy={lines.isFetching}>
        {incident === null ? null : <IncidentSection id={incident} timeZone={timeZone} backTo={text("board.behind.back")} onBack={() => onIncident(null)} />}
        <div hidden={incident !== null}>
          {error === null ? null : <Trouble error={error} onRetry={() => void Promise.all([lines.refetch(), counted.refetch()])} />}
          {note === null ? null : <p className="help lines-foot">{note}</p>}
          {lines.isPending ? <Bones /> : null}
          <ul className="lines">
            {items.map((line) => (
              <Entry key={line.id} line={line} of={asked.of} late={behind.which === "overdue"} timeZone={timeZone} onOpen={onIncident} />
            ))}
          </ul>
          {total === null || items.length === 0 ? null : (
            <p className="help lines-foot" role="status" data-testid="behind-shown">
              {text("board.behind.shown", { n: items.length, total })}
            </p>
          )}
          {lines.hasNextPage ? (
            <button type="button" className="button lines-more" disabled={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>
              {text("board.behind.more", { n: Math.min(50, Math.max((total ?? 50) - items.length, 1)) })}
            </button>
          ) : null}
        </div>
      </div>
    </aside>
  );
}

interface EntryProps {
  readonly line: Line;
  readonly of: Asked["of"];
  /** Of a list of what was overdue. */
  readonly late: boolean;
  readonly timeZone: string;
  readonly onOpen: (id: string) => void;
}

function Entry({ line, of, late, timeZone, onOpen }: EntryProps) {
  const text = useText();
  return (
    <li>
      <button type="button" data-id={line.id} onClick={() => onOpen(line.id)}>
        <span className="line-what">{line.category[text.lang]}</span>
        <span className="tag">{of === "cases" ? stateWord(line.state, text) : statusWord(line.state, text)}</span>
        <span className="line-when">
          {line.number} · {instantText(text.lang, line.at, timeZone)}
        </span>
        <Light light={lightOf(line.light, late)} text={text} />
      </button>
    </li>
  );
}

/** The colour of a state always comes with its word. */
function Light({ light, text }: { readonly light: LineLight | null; readonly text: Text }) {
  return light === null ? null : (
    <span className="line-light" data-light={light}>
      {text(`board.light.${light}`)}
    </span>
  );
}

function Bones() {
  return (
    <div className="panel-section" aria-hidden="true">
      {Array.from({ length: 8 }, (_, index) => (
        <span key={index} className="skeleton line-bone" />
      ))}
    </div>
  );
}
