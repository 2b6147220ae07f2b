// Owns telling which area was chosen: its place among those above, its size, since when it has its boundaries.
import type { Extent } from "../../api/areasOn";
import type { Area } from "../../api/areas";
import { Fact } from "../../design/Fact";
import { useText } from "../../i18n/language";
import { number, type Text } from "../../i18n/text";
import { levelName } from "./PlaceSection";

interface Props {
  readonly area: Area;
  /** From the city down to the area itself. */
  readonly path: readonly Area[];
  readonly extent: Extent | undefined;
  readonly since: string | null;
  readonly onArea: (id: string) => void;
  readonly onShow: (() => void) | null;
}

export function AreaSection({ area, path, extent, since, onArea, onShow }: Props) {
  const text = useText();
  const kind = area.kind === "urban" || area.kind === "rural" || area.kind === "special" ? text(`kind.${area.kind}`) : null;
  return (
    <section className="panel-section" aria-label={text("places.area")}>
      <ol className="path above" aria-label={text("places.parents")}>
        {path.slice(0, -1).map((one) => (
          <li key={one.id}>
            <button type="button" className="link" title={levelName(one, text)} onClick={() => onArea(one.id)}>
              {one.names[text.lang]}
            </button>
          </li>
        ))}
      </ol>
      <p className="deepest" data-testid="area" data-code={area.code}>
        {area.names[text.lang]} <span className="tag">{levelName(area, text)}</span> {kind === null ? null : <span className="tag">{kind}</span>}
      </p>
      <p className="since" data-testid="since">{since === null ? text("places.since.always") : text("places.since", { day: since })}</p>
      <dl className="facts">
        <Fact name={text("table.code")}>{area.code}</Fact>
        <Fact name={text("places.size.area")}>{extent === undefined ? "…" : text("places.size.km2", { n: km2(text, extent.area_km2) })}</Fact>
        <Fact name={text("places.size.households")}>{figure(text, area.households)}</Fact>
        <Fact name={text("places.size.population")}>{figure(text, area.population)}</Fact>
      </dl>
      {onShow === null ? null : (
        <button type="button" className="button show-all" onClick={onShow}>
          {text("places.area.show")}
        </button>
      )}
    </section>
  );
}

export const km2 = (text: Text, value: number): string => number(text.lang, value, value < 1 ? 3 : value < 100 ? 2 : 0);
const figure = (text: Text, value: number | null): string => (value === null ? text("places.size.unknown") : number(text.lang, value));
