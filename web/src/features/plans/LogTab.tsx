// Owns the log of a part: every step, whose it was, when, in which grids, and which were taken back.
import { useId } from "react";
import type { Part, Plan } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useLog } from "./queries";
import { operationWord } from "./words";

interface Props {
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly nameOf: (community: string) => string;
  readonly zone: string;
  readonly part: Part | null;
  readonly onPart: (part: string) => void;
}

const MOST_GRIDS = 8;

export function LogTab({ plan, parts, nameOf, zone, part, onPart }: Props) {
  const text = useText();
  const id = useId();
  const at = part ?? parts.toSorted((one, other) => other.revision - one.revision)[0] ?? null;
  const log = useLog(plan.id, at?.id ?? null, at?.revision ?? 0);
  const lines = log.data?.pages.flatMap((page) => page.items);
  return (
    <div className="tab-body">
      {parts.length > 1 ? (
        <div className="field">
          <label className="label" htmlFor={id}>
            {text("plans.log.of")}
          </label>
          <select id={id} className="input" value={at?.id ?? ""} onChange={({ target }) => onPart(target.value)}>
            {parts.map((one) => (
              <option key={one.id} value={one.id}>
                {nameOf(one.community_id)}
                {one.revision === 0 ? "" : ` · ${text("plans.part.revision", { n: one.revision })}`}
              </option>
            ))}
          </select>
        </div>
      ) : at === null ? null : (
        <h3>{nameOf(at.community_id)}</h3>
      )}
      {log.error === null ? null : <Trouble error={log.error} onRetry={() => void log.refetch()} />}
      {at === null || lines?.length === 0 ? (
        <div className="plans-empty">
          <p>{text("plans.log.none")}</p>
          <p className="help">{text("plans.log.none.do")}</p>
        </div>
      ) : null}
      <ol className="log" reversed>
        {lines?.map((line) => (
          <li key={line.no} value={line.no}>
            <strong>{line.undoes !== null ? text("plans.log.undoes", { n: line.undoes }) : line.redoes !== null ? text("plans.log.redoes", { n: line.redoes }) : operationWord(text, line.kind)}</strong>
            {line.grids.length === 0 || line.grids.length > MOST_GRIDS ? null : <span> · {text("plans.log.grids", { grids: line.grids.join(", ") })}</span>}
            <span className="help">{line.account === null ? instantText(text.lang, line.at, zone) : text("plans.log.who", { who: line.account, when: instantText(text.lang, line.at, zone) })}</span>
          </li>
        ))}
      </ol>
      {log.hasNextPage ? (
        <button type="button" className="button" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {text("plans.log.more")}
        </button>
      ) : null}
    </div>
  );
}
