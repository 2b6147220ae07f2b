// Owns the list of plans beside the map of communities, the line of versions below, and the form for a new plan.
import { useMemo, useRef, useState } from "react";
import type { City } from "../../api/city";
import type { Plan } from "../../api/plans";
import { PlusIcon } from "../../design/icons";
import type { PlanView } from "../../features/plans/address";
import { NewPlan } from "../../features/plans/NewPlan";
import { PlanList } from "../../features/plans/PlanList";
import { usePlanList } from "../../features/plans/queries";
import type { ChangePlans } from "../../features/plans/usePlans";
import { VersionLine } from "../../features/plans/VersionLine";
import { useText } from "../../i18n/language";
import type { MapHandle } from "../../map/MapView";
import { useMay } from "../../state/session";
import { CommunityStage } from "./CommunityStage";
import { missed } from "./missed";
import { useReach } from "./useReach";

interface Props {
  readonly city: City;
  readonly view: PlanView;
  readonly change: ChangePlans;
}

const NOBODY: ReadonlySet<string> = new Set();
const NO_PLANS: readonly Plan[] = [];

export function ListView({ city, view, change }: Props) {
  const text = useText();
  const may = useMay();
  const handle = useRef<MapHandle>(null);
  const reach = useReach(city);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NOBODY);
  const list = usePlanList(null);
  const plans = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? NO_PLANS, [list.data]);
  const fresh = view.fresh && may("plans.edit");
  const pickable = useMemo(() => (fresh ? new Set(reach.mine.map((one) => one.id)) : null), [fresh, reach.mine]);
  return (
    <>
      <aside className="plan-panel" aria-label={text("plans.panel")}>
        <div className="plan-panel-head">
          <h2>{text(fresh ? "plans.new" : "plans.title")}</h2>
          {may("plans.edit") && !fresh ? (
            <button type="button" className="button primary" onClick={() => change({ fresh: true })}>
              <PlusIcon />
              {text("plans.new")}
            </button>
          ) : null}
        </div>
        <div className="plan-panel-body">
          {fresh ? (
            <NewPlan
              communities={reach.mine}
              plans={plans}
              chosen={chosen}
              onChosen={setChosen}
              onMade={(plan, failed) => {
                missed.put(plan.id, failed);
                setChosen(NOBODY);
                change({ plan: plan.id, fresh: false, show: "parts", camera: null });
              }}
              onCancel={() => {
                setChosen(NOBODY);
                change({ fresh: false });
              }}
            />
          ) : (
            <PlanList zone={city.timezone} nameOf={reach.nameOf} onOpen={(plan) => change({ plan, show: "parts", camera: null })} />
          )}
        </div>
      </aside>
      <main className="plan-stage" id="stage" tabIndex={-1}>
        <CommunityStage
          city={city}
          communities={reach.all}
          handle={handle}
          pickable={pickable}
          chosen={fresh ? chosen : NOBODY}
          onChosen={setChosen}
          there={NOBODY}
          camera={view.camera}
          onCamera={(camera) => change({ camera })}
        />
      </main>
      <VersionLine plans={plans} zone={city.timezone} onOpen={(plan) => change({ plan, fresh: false, show: "publish", camera: null })} />
    </>
  );
}
