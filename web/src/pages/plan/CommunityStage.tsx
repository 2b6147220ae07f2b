// Owns the map of communities: those of a plan stand out, and for a new plan they are chosen by click or Enter.
import { type RefObject, useCallback, useMemo, useState } from "react";
import type { City } from "../../api/city";
import type { Community } from "../../api/plans";
import { useText } from "../../i18n/language";
import { boxOf, WORLD } from "../../map/box";
import { COMMUNITY_FILL } from "../../map/layers/plans";
import type { MapHandle } from "../../map/MapView";
import { LOOK, type Pointed } from "../../map/mode";
import type { Camera } from "../../state/spelling";
import { collection } from "./drawn";
import { PlanMap } from "./PlanMap";
import { communityStyle } from "./style";
import { useBase } from "./useBase";

interface Props {
  readonly city: City;
  readonly communities: readonly Community[];
  readonly handle: RefObject<MapHandle | null>;
  /** Communities that can be chosen; null: nothing is to be chosen now. */
  readonly pickable: ReadonlySet<string> | null;
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  /** In the plan already. */
  readonly there: ReadonlySet<string>;
  readonly camera: Camera | null;
  readonly onCamera: (camera: Camera) => void;
}

export function CommunityStage({ city, communities, handle, pickable, chosen, onChosen, there, camera, onCamera }: Props) {
  const text = useText();
  const base = useBase(city);
  const style = useMemo(() => communityStyle(base, pickable !== null), [base, pickable]);
  const labels = useMemo(
    () => collection(communities.map((one) => ({ type: "Feature", geometry: { type: "Point", coordinates: [one.label.lon, one.label.lat] }, properties: { name: one.names[text.lang], figure: "", weight: one.area_km2 } }))),
    [communities, text.lang],
  );
  const data = useMemo(() => ({ labels }), [labels]);
  const states = useMemo(
    () => [{ source: "areas", sourceLayer: "areas", values: new Map(communities.filter((one) => chosen.has(one.id) || there.has(one.id)).map((one) => [one.id, { chosen: chosen.has(one.id), there: there.has(one.id) }])) }],
    [communities, chosen, there],
  );
  const pick = useCallback(
    (at: Pointed) => {
      const found: unknown = at.features()[0]?.properties["id"];
      const id = typeof found === "number" || typeof found === "string" ? String(found) : null;
      if (id === null || pickable?.has(id) !== true) return;
      const next = new Set(chosen);
      if (!next.delete(id)) next.add(id);
      onChosen(next);
    },
    [pickable, chosen, onChosen],
  );
  const mode = useMemo(() => (pickable === null ? LOOK : { ...LOOK, name: "pick", layers: [COMMUNITY_FILL], pick }), [pickable, pick]);
  const [start] = useState(() => camera ?? boxOf(city.bbox) ?? WORLD);
  return <PlanMap city={city} handle={handle} style={style} data={data} states={states} mode={mode} start={start} home={null} label={text("plans.map")} onCamera={onCamera} />;
}
