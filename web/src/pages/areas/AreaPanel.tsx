// Owns the panel of the chosen area: what it is, whose, since when, what it was before, what lies around it, and the way to a site.
import { useEffect, useRef } from "react";
import type { City } from "../../api/city";
import type { Category } from "../../api/duties";
import { Problem } from "../../api/http";
import { CloseIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { WaysSection } from "../../features/agencies/WaysSection";
import { AreaSection } from "../../features/areas/AreaSection";
import { AroundSection } from "../../features/areas/AroundSection";
import { HistorySection } from "../../features/areas/HistorySection";
import { OfficeSection } from "../../features/areas/OfficeSection";
import { useAreaOn, useAround, useLineage } from "../../features/areas/queries";
import { versionOn } from "../../features/areas/times";
import { useText } from "../../i18n/language";
import { dayText, distanceText } from "../../i18n/text";
import type { Box } from "../../map/box";
import { around as boxAround } from "../../map/box";
import { useMay } from "../../state/session";
import { dayOf } from "../../time/days";
import type { ChangeAreas } from "./useAreasView";
import type { AreasView } from "./view";

interface Props {
  readonly city: City;
  readonly view: AreasView;
  readonly change: ChangeAreas;
  /** null: the place lies outside every area. */
  readonly areaId: string | null;
  /** Where the place lies is being asked: what follows waits, so that nothing jumps. */
  readonly pending: boolean;
  readonly nearest: { readonly name: string; readonly distanceM: number } | null;
  readonly place: string | null;
  readonly categories: readonly Category[];
  /** It was chosen with the keyboard: the panel takes the focus. */
  readonly takeFocus: boolean;
  readonly onClose: () => void;
  readonly onBox: (box: Box) => void;
}

export function AreaPanel(props: Props) {
  const { view, change, areaId, pending, nearest, place, categories, takeFocus, onClose } = props;
  const text = useText();
  const may = useMay();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takeFocus) heading.current?.focus();
  }, [takeFocus, view.place, view.area]);
  return (
    <aside
      className="side point"
      aria-labelledby="area-title"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <div className="side-head">
        <h2 id="area-title" ref={heading} tabIndex={-1}>
          {text(view.place === null ? "places.area" : "point")}
        </h2>
        <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <div className="side-body">
        {place === null || view.area !== null ? null : <p className="place-words">{place}</p>}
        {nearest === null ? null : (
          <div className="panel-section">
            <div className="notice">
              <strong>{text("point.outside")}</strong>
              {text("point.outside.near", { name: nearest.name, distance: distanceText(text, nearest.distanceM) })}
            </div>
          </div>
        )}
        {areaId !== null ? <OneArea {...props} areaId={areaId} /> : pending ? <Bones /> : null}
        {view.place !== null && !pending && may("map.read") ? (
          <WaysSection at={view.place} day={view.day} categories={categories} category={view.category} onCategory={(category) => change({ category, site: null })} />
        ) : null}
        {areaId === null ? null : (
          <HistorySection
            areaId={areaId}
            day={view.day}
            timeZone={props.city.timezone}
            onArea={(area, day) => change({ area, day })}
            onDay={(day) => change({ day, ...(view.place === null ? { area: areaId } : {}) })}
          />
        )}
        {areaId === null ? null : <Beside {...props} areaId={areaId} />}
      </div>
    </aside>
  );
}

function OneArea({ city, view, change, areaId, onBox }: Props & { readonly areaId: string }) {
  const text = useText();
  const may = useMay();
  const around = useAround(areaId, view.day);
  const extent = useAreaOn(areaId, view.day);
  const lineage = useLineage(areaId);
  const area = around.data?.path.at(-1);
  if (around.error instanceof Problem && around.error.status === 404) {
    const last = lineage.data?.[0];
    return (
      <section className="panel-section">
        {last === undefined ? null : (
          <p className="deepest" data-testid="area" data-code={last.code}>
            {last.names[text.lang]}
          </p>
        )}
        <div className="notice" role="status">
          <strong>{text("places.area.none")}</strong>
          {text("places.area.none.what")}
        </div>
      </section>
    );
  }
  if (around.isError) return <Trouble error={around.error} onRetry={() => void around.refetch()} />;
  if (around.data === undefined || area === undefined) return <Bones />;
  const begun = versionOn(lineage.data ?? [], view.day, city.timezone)?.since ?? null;
  const since = begun === null ? null : dayText(text.lang, dayOf(begun, city.timezone));
  const found = extent.data;
  return (
    <>
      <AreaSection
        area={area}
        path={around.data.path}
        extent={found}
        since={since}
        onArea={(id) => change({ area: id })}
        onShow={found === undefined ? null : () => onBox(boxAround(found))}
      />
      {may("posts.count") ? <OfficeSection areaId={areaId} day={view.day} /> : null}
    </>
  );
}

/** As high as what comes in its place. */
const Bones = () => (
  <section className="panel-section area-bones" aria-busy="true">
    <span className="skeleton bone-60" />
    <span className="skeleton bone-90" />
    <span className="skeleton bone-40" />
    <span className="skeleton bone-60" />
    <span className="skeleton bone-90" />
  </section>
);

function Beside({ view, change, areaId }: Props & { readonly areaId: string }) {
  const around = useAround(areaId, view.day);
  return around.data === undefined ? null : <AroundSection key={areaId} around={around.data} onArea={(id) => change({ area: id })} />;
}
