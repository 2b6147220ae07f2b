// Owns the map beside an open plan: its grids by how they stand to the target; grids are chosen by click or Enter.
import { type ReactNode, type RefObject, useCallback, useMemo, useState } from "react";
import type { City } from "../../api/city";
import type { FilePreview } from "../../api/planfiles";
import type { Part, Plan, PlanGrid } from "../../api/plans";
import { STANDINGS, standingColour, standingOf } from "../../features/plans/deviation";
import { PlanKey } from "../../features/plans/Key";
import { useOutlines } from "../../features/plans/queries";
import { around } from "../../features/plans/shapes";
import { useText } from "../../i18n/language";
import { boxOf, WORLD } from "../../map/box";
import { GRID_FILL, GRID_NAMES, GRIDS, MARKS, MOVED } from "../../map/layers/plans";
import type { MapHandle } from "../../map/MapView";
import { LOOK, type Pointed } from "../../map/mode";
import type { PlanView } from "../../features/plans/address";
import type { ChangePlans } from "../../features/plans/usePlans";
import { EMPTY, gridNames, keyOf, marksOf, movedOf, ofKey, standingGrids } from "./drawn";
import { PlanMap } from "./PlanMap";
import { standingStyle } from "./style";
import { useBase } from "./useBase";

interface Props {
  readonly city: City;
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly grids: readonly PlanGrid[];
  readonly view: PlanView;
  readonly change: ChangePlans;
  readonly handle: RefObject<MapHandle | null>;
  readonly nameOf: (community: string) => string;
  readonly effect: FilePreview | null;
  readonly children?: ReactNode;
}

export function PlanStage({ city, plan, parts, grids, view, change, handle, nameOf, effect, children }: Props) {
  const text = useText();
  const base = useBase(city);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const band = plan.target.band;
  const chosen = useMemo(() => (view.part === null ? [] : view.grids.map((one) => keyOf(view.part ?? "", one))), [view.part, view.grids]);
  const style = useMemo(() => standingStyle(base, chosen, hidden), [base, chosen, hidden]);
  const part = parts.find((one) => one.id === view.part) ?? parts[0];
  const basis = effect === null ? undefined : part?.basis_id;
  const bases = useMemo(() => (basis === undefined ? [] : [basis]), [basis]);
  const outlines = useOutlines(bases);
  const shapes = (basis === undefined ? undefined : outlines.get(basis)) ?? null;
  const drawn = useMemo(() => ({ grids: standingGrids(grids, band), names: gridNames(grids, text, nameOf) }), [grids, band, text, nameOf]);
  const moved = useMemo(() => (effect === null ? EMPTY : movedOf(effect.moved, shapes)), [effect, shapes]);
  const places = useMemo(() => marksOf(view.at === null ? [] : [[view.at.lon, view.at.lat]]), [view.at]);
  const data = useMemo(() => ({ [GRIDS]: drawn.grids, [GRID_NAMES]: drawn.names, [MOVED]: moved, [MARKS]: places }), [drawn, moved, places]);
  const states = useMemo(() => [{ source: "areas", sourceLayer: "areas", values: new Map(parts.map((one) => [one.community_id, { there: true }])) }], [parts]);
  const home = useMemo(() => around(grids.map((one) => one.bbox)), [grids]);

  const { part: chosenPart, grids: chosenGrids } = view;
  const pick = useCallback(
    (at: Pointed) => {
      const key: unknown = at.features()[0]?.properties["key"];
      const found = typeof key === "string" ? ofKey(key) : null;
      if (found === null) change({ grids: [] });
      else if (found.part !== chosenPart) change({ part: found.part, grids: [found.grid] });
      else change({ grids: chosenGrids.includes(found.grid) ? chosenGrids.filter((one) => one !== found.grid) : [...chosenGrids, found.grid] });
    },
    [change, chosenPart, chosenGrids],
  );
  const mode = useMemo(() => ({ ...LOOK, name: "pick", layers: [GRID_FILL], pick }), [pick]);
  const rows = useMemo(
    () =>
      STANDINGS.map((one) => ({
        id: one,
        label: text(`plans.standing.${one}`),
        colour: standingColour(base.theme, one),
        count: grids.filter((grid) => standingOf(grid.deviation, grid.in_band, band) === one).length,
      })),
    [grids, band, base.theme, text],
  );
  const [start] = useState(() => view.camera ?? home ?? boxOf(city.bbox) ?? WORLD);
  return (
    <PlanMap city={city} handle={handle} style={style} data={data} states={states} mode={mode} start={start} home={home} label={text("plans.map")} onCamera={(camera) => change({ camera })}>
      {grids.length === 0 ? null : <PlanKey title={text("plans.legend")} rows={rows} hidden={hidden} onHidden={setHidden} />}
      {children}
    </PlanMap>
  );
}
