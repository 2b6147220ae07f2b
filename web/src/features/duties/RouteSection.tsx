// Owns telling who is responsible for a category at a point, and every reason that the server gives for it.
import type { Point } from "../../api/areas";
import type { Body, Category, Route } from "../../api/duties";
import { Fact } from "../../design/Fact";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { distanceText, type Text } from "../../i18n/text";
import { useRoute } from "../../state/queries";
import { CategoryPicker } from "./CategoryPicker";
import "./route.css";

interface Props {
  readonly at: Point;
  readonly categories: readonly Category[];
  readonly category: string | null;
  readonly onCategory: (code: string | null) => void;
}

export function RouteSection({ at, categories, category, onCategory }: Props) {
  const text = useText();
  const route = useRoute(category, at);
  return (
    <section className="panel-section" aria-labelledby="route-title">
      <h3 id="route-title">{text("route")}</h3>
      <CategoryPicker label={text("category")} categories={categories} value={category} groups={false} emptyLabel={text("category.placeholder")} onChange={onCategory} />
      {category === null ? <p className="help">{text("route.choose")}</p> : null}
      {route.isError ? <Trouble error={route.error} onRetry={() => void route.refetch()} /> : null}
      <div aria-live="polite" aria-busy={route.isFetching}>
        {category !== null && route.isPending ? <Bones /> : null}
        {category !== null && route.data !== undefined ? <Answer route={route.data} /> : null}
      </div>
    </section>
  );
}

const Bones = () => (
  <div aria-hidden="true">
    <span className="skeleton bone-60" />
    <span className="skeleton bone-90" />
    <span className="skeleton bone-40" />
  </div>
);

function Answer({ route }: { readonly route: Route }) {
  const text = useText();
  return (
    <div className="route">
      {route.outcome === "orphan" ? (
        <div className="orphan">
          <p className="route-agency">{text("route.orphan")}</p>
          <p>{text("route.orphan.what")}</p>
        </div>
      ) : (
        <>
          <p className="route-agency" data-testid="agency">
            {route.lead === null ? "—" : route.lead.names[text.lang]}
          </p>
          <dl className="facts">
            {route.supporting.length > 0 ? <Fact name={text("route.supporting")}>{namesOf(route.supporting, text)}</Fact> : null}
            {route.site === null ? null : (
              <Fact name={text("route.site")}>
                {route.site.names[text.lang]}
                {route.site.address === null ? null : <span className="soft-line">{route.site.address}</span>}
                <span className="soft-line">{distances(route.site, text)}</span>
              </Fact>
            )}
          </dl>
        </>
      )}
      {route.item === null ? null : <Item item={route.item} />}
      <Sites sites={route.sites_considered} />
      <Next next={route.next} />
      {route.reasons.length === 0 ? null : (
        <details className="reasons" open={route.outcome === "orphan"}>
          <summary>{text("route.reasons")}</summary>
          <ol>
            {route.reasons.map((reason, index) => (
              <li key={`${reason.step}-${String(index)}`}>{reason.text[text.lang]}</li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

function Item({ item }: { readonly item: NonNullable<Route["item"]> }) {
  const text = useText();
  return (
    <>
      <h4 className="label">{text("route.why")}</h4>
      <dl className="facts">
        <Fact name={text("route.item")}>
          {item.list === null ? item.code : text("route.item.value", { list: item.list.name, code: item.code })}
        </Fact>
        {item.management_class === null ? null : <Fact name={text("route.class")}>{managementClass(item.management_class, text)}</Fact>}
        {item.match === null ? null : <Fact name={text("route.match")}>{matchedBy(item.match, text)}</Fact>}
        <Fact name={text("route.area")}>{item.area === null ? text("route.area.all") : item.area.names[text.lang]}</Fact>
        {item.basis === null ? null : <Fact name={text("route.basis")}>{item.basis}</Fact>}
      </dl>
    </>
  );
}

function Sites({ sites }: { readonly sites: Route["sites_considered"] }) {
  const text = useText();
  if (sites.length === 0) return null;
  const metres = (value: number | null) => (value === null ? "—" : distanceText(text, value));
  return (
    <table className="plain-table">
      <caption className="label">{text("route.sites")}</caption>
      <thead>
        <tr>
          <th scope="col">{text("route.sites.name")}</th>
          <th scope="col" className="figure">
            {text("route.sites.straight")}
          </th>
          <th scope="col" className="figure">
            {text("route.sites.road")}
          </th>
        </tr>
      </thead>
      <tbody>
        {sites.map((site) => (
          <tr key={site.id} className={site.chosen ? "chosen" : undefined}>
            <th scope="row">
              {site.names[text.lang]} {site.chosen ? <span className="tag accent">{text("route.sites.chosen")}</span> : null}
              {site.in_service_area === false ? <span className="tag">{text("route.sites.outside")}</span> : null}
            </th>
            <td className="figure">{metres(site.straight_m)}</td>
            <td className="figure">{metres(site.road_m)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Next({ next }: { readonly next: Route["next"] }) {
  const text = useText();
  if (next.length === 0) return null;
  return (
    <>
      <h4 className="label">{text("route.next")}</h4>
      <ol className="next">
        {next.map((item, index) => (
          <li key={`${item.item_code ?? ""}-${String(index)}`}>
            {item.body.names[text.lang]}
            <span className="soft-line">{item.why[text.lang]}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

const namesOf = (bodies: readonly Body[], text: Text): string => bodies.map((body) => body.names[text.lang]).join(text.lang === "zh" ? "、" : ", ");

function distances(site: NonNullable<Route["site"]>, text: Text): string {
  const parts = [
    site.straight_m === null ? null : `${text("route.sites.straight")} ${distanceText(text, site.straight_m)}`,
    site.road_m === null ? null : `${text("route.sites.road")} ${distanceText(text, site.road_m)}`,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

function managementClass(value: string, text: Text): string {
  return value === "comprehensive" || value === "professional" || value === "assisting" ? text(`route.class.${value}`) : value;
}

function matchedBy(value: string, text: Text): string {
  return value === "code" || value === "prefix" || value === "any" ? text(`route.match.${value}`) : value;
}
