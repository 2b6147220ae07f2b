// Owns the panel of the chosen place: where it is, who is responsible, and reporting there.
import { useEffect, useRef, useState } from "react";
import type { Point } from "../../api/areas";
import type { City } from "../../api/city";
import type { Category } from "../../api/duties";
import { CloseIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { PlaceSection } from "../../features/areas/PlaceSection";
import { RouteSection } from "../../features/duties/RouteSection";
import { forgetWriting, wasWriting } from "../../features/incidents/draft";
import { IncidentSection } from "../../features/incidents/IncidentSection";
import { LatestSection } from "../../features/incidents/LatestSection";
import { ReportForm } from "../../features/incidents/ReportForm";
import { useText } from "../../i18n/language";
import { useLocated } from "../../state/queries";
import { useMay, useSession } from "../../state/session";

interface Props {
  readonly at: Point;
  readonly city: City;
  readonly categories: readonly Category[];
  readonly category: string | null;
  readonly onCategory: (code: string | null) => void;
  /** The place was chosen with the keyboard: the panel takes the focus. */
  readonly takeFocus: boolean;
  readonly accuracyM: number | null;
  readonly onAccuracy: (metres: number | null) => void;
  readonly onClose: () => void;
  readonly onShow: () => void;
  readonly incident: string | null;
  readonly onIncident: (id: string | null) => void;
}

export function PointPanel(props: Props) {
  const { at, city, categories, category, onCategory, takeFocus, accuracyM, onAccuracy, onClose, incident, onIncident } = props;
  const text = useText();
  const located = useLocated(at, accuracyM);
  const heading = useRef<HTMLHeadingElement>(null);
  const { account } = useSession();
  const may = useMay();
  const mayReport = may("incidents.report");
  // Whose session ran out while they were writing finds the form as it was.
  const [reporting, setReporting] = useState(() => mayReport && wasWriting(account ?? "", at));
  const deepest = located.data?.path.at(-1);
  // A form that is being written in is not taken away by an address.
  const reading = may("incidents.read") && !reporting ? incident : null;
  useEffect(() => {
    if (takeFocus) heading.current?.focus();
  }, [takeFocus, at]);
  const stop = (): void => {
    forgetWriting();
    setReporting(false);
    onAccuracy(null);
  };
  return (
    <aside
      className="side point"
      aria-labelledby="point-title"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="side-head">
        <h2 id="point-title" ref={heading} tabIndex={-1}>
          {text("point")}
        </h2>
        <button type="button" className="button plain square" aria-label={text("panel.close")} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <div className="side-body">
        {reading !== null ? (
          <IncidentSection id={reading} timeZone={city.timezone} onBack={() => onIncident(null)} />
        ) : (
          <>
            {located.isError ? <Trouble error={located.error} onRetry={() => void located.refetch()} /> : null}
            {located.isPending ? (
              <div className="panel-section" aria-hidden="true">
                <span className="skeleton bone-60" />
                <span className="skeleton bone-90" />
              </div>
            ) : null}
            {located.data === undefined ? null : <PlaceSection at={at} located={located.data} />}
            {reporting ? (
              <ReportForm at={at} city={city} categories={categories} category={category} onClose={stop} onAccuracy={onAccuracy} onShow={props.onShow} />
            ) : (
              <>
                {may("route.read") ? <RouteSection at={at} categories={categories} category={category} onCategory={onCategory} /> : null}
                {may("incidents.read") && located.data?.inside === true && deepest !== undefined ? (
                  <LatestSection areaId={deepest.id} areaName={deepest.names[text.lang]} timeZone={city.timezone} onOpen={onIncident} />
                ) : null}
              </>
            )}
          </>
        )}
      </div>
      {reporting || reading !== null || !mayReport ? null : (
        <div className="side-foot">
          <button type="button" className="button primary" onClick={() => setReporting(true)}>
            {text("report")}
          </button>
        </div>
      )}
    </aside>
  );
}
