// Owns the switch between our own map and a provider's, the words that have to stand beside its pictures, and word that it is away.
import { MapIcon } from "../../design/icons";
import { Segmented } from "../../design/Segmented";
import { useText } from "../../i18n/language";
import type { Raster } from "./useRaster";

export function BaseSwitch({ raster }: { readonly raster: Raster }) {
  const text = useText();
  if (raster.provider === null) return null;
  return (
    <Segmented
      label={text("places.base")}
      value={raster.wanted ? "raster" : "own"}
      choices={[
        { value: "own", label: text("places.base.own") },
        { value: "raster", label: text("places.base.raster") },
      ]}
      onChange={(value) => raster.want(value === "raster")}
    />
  );
}

/** The same among the buttons on a map. */
export function BaseToggle({ raster }: { readonly raster: Raster }) {
  const text = useText();
  if (raster.provider === null) return null;
  const label = `${text("places.base")}: ${text("places.base.raster")}`;
  return (
    <button type="button" className="button square" aria-label={label} title={label} aria-pressed={raster.wanted} onClick={() => raster.want(!raster.wanted)}>
      <MapIcon />
    </button>
  );
}

/** Inside a map's attribution line. */
export function BaseAttribution({ raster }: { readonly raster: Raster }) {
  const text = useText();
  const { provider, pictures } = raster;
  if (provider === null || pictures === null) return null;
  return (
    <>
      {" · "}
      {text("places.base.attribution", { of: provider.attribution })}
      {provider.approval === "" ? null : ` · ${text("places.base.approval", { number: provider.approval })}`}
    </>
  );
}

/** Among a map's notices: what was wished for is not there, and what is shown instead. */
export function BaseAway({ raster }: { readonly raster: Raster }) {
  const text = useText();
  if (!raster.wanted || raster.provider?.standing !== "away") return null;
  return (
    <p className="notice" role="status">
      {text("places.base.away")}
    </p>
  );
}
