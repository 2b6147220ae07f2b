// Owns what can be done with the grids that are chosen on the map.
import type { PlanGrid } from "../../api/plans";
import { CloseIcon } from "../../design/icons";
import type { PlanView } from "../../features/plans/address";
import type { ChangePlans } from "../../features/plans/usePlans";
import { gridName, signed } from "../../features/plans/words";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";

interface Props {
  readonly view: PlanView;
  readonly change: ChangePlans;
  readonly grids: readonly PlanGrid[];
  readonly draft: boolean;
}

export function Chosen({ view, change, grids, draft }: Props) {
  const text = useText();
  const chosen = grids.filter((one) => one.part_id === view.part && view.grids.includes(one.number));
  const first = chosen[0];
  if (first === undefined) return null;
  const households = chosen.reduce((sum, one) => sum + one.households, 0);
  const single = chosen.length === 1;
  return (
    <section className="plan-chosen" aria-live="polite">
      <span>
        <strong>{single ? gridName(text, first) : text("plans.grid.chosen", { n: chosen.length })}</strong>{" "}
        <span className="help">
          {text("plans.grid.households", { n: number(text.lang, households) })}
          {single ? ` · ${signed(text, first.deviation * 100, 0)} %${first.code === null ? "" : ` · ${first.code}`}` : ""}
        </span>
      </span>
      {draft ? (
        <>
          <button type="button" className="button" onClick={() => change({ show: "propose" })}>
            {text("plans.grid.propose")}
          </button>
          <button type="button" className="button" onClick={() => change({ edit: view.part })}>
            {text("plans.grid.draw")}
          </button>
        </>
      ) : null}
      <button type="button" className="button plain square" aria-label={text("plans.grid.chosen.clear")} onClick={() => change({ grids: [] })}>
        <CloseIcon />
      </button>
    </section>
  );
}

