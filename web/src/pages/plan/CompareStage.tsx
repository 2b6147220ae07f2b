// Owns the maps of a comparison: one with the differences, or two that move together; what is in force comes from the tiles.
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import type { City } from "../../api/city";
import { type Comparison, FATES, type Fate, IN_FORCE } from "../../api/effects";
import type { Plan, PlanGrid } from "../../api/plans";
import { fateClass, fateColour } from "../../features/plans/fates";
import { PlanKey } from "../../features/plans/Key";
import { drawnKey, useOutlines, useParts, usePlanGrids } from "../../features/plans/queries";
import { around } from "../../features/plans/shapes";
import { useText } from "../../i18n/language";
import { type Box, boxOf, WORLD } from "../../map/box";
import { GRID_NAMES, GRIDS, MOVED } from "../../map/layers/plans";
import type { MapHandle } from "../../map/MapView";
import { LOOK } from "../../map/mode";
import { useAnchors } from "../../state/queries";
import type { Camera } from "../../state/spelling";
import type { PlanView } from "../../features/plans/address";
import type { ChangePlans } from "../../features/plans/usePlans";
import { collection, fateGrids, fatesByArea, fatesOf, gridNames, keyOf, movedOf } from "./drawn";
import { NO_STATES, PlanMap } from "./PlanMap";
import { basesSeen } from "./seen";
import { fateStyle, forceStyle } from "./style";
import { useBase } from "./useBase";

interface Props {
  readonly city: City;
  readonly plan: Plan;
  readonly other: Plan | null;
  readonly grids: readonly PlanGrid[];
  readonly nameOf: (community: string) => string;
  readonly found: Comparison | undefined;
  readonly view: PlanView;
  readonly change: ChangePlans;
  readonly handle: RefObject<MapHandle | null>;
}

const NONE: readonly never[] = [];

