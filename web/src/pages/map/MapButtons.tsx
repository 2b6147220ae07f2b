// Owns the buttons on the map: nearer, farther, the whole city, my position, and what a page adds.
import { type ReactNode, useState } from "react";
import type { Point } from "../../api/areas";
import { HomeIcon, MinusIcon, PlusIcon, TargetIcon } from "../../design/icons";
import { useText } from "../../i18n/language";

interface Props {
  readonly onZoom: (steps: number) => void;
  readonly onHome: () => void;
  readonly onPosition: (at: Point, accuracyM: number) => void;
  readonly onFailure: (why: string) => void;
  /** Further buttons of a page. */
  readonly children?: ReactNode;
}

export function MapButtons({ onZoom, onHome, onPosition, onFailure, children }: Props) {
  const text = useText();
  const [asking, setAsking] = useState(false);
  const ask = (): void => {
    setAsking(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setAsking(false);
        onPosition({ lon: coords.longitude, lat: coords.latitude }, Math.ceil(coords.accuracy));
      },
      (error) => {
        setAsking(false);
        onFailure(text("map.locate.failed", { why: error.message }));
      },
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  };
  return (
    <div className="map-buttons">
      <button type="button" className="button square" aria-label={text("map.zoomIn")} onClick={() => onZoom(1)}>
        <PlusIcon />
      </button>
      <button type="button" className="button square" aria-label={text("map.zoomOut")} onClick={() => onZoom(-1)}>
        <MinusIcon />
      </button>
      <button type="button" className="button square" aria-label={text("map.home")} onClick={onHome}>
        <HomeIcon />
      </button>
      {"geolocation" in navigator ? (
        <button type="button" className="button square" aria-label={text("map.locate")} aria-busy={asking} onClick={ask}>
          <TargetIcon />
        </button>
      ) : null}
      {children}
    </div>
  );
}
