// Owns everything that would move if the plan took effect: figures, areas, findings that block, matters without a body, cases.
import { useState } from "react";
import type { Moves, Preview } from "../../api/effects";
import type { Point } from "../../api/areas";
import type { Plan } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { CasesMoving } from "./CasesMoving";
import { Matters } from "./Matters";
import { percent } from "./words";
import { usePreview } from "./queries";

interface Props {
  readonly plan: Plan;
  readonly drawn: string;
  readonly nameOf: (community: string) => string;
  readonly mayEdit: boolean;
  /** Opens the editor at a finding; null: it cannot be mended there. */
  readonly onMend: (community: string, at: Point | null, grids: readonly number[]) => void;
}

const NOUNS = ["cases", "posts", "duties", "incidents"] as const;
const MOST = 12;

export function PreviewTab({ plan, drawn, nameOf, mayEdit, onMend }: Props) {
  const text = useText();
  const open = plan.state === "draft" || plan.state === "review" || plan.state === "approved";
  const found = usePreview(plan.id, drawn, open);
  const [list, setList] = useState(false);
  if (!open) return <div className="tab-body"><p className="help">{text("plans.preview.over")}</p></div>;
  if (found.error !== null) return <div className="tab-body"><Trouble error={found.error} onRetry={() => void found.refetch()} /></div>;
  if (found.data === undefined) return <div className="tab-body" aria-busy="true"><p className="help">{text("plans.preview.busy")}</p></div>;
  const told = found.data;
  const nothing = told.begun.length + told.changed.length + told.ending.length === 0;
  const cases = told.moves.find((one) => one.noun === "cases");
  return (
    <div className="tab-body preview" aria-busy={found.isFetching}>
      <p className="help">{text("plans.preview.what")}</p>
      {nothing ? <p className="notice">{text("plans.preview.nothing")}</p> : null}
      <Blocks told={told} nameOf={nameOf} draft={plan.state === "draft" && mayEdit} onMend={onMend} />
      <Matters plan={plan} open={told.open_matters} mayEdit={mayEdit && plan.state === "draft"} />
      <dl className="figures-list">
        <div>
          <dt>{text("plans.preview.households")}</dt>
          <dd data-testid="moved-households">{number(text.lang, told.moved_households)}</dd>
        </div>
        {NOUNS.map((noun) => {
          const moves = told.moves.find((one) => one.noun === noun);
          return moves === undefined ? null : <Moving key={noun} moves={moves} />;
        })}
      </dl>
      <p className="help">{text("plans.preview.who")}</p>
      <section>
        <h3>{text("plans.preview.areas")}</h3>
        <p>{[text("plans.preview.begun", { n: told.begun.length }), text("plans.preview.changed", { n: told.changed.length }), text("plans.preview.ending", { n: told.ending.length })].join(" · ")}</p>
        <ul className="plain-list">
          {told.ending.slice(0, MOST).map((one) => (
            <li key={one.area.id}>
              {one.area.names[text.lang]} <span className="help">{text("plans.preview.from.to", { from: one.area.code, to: one.heirs.map((heir) => text("plans.preview.heir", { code: heir.code, share: percent(text, heir.share, 0) })).join(" ") || text("plans.preview.nowhere") })}</span>
            </li>
          ))}
        </ul>
      </section>
      {(cases?.moved ?? 0) > 0 ? (
        list ? <CasesMoving plan={plan} drawn={drawn} /> : <button type="button" className="button" onClick={() => setList(true)}>{text("plans.preview.list")}</button>
      ) : null}
    </div>
  );
}

function Moving({ moves }: { readonly moves: Moves }) {
  const text = useText();
  return (
    <div>
      <dt>{text(`plans.preview.${moves.noun}`)}</dt>
      <dd data-testid={`moved-${moves.noun}`}>
        {moves.moved === null ? <span className="help">{text("plans.preview.later")}</span> : number(text.lang, moves.moved)}
        <span className="help"> {text("plans.preview.of", { n: moves.total })}</span>
        {moves.left === 0 ? null : <span className="tag warn">{text("plans.preview.left", { n: moves.left })}</span>}
      </dd>
    </div>
  );
}

interface BlocksProps {
  readonly told: Preview;
  readonly nameOf: (community: string) => string;
  readonly draft: boolean;
  readonly onMend: Props["onMend"];
}

function Blocks({ told, nameOf, draft, onMend }: BlocksProps) {
  const text = useText();
  if (told.blocking.length === 0) return told.open_matters.length === 0 ? <p className="clear">{text("plans.preview.clear")}</p> : null;
  return (
    <section className="notice bad blocks" role="alert">
      <strong>{text("plans.preview.blocks", { n: told.blocking.length })}</strong>
      <ul>
        {told.blocking.map(({ community_id: community, finding }, index) => {
          const [lon, lat] = finding.at ?? [];
          return (
            <li key={index}>
              <span>
                {nameOf(community)}：{finding.text[text.lang]}
              </span>
              {draft ? (
                <button type="button" className="button" onClick={() => onMend(community, lon === undefined || lat === undefined ? null : { lon, lat }, finding.grids)}>
                  {text("plans.preview.blocks.open")}
                </button>
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