export function CompareStage({ city, plan, other, grids, nameOf, found, view, change, handle }: Props) {
  const text = useText();
  const base = useBase(city);
  const second = useRef<MapHandle>(null);
  const leading = useRef<"before" | "after" | null>(null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const compared = found?.communities ?? NONE;
  // Outlines of ground are read for what is in the view; the others show dots. The same list is the same value.
  const seen = basesSeen(compared, view.camera).toSorted().join(" ");
  const bases = useMemo(() => (seen === "" ? NONE : seen.split(" ")), [seen]);
  const outlines = useOutlines(bases);
  const moved = useMemo(() => collection(compared.flatMap((one) => movedOf(one.moved, outlines.get(one.basis_id) ?? null).features)), [compared, outlines]);
  const after = useMemo(() => fatesOf(compared, "after"), [compared]);
  const afterData = useMemo(() => ({ [GRIDS]: fateGrids(grids, after), [GRID_NAMES]: gridNames(grids, text, nameOf), [MOVED]: moved }), [grids, after, moved, text, nameOf]);
  const chosen = useMemo(() => (view.part === null ? [] : view.grids.map((one) => keyOf(view.part ?? "", one))), [view.part, view.grids]);
  const afterStyle = useMemo(() => fateStyle(base, chosen, hidden), [base, chosen, hidden]);
  const home = useMemo(() => around(grids.map((one) => one.bbox)), [grids]);
  const rows = FATES.filter((fate) => (found?.fates[fate] ?? 0) > 0).map((fate: Fate) => ({ id: fate, label: text(`plans.fate.${fate}`), colour: fateColour(base.theme, fate), count: found?.fates[fate] ?? 0 }));
  const [start] = useState<Camera | Box>(() => view.camera ?? home ?? boxOf(city.bbox) ?? WORLD);

  // One leads while it is being moved, the other follows; what follows does not lead back.
  const follow = useCallback(
    (from: "before" | "after", camera: Camera) => {
      if (leading.current !== null && leading.current !== from) return;
      leading.current = from;
      (from === "after" ? second : handle).current?.jumpTo(camera);
    },
    [handle],
  );
  const rested = useCallback(
    (from: "before" | "after", camera: Camera) => {
      if (leading.current === from || leading.current === null) change({ camera });
      if (leading.current === from) leading.current = null;
    },
    [change],
  );
  const key = rows.length === 0 ? null : <PlanKey title={text("plans.fate")} rows={rows} hidden={hidden} onHidden={setHidden} />;
  const common = { city, mode: LOOK, start, home } as const;
  const now = (
    <PlanMap
      {...common}
      handle={handle}
      style={afterStyle}
      data={afterData}
      states={NO_STATES}
      label={text("plans.compare.after", { name: plan.name })}
      {...(view.both ? { title: text("plans.compare.after", { name: plan.name }) } : {})}
      onCamera={(camera) => rested("after", camera)}
      {...(view.both ? { onMoving: (camera: Camera) => follow("after", camera) } : {})}
    >
      {key}
    </PlanMap>
  );
  if (!view.both) return now;
  const title = text("plans.compare.before", { name: other?.name ?? text("plans.compare.force") });
  return (
    <div className="plan-two">
      {view.with === IN_FORCE || other === null ? (
        <Force {...common} handle={second} title={title} compared={found} hidden={hidden} onMoving={(camera) => follow("before", camera)} onCamera={(camera) => rested("before", camera)} />
      ) : (
        <Before {...common} key={other.id} handle={second} title={title} other={other} nameOf={nameOf} compared={found} hidden={hidden} onMoving={(camera) => follow("before", camera)} onCamera={(camera) => rested("before", camera)} />
      )}
      {now}
    </div>
  );
}

interface SideProps {
  readonly city: City;
  readonly mode: typeof LOOK;
  readonly start: Camera | Box;
  readonly home: Box | null;
  readonly handle: RefObject<MapHandle | null>;
  readonly title: string;
  readonly compared: Comparison | undefined;
  readonly hidden: readonly string[];
  readonly onMoving: (camera: Camera) => void;
  readonly onCamera: (camera: Camera) => void;
}

/** What is in force, from the tiles. */
function Force({ compared, hidden, title, ...map }: SideProps) {
  const { lang } = useText();
  const base = useBase(map.city);
  const anchors = useAnchors(map.city, "grid");
  const fates = useMemo(() => fatesByArea(compared?.communities ?? []), [compared]);
  const style = useMemo(() => forceStyle(base, FATES.flatMap((fate) => (hidden.includes(fate) ? [fateClass(fate)] : []))), [base, hidden]);
  const states = useMemo(() => [{ source: "areas", sourceLayer: "areas", values: new Map([...fates].map(([id, fate]) => [id, { c: fateClass(fate) }])) }], [fates]);
  const labels = useMemo(
    () =>
      collection(
        [...fates.keys()].flatMap((id) => {
          const anchor = anchors.data?.get(id);
          return anchor === undefined ? [] : [{ type: "Feature", geometry: { type: "Point", coordinates: [anchor.label.lon, anchor.label.lat] }, properties: { name: anchor.names[lang], figure: "", weight: anchor.area_km2 } } as const];
        }),
      ),
    [fates, anchors.data, lang],
  );
  const data = useMemo(() => ({ labels }), [labels]);
  return <PlanMap {...map} title={title} label={title} style={style} data={data} states={states} />;
}

/** Another plan, as it is drawn. */
function Before({ other, nameOf, compared, hidden, title, ...map }: SideProps & { readonly other: Plan; readonly nameOf: (community: string) => string }) {
  const text = useText();
  const base = useBase(map.city);
  const parts = useParts(other.id);
  const grids = usePlanGrids(other.id, drawnKey(other, parts.data), parts.data !== undefined);
  const fates = useMemo(() => fatesOf(compared?.communities ?? [], "before"), [compared]);
  const style = useMemo(() => fateStyle(base, [], hidden), [base, hidden]);
  const data = useMemo(() => ({ [GRIDS]: fateGrids(grids.data ?? [], fates), [GRID_NAMES]: gridNames(grids.data ?? [], text, nameOf) }), [grids.data, fates, text, nameOf]);
  return <PlanMap {...map} title={title} label={title} style={style} data={data} states={NO_STATES} />;
}
