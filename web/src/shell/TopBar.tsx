// Owns the bar above every page: whose data this is, the other pages, the page's own tools, and the switches of the whole.
import { type ReactNode, useEffect } from "react";
import { Switches } from "../design/Switches";
import { AccountMenu } from "../features/session/AccountMenu";
import { useText } from "../i18n/language";
import { usePath } from "../state/place";
import { useCity } from "../state/queries";
import { useMay, useSession } from "../state/session";
import { Link } from "./Link";
import { homeFor, ROWS } from "./pages";
import "./shell.css";

interface Props {
  /** Left of the name: what shows and hides the page's panel. */
  readonly lead?: ReactNode;
  /** In the middle, as wide as there is room: the search. */
  readonly children?: ReactNode;
  /** Before the switches of the whole page. */
  readonly tools?: ReactNode;
}

export function TopBar({ lead, children, tools }: Props) {
  const text = useText();
  const city = useCity().data;
  const may = useMay();
  const { role } = useSession();
  const at = usePath();
  const path = at === "/" ? homeFor(role, may).path : at;
  const name = city === undefined ? text("app.name") : city.names[text.lang];
  const row = ROWS.find((one) => one.path === path);
  const page = row === undefined ? null : text(row.title);
  useEffect(() => {
    document.title = page === null ? name : `${page} · ${name}`;
  }, [page, name]);
  return (
    <header className="top">
      {lead}
      <h1 className="title">
        {name}
        {city?.demo === true ? (
          <span className="tag" title={text("app.demo.note")}>
            {text("app.demo")}
          </span>
        ) : null}
      </h1>
      <nav className="pages" aria-label={text("shell.pages")}>
        {ROWS.filter((one) => one.may === null || may(one.may)).map((one) => (
          <Link key={one.path} to={one.path} current={one.path === path}>
            {text(one.title)}
          </Link>
        ))}
      </nav>
      {children}
      <div className="switches">
        {tools}
        <span className="switches-wide">
          <Switches />
        </span>
        <AccountMenu />
      </div>
    </header>
  );
}
