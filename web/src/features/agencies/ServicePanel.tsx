// Owns choosing the matter whose service areas are shown, and their legend: which colour is whose, how much ground, how many households.
import type { Category } from "../../api/duties";
import type { Measure, Served } from "../../api/sites";
import { Segmented } from "../../design/Segmented";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { qualitative } from "../../map/qualitative";
import type { Theme } from "../../state/theme";
import { km2 } from "../areas/AreaSection";
import { CategoryPicker } from "../duties/CategoryPicker";
import { useServed } from "./queries";

interface Props {
  readonly categories: readonly Category[];
  readonly category: string | null;
  readonly by: Measure | null;
  readonly day: string | null;
  readonly site: string | null;
  readonly theme: Theme;
  readonly onCategory: (code: string | null) => void;
  readonly onBy: (by: Measure | null) => void;
  readonly onSite: (of: Served) => void;
}

export function ServicePanel({ categories, category, by, day, site, theme, onCategory, onBy, onSite }: Props) {
  const text = useText();
  const served = useServed(category, by, day);
  const items = category === null ? undefined : served.data;
  return (
    <section className="service" aria-label={text("places.tab.service")} aria-busy={served.isFetching}>
      <CategoryPicker label={text("category")} categories={categories} value={category} groups={false} emptyLabel={text("category.placeholder")} onChange={onCategory} />
      <Segmented
        label={text("places.service.by")}
        value={by ?? "list"}
        choices={[
          { value: "list", label: text("places.service.by.list") },
          { value: "road", label: text("places.service.by.road") },
          { value: "straight", label: text("places.service.by.straight") },
        ]}
        onChange={(value) => onBy(value === "list" ? null : value)}
      />
      {category === null ? <p className="help">{text("places.service.choose")}</p> : null}
      {served.isError ? <Trouble error={served.error} onRetry={() => void served.refetch()} /> : null}
      {category !== null && served.isPending ? <p className="help">{text("places.service.busy")}</p> : null}
      {items?.length === 0 ? (
        <div className="notice">
          <strong>{text("places.service.none")}</strong>
          {text("places.service.none.what")}
        </div>
      ) : null}
      {items === undefined || items.length === 0 ? null : (
        <>
          <h2 className="label">{text("places.service.legend")}</h2>
          <ul className="served">
            {items.map((one) => (
              <li key={one.id}>
                <button type="button" className="agency" aria-pressed={one.id === site} data-site={one.id} onClick={() => onSite(one)}>
                  <span className="served-swatch" style={{ background: qualitative(theme, one.properties.colour) }} />
                  <span className="grow">
                    {one.properties.names[text.lang]}
                    <span className="soft-line">
                      {text("places.size.km2", { n: km2(text, one.properties.area_km2) })}
                      {one.properties.households === null ? "" : ` · ${text("places.history.households", { n: one.properties.households })}`}
                      {` · ${text(one.properties.by === "road" ? "route.sites.road" : "route.sites.straight")}`}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
