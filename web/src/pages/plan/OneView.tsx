// Owns one plan: its head, its contents by tab, and the map that belongs to what is open.
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { City } from "../../api/city";
import { IN_FORCE } from "../../api/effects";
import type { FilePreview } from "../../api/planfiles";
import type { Part, Plan, PlanGrid } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { ChevronIcon } from "../../design/icons";
import type { PlanView } from "../../features/plans/address";
import { PlanHead } from "../../features/plans/PlanHead";
import { drawnKey, useComparison, useParts, usePlan, usePlanGrids, usePlanList } from "../../features/plans/queries";
import { around } from "../../features/plans/shapes";
import type { ChangePlans } from "../../features/plans/usePlans";
import { useText } from "../../i18n/language";
import type { MapHandle } from "../../map/MapView";
import { useMay } from "../../state/session";
import { CommunityStage } from "./CommunityStage";
import { CompareStage } from "./CompareStage";
import { PlanStage } from "./PlanStage";
import { Chosen } from "./Chosen";
import { Tabs } from "./Tabs";
import { TabBody } from "./TabBody";
import { useReach } from "./useReach";

interface Props {
  readonly city: City;
  readonly id: string;
  readonly view: PlanView;
  readonly change: ChangePlans;
}

const NO_GRIDS: readonly PlanGrid[] = [];
const NO_PLANS: readonly Plan[] = [];
const NOBODY: ReadonlySet<string> = new Set();

export function OneView({ city, id, view, change }: Props) {
  const text = useText();
  const may = useMay();
  const client = useQueryClient();
  const handle = useRef<MapHandle>(null);
  const reach = useReach(city);
  const plan = usePlan(id);
  const parts = useParts(id);
  const drawn = drawnKey(plan.data, parts.data);
  const grids = usePlanGrids(id, drawn, plan.data !== undefined && parts.data !== undefined);
  const list = usePlanList(null);
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NOBODY);
  const [effect, setEffect] = useState<FilePreview | null>(null);
  // What would move is drawn beside what is in force.
  const ahead = view.show === "preview" && plan.data?.effective_at === null;
  // A plan that brings boundaries back has grids without having drawn any.
  const comparing = (view.show === "compare" || ahead) && may("plans.preview") && ((parts.data?.length ?? 0) > 0 || (grids.data?.length ?? 0) > 0);
  const found = useComparison(id, ahead ? IN_FORCE : view.with, drawn, comparing && plan.data !== undefined && parts.data !== undefined);
  const there = useMemo(() => new Set((parts.data ?? []).map((one) => one.community_id)), [parts.data]);
  const left = useMemo(() => reach.mine.filter((one) => !there.has(one.id)), [reach.mine, there]);
  const leftIds = useMemo(() => new Set(left.map((one) => one.id)), [left]);
  const state = plan.data?.state;
  // New boundaries are in force: what this browser holds of the city is of before.
  const was = useRef(state);
  useEffect(() => {
    if (was.current !== undefined && was.current !== state && state === "effective") void client.invalidateQueries();
    was.current = state;
  }, [state, client]);

  const shownGrids = grids.data ?? NO_GRIDS;
  const plans = list.data?.pages.flatMap((page) => page.items) ?? NO_PLANS;
  const show = (part: Part): void => {
    const box = around(shownGrids.filter((one) => one.part_id === part.id).map((one) => one.bbox));
    if (box !== null) handle.current?.goToBox(box);
    change({ part: part.id, grids: [] });
  };
  const back = (
    <button type="button" className="button plain plan-back" onClick={() => change({ plan: null, show: "parts", part: null, grids: [], at: null, with: IN_FORCE, both: false, camera: null })}>
      <span className="turned">
        <ChevronIcon up={false} />
      </span>
      {text("plans.back")}
    </button>
  );
  if (plan.data === undefined || parts.data === undefined) {
    const error = plan.error ?? parts.error;
    return (
      <>
        <aside className="plan-panel" aria-label={text("plans.panel")} aria-busy={error === null}>
          {back}
          {error === null ? <p className="plan-opening">{text("plans.loading")}</p> : <Trouble error={error} title={text("plans.unknown")} onRetry={() => void Promise.all([plan.refetch(), parts.refetch()])} />}
        </aside>
        <main className="plan-stage" id="stage" aria-busy={error === null} />
      </>
    );
  }
  const mayEdit = may("plans.edit") && parts.data.every((one) => reach.mayDraw(one.community_id));
  const picking = adding && view.show === "parts";
  const stage = (): ReactNode => {
    if (picking || (parts.data.length === 0 && (grids.data?.length ?? 0) === 0 && view.show !== "compare")) {
      return <CommunityStage city={city} communities={reach.all} handle={handle} pickable={picking ? leftIds : null} chosen={chosen} onChosen={setChosen} there={there} camera={view.camera} onCamera={(camera) => change({ camera })} />;
    }
    if (grids.data === undefined) return grids.error === null ? <p className="plan-opening">{text("plans.loading")}</p> : <Trouble error={grids.error} onRetry={() => void grids.refetch()} />;
    if (comparing) return <CompareStage city={city} plan={plan.data} other={plans.find((one) => one.id === view.with) ?? null} grids={shownGrids} found={found.data} nameOf={reach.nameOf} view={ahead ? { ...view, with: IN_FORCE, both: false } : view} change={change} handle={handle} />;
    return (
      <PlanStage city={city} plan={plan.data} parts={parts.data} grids={shownGrids} view={view} change={change} handle={handle} nameOf={reach.nameOf} effect={view.show === "files" ? effect : null}>
        <Chosen view={view} change={change} grids={shownGrids} draft={plan.data.state === "draft" && mayEdit && parts.data.length > 0} />
      </PlanStage>
    );
  };
  return (
    <>
      <aside className="plan-panel" aria-label={text("plans.panel")}>
        {back}
        <PlanHead plan={plan.data} zone={city.timezone} mayEdit={mayEdit} onOpen={(other) => change({ plan: other, show: "parts", part: null, grids: [], camera: null })} />
        <Tabs show={view.show} onShow={(next) => change({ show: next })} />
        <div className="plan-panel-body" role="tabpanel" aria-label={text(`plans.tab.${view.show}`)}>
          <TabBody
            city={city}
            plan={plan.data}
            plans={plans}
            parts={parts.data}
            grids={grids.data}
            drawn={drawn}
            found={found}
            reach={reach}
            left={left}
            mayEdit={mayEdit}
            view={view}
            change={change}
            adding={adding}
            onAdding={setAdding}
            chosen={chosen}
            onChosen={setChosen}
            effect={effect}
            onEffect={setEffect}
            onShow={show}
            onPlace={(at) => {
              change({ at });
              handle.current?.goTo(at, 16);
            }}
          />
        </div>
      </aside>
      <main className="plan-stage" id="stage" tabIndex={-1}>
        {stage()}
      </main>
    </>
  );
}
