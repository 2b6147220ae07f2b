// Owns the list of agencies: found by name, narrowed by kind, each with its sites.
import { useDeferredValue, useMemo, useState } from "react";
import type { Site, Unit } from "../../api/sites";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { kindsOf, linesOf } from "./choosing";
import { kindWord } from "./words";
import { useSites, useUnits } from "./queries";

const MOST = 200;

interface Props {
  readonly agency: string | null;
  readonly kind: string | null;
  readonly site: string | null;
  readonly onAgency: (unit: Unit | null) => void;
  readonly onKind: (kind: string | null) => void;
  readonly onSite: (site: Site) => void;
}

export function AgencyList({ agency, kind, site, onAgency, onKind, onSite }: Props) {
  const text = useText();
  const units = useUnits(true);
  const [question, setQuestion] = useState("");
  const asked = useDeferredValue(question);
  const kinds = useMemo(() => kindsOf(units.data ?? []), [units.data]);
  const lines = useMemo(() => linesOf(units.data ?? [], kind, asked), [units.data, kind, asked]);
  return (
    <section className="agencies" aria-label={text("places.agencies")} aria-busy={units.isFetching}>
      <input className="input" type="search" aria-label={text("places.agencies.find")} placeholder={text("places.agencies.find")} value={question} onChange={(event) => setQuestion(event.target.value)} />
      {kinds.length < 2 ? null : (
        <label className="field">
          <span className="label">{text("places.agencies.kind")}</span>
          <select className="input" value={kind ?? ""} onChange={(event) => onKind(event.target.value === "" ? null : event.target.value)}>
            <option value="">{text("places.agencies.kind.all")}</option>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {kindWord(one, text)}
              </option>
            ))}
          </select>
        </label>
      )}
      {units.isError ? <Trouble error={units.error} onRetry={() => void units.refetch()} /> : null}
      {units.isPending ? <span className="skeleton bone-90" /> : null}
      {units.data !== undefined && lines.length === 0 ? <p className="help">{text("places.agencies.none")}</p> : null}
      <ul className="agency-list">
        {lines.slice(0, MOST).map(({ unit, depth }) => {
          const sites = unit.sites + unit.sites_below;
          return (
            <li key={unit.id} data-depth={Math.min(depth, 3)}>
              <button type="button" className="agency" aria-expanded={agency === unit.id} data-code={unit.code} onClick={() => onAgency(agency === unit.id ? null : unit)}>
                <span className="grow">
                  {unit.names[text.lang]} {unit.closed_at === null ? null : <span className="tag warn">{text("places.agencies.closed")}</span>}
                  {unit.stationed_names === null ? null : <span className="soft-line">{text("places.agencies.stationed", { name: unit.stationed_names[text.lang] })}</span>}
                </span>
                {sites === 0 ? null : <span className="soft">{text("places.agencies.sites", { n: sites })}</span>}
              </button>
              {agency === unit.id ? <Sites agency={unit.id} chosen={site} onSite={onSite} /> : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Sites({ agency, chosen, onSite }: { readonly agency: string; readonly chosen: string | null; readonly onSite: (site: Site) => void }) {
  const text = useText();
  const sites = useSites(agency);
  if (sites.isError) return <Trouble error={sites.error} onRetry={() => void sites.refetch()} />;
  if (sites.data === undefined) return <span className="skeleton bone-60" />;
  if (sites.data.length === 0) return <p className="help">{text("places.sites.none")}</p>;
  return (
    <ul className="site-list" aria-label={text("places.sites")}>
      {sites.data.map((site) => (
        <li key={site.id}>
          <button type="button" className="agency" aria-pressed={site.id === chosen} onClick={() => onSite(site)}>
            <span className="grow">
              {site.names[text.lang]}
              {site.address === null ? null : <span className="soft-line">{site.address}</span>}
              {site.claims ? <span className="soft-line">{text("places.sites.claims")}</span> : null}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
