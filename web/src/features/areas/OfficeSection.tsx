// Owns telling whose an area is: the offices from the area upwards, posts by role and number, never by name.
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { levelName } from "./PlaceSection";
import { useOffices } from "./queries";

interface Props {
  readonly areaId: string;
  readonly day: string | null;
}

export function OfficeSection({ areaId, day }: Props) {
  const text = useText();
  const found = useOffices(areaId, day, true);
  const told = (found.data ?? []).filter(({ posts, stationed, area }, index) => index === 0 || area.level !== "city" || posts.length > 0 || stationed.length > 0);
  return (
    <section className="panel-section" aria-labelledby="whose-title" aria-busy={found.isFetching}>
      <h3 id="whose-title">{text("places.whose")}</h3>
      {found.isError ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <span className="skeleton bone-90" /> : null}
      <ol className="offices">
        {told.map(({ area, posts, stationed }) => (
          <li key={area.id} data-level={area.level}>
            <span className="office-name">
              {area.names[text.lang]} <span className="tag">{levelName(area, text)}</span>
            </span>
            <span className="office-posts">
              {posts.length === 0 ? <span className="soft">{text("places.whose.nobody")}</span> : null}
              {posts.map(({ role, role_names, posts: n }) => (
                <span key={role} className="office-post">
                  {text("places.whose.posts", { role: role_names[text.lang], n })}
                </span>
              ))}
            </span>
            {stationed.length === 0 ? null : (
              <span className="soft-line">
                {text("places.whose.stationed")}: {stationed.map((one) => one.names[text.lang]).join(text.lang === "zh" ? "、" : ", ")}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
