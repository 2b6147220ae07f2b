// Owns telling where a point lies: its grid, the areas above, the readable place; outside and edges are said plainly.
import type { Area, Located, Point } from "../../api/areas";
import { CopyButton } from "../../design/CopyButton";
import { Fact } from "../../design/Fact";
import { useText } from "../../i18n/language";
import { distanceText, type Text } from "../../i18n/text";

export function PlaceSection({ at, located }: { readonly at: Point; readonly located: Located }) {
  const text = useText();
  const deepest = located.path.at(-1);
  return (
    <section className="panel-section" aria-label={text("point.place")}>
      {located.inside ? null : (
        <div className="notice">
          <strong>{text("point.outside")}</strong>
          {deepest === undefined
            ? null
            : text("point.outside.near", { name: deepest.names[text.lang], distance: distanceText(text, located.distance_m) })}
        </div>
      )}
      <ol className="path" aria-label={text("point.path")}>
        {located.path.slice(0, -1).map((area) => (
          <li key={area.id} title={levelName(area, text)}>
            {area.names[text.lang]}
          </li>
        ))}
      </ol>
      {deepest === undefined ? null : (
        <p className="deepest" data-testid="grid" data-code={deepest.code}>
          {deepest.names[text.lang]} <span className="tag">{levelName(deepest, text)}</span> {kindTag(deepest, text)}
        </p>
      )}
      {located.on_edge ? <p className="help">{text("point.edge")}</p> : null}
      <dl className="facts">
        {located.place === null || located.place.text[text.lang] === "" ? null : <Fact name={text("point.place")}>
            {located.place.text[text.lang]}
            {located.place.street === null ? null : (
              <span className="soft-line">
                {text("point.street", { name: located.place.street.names[text.lang], distance: distanceText(text, located.place.street.distance_m) })}
              </span>
            )}
          </Fact>}
        {deepest === undefined ? null : (
          <Fact name={text("table.code")}>
            {deepest.code}
            {size(deepest, text)}
          </Fact>
        )}
        <Fact name="WGS-84">
          <Coordinates at={at} />
        </Fact>
      </dl>
      {located.candidates.length > 1 ? (
        <>
          <p className="label">{text("point.candidates")}</p>
          <p>{located.candidates.map((area) => area.names[text.lang]).join(text.lang === "zh" ? "、" : ", ")}</p>
        </>
      ) : null}
    </section>
  );
}

function Coordinates({ at }: { readonly at: Point }) {
  const text = useText();
  const written = `${at.lon.toFixed(6)}, ${at.lat.toFixed(6)}`;
  return (
    <span className="coordinates">
      {written}
      <CopyButton label={text("point.copy")} what={written} />
    </span>
  );
}

export function levelName(area: Area, text: Text): string {
  const { level } = area;
  return level === "city" || level === "district" || level === "subdistrict" || level === "community" || level === "grid" ? text(`level.${level}`) : level;
}

function kindTag(area: Area, text: Text) {
  if (area.kind !== "urban" && area.kind !== "rural" && area.kind !== "special") return null;
  return <span className="tag">{text(`kind.${area.kind}`)}</span>;
}

function size(area: Area, text: Text) {
  const parts = [
    area.households === null ? null : text("point.households", { n: area.households }),
    area.population === null ? null : text("point.population", { n: area.population }),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : <span className="soft-line">{parts.join(" · ")}</span>;
}
