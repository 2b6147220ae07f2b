// Owns the frame around every page: language, theme, who is signed in, which page, what happens when one is missing or breaks.
import { Suspense, useEffect } from "react";
import { LanguageProvider, useText } from "../i18n/language";
import { homeFor, rowAt } from "../shell/pages";
import { Link } from "../shell/Link";
import { go, usePath } from "../state/place";
import { useMay, useSession } from "../state/session";
import { ThemeProvider } from "../state/theme";
import { Boundary } from "./Boundary";
import { Gate } from "./Gate";
import { Opening } from "./Opening";
import { PAGES } from "./pages";
import "./app.css";

export function App() {
  return (
    <ThemeProvider>
      <LanguageProvider>
        <Boundary>
          <Suspense fallback={<Opening />}>
            <Gate>
              <CurrentPage />
            </Gate>
          </Suspense>
        </Boundary>
      </LanguageProvider>
    </ThemeProvider>
  );
}

function CurrentPage() {
  const path = usePath();
  const may = useMay();
  const home = homeFor(useSession().role, may).path;
  // Addresses of the map were once those of the whole: with a query "/" is the map for everybody.
  const wanted = path === "/" ? (location.search === "" ? home : "/map") : path;
  const row = rowAt(wanted);
  const Component = PAGES[wanted];
  if (row === undefined || Component === undefined) return <Alone title="app.notFound" link="app.notFound.home" />;
  if (row.may !== null && !may(row.may)) return <Alone title="shell.refused" link="shell.refused.home" />;
  if (path === "/" && wanted !== "/map") return <Forward to={wanted} />;
  return <Component key={wanted} />;
}

function Forward({ to }: { readonly to: string }) {
  useEffect(() => go(to, { replace: true }), [to]);
  return <Opening />;
}

function Alone({ title, link }: { readonly title: "app.notFound" | "shell.refused"; readonly link: "app.notFound.home" | "shell.refused.home" }) {
  const text = useText();
  return (
    <main className="alone">
      <h1>{text(title)}</h1>
      <Link to="/">{text(link)}</Link>
    </main>
  );
}
