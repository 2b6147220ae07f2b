// Owns which contents of a plan stand in the panel.
import type { UseQueryResult } from "@tanstack/react-query";
import type { Point } from "../../api/areas";
import type { City } from "../../api/city";
import type { Comparison } from "../../api/effects";
import type { FilePreview } from "../../api/planfiles";
import type { Community, Part, Plan, PlanGrid } from "../../api/plans";
import type { PlanView } from "../../features/plans/address";
import { CompareTab } from "../../features/plans/CompareTab";
import { FilesTab } from "../../features/plans/FilesTab";
import { LogTab } from "../../features/plans/LogTab";
import { PartsTab } from "../../features/plans/PartsTab";
import { PreviewTab } from "../../features/plans/PreviewTab";
import { ProposeTab } from "../../features/plans/ProposeTab";
import { PublishTab } from "../../features/plans/PublishTab";
import type { ChangePlans } from "../../features/plans/usePlans";
import { missed } from "./missed";
import type { useReach } from "./useReach";

interface Props {
  readonly city: City;
  readonly plan: Plan;
  readonly plans: readonly Plan[];
  readonly parts: readonly Part[];
  readonly grids: readonly PlanGrid[] | undefined;
  readonly drawn: string;
  readonly found: UseQueryResult<Comparison>;
  readonly reach: ReturnType<typeof useReach>;
  readonly left: readonly Community[];
  readonly mayEdit: boolean;
  readonly view: PlanView;
  readonly change: ChangePlans;
  readonly adding: boolean;
  readonly onAdding: (adding: boolean) => void;
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  readonly effect: FilePreview | null;
  readonly onEffect: (effect: FilePreview | null) => void;
  readonly onShow: (part: Part) => void;
  readonly onPlace: (at: Point) => void;
}

export function TabBody(props: Props) {
  const { city, plan, parts, grids, reach, view, change, mayEdit } = props;
  const common = { plan, parts, mayEdit, nameOf: reach.nameOf, mayDraw: reach.mayDraw };
  const zone = city.timezone;
  const part = parts.find((one) => one.id === view.part) ?? null;
  switch (view.show) {
    case "parts":
      return (
        <PartsTab
          {...common}
          grids={grids}
          left={props.left}
          adding={props.adding}
          onAdding={props.onAdding}
          chosen={props.chosen}
          onChosen={props.onChosen}
          onShow={props.onShow}
          onDraw={(one) => change({ edit: one.id })}
          failed={missed.of(plan.id)}
        />
      );
    case "propose":
      return <ProposeTab {...common} zone={zone} chosen={part === null || view.grids.length === 0 ? null : { part, grids: view.grids }} />;
    case "compare":
      return (
        <CompareTab
          plan={plan}
          plans={props.plans}
          other={view.with}
          both={view.both}
          found={props.found}
          onOther={(other) => change({ with: other })}
          onBoth={(both) => change({ both })}
          onGrid={(community, number) => {
            const grid = grids?.find((one) => one.community_id === community && one.number === number);
            if (grid === undefined) return;
            change({ part: grid.part_id, grids: [number] });
            const [west = 0, south = 0, east = 0, north = 0] = grid.bbox;
            props.onPlace({ lon: (west + east) / 2, lat: (south + north) / 2 });
          }}
        />
      );
    case "preview":
      return (
        <PreviewTab
          plan={plan}
          drawn={props.drawn}
          nameOf={reach.nameOf}
          mayEdit={mayEdit}
          onMend={(community, at, numbers) => {
            const found = parts.find((one) => one.community_id === community);
            if (found !== undefined) change({ edit: found.id, part: found.id, at, grids: numbers });
          }}
        />
      );
    case "publish":
      return <PublishTab plan={plan} zone={zone} mayEdit={mayEdit} onOpen={(other) => change({ plan: other, show: "publish", part: null, grids: [], camera: null })} onPreview={() => change({ show: "preview" })} />;
    case "files":
      return (
        <FilesTab
          {...common}
          communityOf={reach.of}
          part={part}
          onPart={(next) => change({ part: next, grids: [] })}
          effect={props.effect}
          onEffect={props.onEffect}
          onPlace={(lon, lat) => props.onPlace({ lon, lat })}
        />
      );
    case "log":
      return <LogTab {...common} zone={zone} part={part} onPart={(next) => change({ part: next, grids: [] })} />;
  }
}
