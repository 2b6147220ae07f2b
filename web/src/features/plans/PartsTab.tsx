// Owns the communities of a plan with their figures; adding some; going over to newer ground; the way into the editor.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type Community, type Part, type Plan, type PlanGrid, rebasePart } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { addAll, type NotAdded } from "./adding";
import { CommunityPicker } from "./CommunityPicker";
import { figuresOf, type PartFigures } from "./figures";
import { useRefresh } from "./queries";

interface Props {
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly grids: readonly PlanGrid[] | undefined;
  /** Communities that could be added. */
  readonly left: readonly Community[];
  readonly nameOf: (community: string) => string;
  readonly mayDraw: (community: string) => boolean;
  readonly mayEdit: boolean;
  readonly adding: boolean;
  readonly onAdding: (adding: boolean) => void;
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  readonly onShow: (part: Part) => void;
  readonly onDraw: (part: Part) => void;
  /** A community that could not be added when the plan was made. */
  readonly failed: NotAdded | null;
}

export function PartsTab(props: Props) {
  const { plan, parts, grids, left, nameOf, mayEdit, adding, onAdding, chosen, onChosen } = props;
  const text = useText();
  const refresh = useRefresh();
  const [at, setAt] = useState<string | null>(null);
  const add = useMutation({
    mutationFn: () => addAll(plan.id, left.filter((one) => chosen.has(one.id)), (one) => setAt(one.names[text.lang])),
    onSuccess: (failed) => {
      onChosen(new Set());
      if (failed === null) onAdding(false);
    },
    onSettled: async () => {
      setAt(null);
      await refresh();
    },
  });
  const failed = add.data ?? (add.isIdle ? props.failed : null);
  const draft = plan.state === "draft" && mayEdit;
  const figures = figuresOf(grids ?? []);
  return (
    <div className="tab-body">
      {failed === null ? null : <Trouble error={failed.error} title={text("plans.add.failed", { name: failed.community.names[text.lang] })} />}
      {parts.length === 0 && !adding ? (
        <div className="plans-empty">
          <p>{text("plans.parts.none")}</p>
          {draft ? <p className="help">{text("plans.parts.none.do")}</p> : null}
        </div>
      ) : null}
      {parts.length === 0 ? null : (
        <table className="figures">
          <caption className="visually-hidden">{text("plans.parts", { n: parts.length })}</caption>
          <thead>
            <tr>
              <th scope="col">{text("plans.community")}</th>
              <th scope="col" className="figure">
                {text("plans.part.grids")}
              </th>
              <th scope="col" className="figure">
                {text("plans.part.households")}
              </th>
              <th scope="col" className="figure">
                {text("plans.part.within")}
              </th>
              <th scope="col">
                <span className="visually-hidden">{text("plans.part.draw")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <Row key={part.id} part={part} name={nameOf(part.community_id)} figure={figures.get(part.id)} draft={draft && props.mayDraw(part.community_id)} onShow={props.onShow} onDraw={props.onDraw} />
            ))}
          </tbody>
          {parts.length > 1 ? (
            <tfoot>
              <tr>
                <th scope="row">{text("plans.parts", { n: parts.length })}</th>
                <td className="figure">{sum((one) => one.grids)}</td>
                <td className="figure">{sum((one) => one.households)}</td>
                <td className="figure">{sum((one) => one.within)}</td>
                <td />
              </tr>
            </tfoot>
          ) : null}
        </table>
      )}
      {draft && !adding ? (
        left.length === 0 ? (
          <p className="help">{text("plans.add.none")}</p>
        ) : (
          <button type="button" className={parts.length === 0 ? "button primary" : "button"} onClick={() => onAdding(true)}>
            {text("plans.add")}
          </button>
        )
      ) : null}
      {draft && adding ? (
        <div className="plan-form">
          <CommunityPicker communities={left} chosen={chosen} onChosen={onChosen} />
          <div className="plan-actions">
            <button type="button" className="button primary" disabled={add.isPending || chosen.size === 0} onClick={() => add.mutate()}>
              {text("plans.add.do", { n: chosen.size })}
            </button>
            <button type="button" className="button" disabled={add.isPending} onClick={() => onAdding(false)}>
              {text("plans.cancel")}
            </button>
            <span className="help" role="status">
              {at === null ? "" : text("plans.add.busy", { name: at })}
            </span>
          </div>
        </div>
      ) : null}
    </div>
  );

  function sum(of: (one: { readonly grids: number; readonly households: number; readonly within: number }) => number): string {
    return grids === undefined ? "…" : number(text.lang, [...figures.values()].reduce((total, one) => total + of(one), 0));
  }
}

interface RowProps {
  readonly part: Part;
  readonly name: string;
  /** undefined: not known yet. */
  readonly figure: PartFigures | undefined;
  readonly draft: boolean;
  readonly onShow: (part: Part) => void;
  readonly onDraw: (part: Part) => void;
}

function Row({ part, name, figure, draft, onShow, onDraw }: RowProps) {
  const text = useText();
  const whole = (value: number | undefined): string => (value === undefined ? "…" : number(text.lang, value));
  return (
    <tr data-part={part.id}>
      <th scope="row">
        <button type="button" className="linklike" title={text("plans.part.show", { name })} onClick={() => onShow(part)}>
          {name}
        </button>
        {part.revision === 0 ? null : <span className="help"> {text("plans.part.revision", { n: part.revision })}</span>}
        {part.outdated && draft ? <Rebase part={part} /> : null}
      </th>
      <td className="figure">{whole(figure?.grids)}</td>
      <td className="figure">{whole(figure?.households)}</td>
      <td className="figure">{whole(figure?.within)}</td>
      <td className="figure">
        <button type="button" className={draft ? "button" : "button plain"} aria-label={text("plans.part.draw.of", { name })} onClick={() => onDraw(part)}>
          {text(draft ? "plans.part.draw" : "plans.part.look")}
        </button>
      </td>
    </tr>
  );
}

function Rebase({ part }: { readonly part: Part }) {
  const text = useText();
  const refresh = useRefresh();
  const going = useMutation({ mutationFn: () => rebasePart(part), onSuccess: refresh });
  return (
    <span className="part-outdated">
      <span className="tag warn">{text("plans.part.outdated")}</span>
      <button type="button" className="linklike" disabled={going.isPending} onClick={() => going.mutate()}>
        {text("plans.part.rebase")}
      </button>
      {going.error === null ? null : <Trouble error={going.error} title={text("plans.part.rebase.failed")} />}
    </span>
  );
}

