// Owns a map of this page: the one map component with its buttons, its attribution, and what is said when it cannot be drawn.
import type { FeatureCollection } from "geojson";
import type { StyleSpecification } from "maplibre-gl";
import { type ReactNode, type RefObject, useState } from "react";
import type { City } from "../../api/city";
import { HomeIcon, MinusIcon, PlusIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import type { States } from "../../map/apply";
import { type Box, boxOf, WORLD } from "../../map/box";
import { type MapHandle, MapView } from "../../map/MapView";
import type { Mode } from "../../map/mode";
import { ask } from "../../state/session";
import type { Camera } from "../../state/spelling";

interface Props {
  readonly city: City;
  readonly handle: RefObject<MapHandle | null>;
  readonly style: StyleSpecification;
  readonly data: Readonly<Record<string, FeatureCollection>>;
  readonly states: readonly States[];
  readonly mode: Mode;
  readonly start: Camera | Box;
  /** Where the whole of it lies. */
  readonly home: Box | null;
  readonly label: string;
  /** Stands above the map: which side this is. */
  readonly title?: string;
  readonly onCamera: (camera: Camera) => void;
  readonly onMoving?: (camera: Camera) => void;
  readonly onReady?: () => void;
  readonly children?: ReactNode;
}

const NO_STATES: readonly States[] = [];
export { NO_STATES };

export function PlanMap({ city, handle, home, title, label, children, ...map }: Props) {
  const text = useText();
  const [broken, setBroken] = useState(false);
  const [trouble, setTrouble] = useState(false);
  if (broken) {
    return (
      <div className="notice plan-broken">
        <strong>{text("map.failed")}</strong>
        {text("map.failed.why")}
      </div>
    );
  }
  return (
    <div className="plan-map">
      <MapView
        handle={handle}
        {...map}
        label={`${label}: ${text("map.keyboard")}`}
        onTrouble={(failed, status) => {
          setTrouble(failed);
          if (status === 401 || status === 403) void ask();
        }}
        onBroken={() => setBroken(true)}
      />
      {title === undefined ? null : <p className="plan-map-title">{title}</p>}
      <div className="plan-map-buttons">
        <button type="button" className="button square" aria-label={text("map.zoomIn")} onClick={() => handle.current?.zoomBy(1)}>
          <PlusIcon />
        </button>
        <button type="button" className="button square" aria-label={text("map.zoomOut")} onClick={() => handle.current?.zoomBy(-1)}>
          <MinusIcon />
        </button>
        <button type="button" className="button square" aria-label={text("map.home")} onClick={() => handle.current?.goToBox(home ?? boxOf(city.bbox) ?? WORLD)}>
          <HomeIcon />
        </button>
      </div>
      {trouble ? (
        <div className="notice plan-map-trouble" role="alert">
          {text("map.tiles")}
          <button type="button" className="button" onClick={() => handle.current?.reload()}>
            {text("error.retry")}
          </button>
        </div>
      ) : null}
      {children}
      <p className="plan-attribution">
        {text("map.attribution", { city: city.names[text.lang] })}
        {city.demo ? ` · ${text("app.demo.note")}` : ""}
      </p>
    </div>
  );
}
