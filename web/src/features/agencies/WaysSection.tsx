// Owns telling how far it is from a place to the responsible sites: by road and by straight line, and which one serves.
import type { Point } from "../../api/areas";
import type { Category } from "../../api/duties";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { distanceText } from "../../i18n/text";
import { CategoryPicker } from "../duties/CategoryPicker";
import { useWays } from "./queries";

interface Props {
  readonly at: Point | null;
  readonly day: string | null;
  readonly categories: readonly Category[];
  readonly category: string | null;
  readonly onCategory: (code: string | null) => void;
}

export function WaysSection({ at, day, categories, category, onCategory }: Props) {
  const text = useText();
  const found = useWays(category, at, day);
  const ways = found.data;
  return (
    <section className="panel-section" aria-labelledby="ways-title" aria-busy={found.isFetching}>
      <h3 id="ways-title">{text("places.ways")}</h3>
      <CategoryPicker label={text("category")} categories={categories} value={category} groups={false} emptyLabel={text("category.placeholder")} onChange={onCategory} />
      {category === null ? <p className="help">{text("places.ways.choose")}</p> : at === null ? <p className="help">{text("places.ways.none.place")}</p> : null}
      {found.isError ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {category !== null && at !== null && found.isPending ? <span className="skeleton bone-90" /> : null}
      {ways === undefined || category === null || at === null ? null : ways.items.length === 0 ? (
        <p>{text("places.ways.none")}</p>
      ) : (
        <>
          <p className="route-agency" data-testid="ways-agency">
            {ways.agency?.names[text.lang]}
          </p>
          <table className="plain-table" data-testid="ways">
            <thead>
              <tr>
                <th scope="col">{text("route.sites.name")}</th>
                <th scope="col" className="figure">
                  {text("route.sites.road")}
                </th>
                <th scope="col" className="figure">
                  {text("route.sites.straight")}
                </th>
              </tr>
            </thead>
            <tbody>
              {ways.items.map(({ site }) => (
                <tr key={site.id} className={site.chosen ? "chosen" : undefined} data-site={site.id}>
                  <th scope="row">
                    {site.names[text.lang]} {site.chosen ? <span className="tag accent">{text("route.sites.chosen")}</span> : null}
                    {site.address === null ? null : <span className="soft-line">{site.address}</span>}
                  </th>
                  <td className="figure">{site.road_m === null ? text("places.way.noroad") : distanceText(text, site.road_m)}</td>
                  <td className="figure">{distanceText(text, site.straight_m)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="help">
            {ways.measure === null ? "" : `${text(`places.ways.by.${ways.measure}`)}${text.lang === "zh" ? "。" : ". "}`}
            {text("places.ways.note")}
          </p>
        </>
      )}
    </section>
  );
}
