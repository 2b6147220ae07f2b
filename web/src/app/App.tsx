// Owns the frame around every page: language, theme, who is signed in, what happens when a page is missing or breaks.
import { Suspense } from "react";
import { LanguageProvider, useText } from "../i18n/language";
import { ThemeProvider } from "../state/theme";
import { Boundary } from "./Boundary";
import { Gate } from "./Gate";
import { Opening } from "./Opening";
import { pageAt } from "./pages";
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
  const text = useText();
  const page = pageAt(location.pathname);
  if (page === undefined) {
    return (
      <main className="alone">
        <h1>{text("app.notFound")}</h1>
        <a href="/">{text("app.notFound.home")}</a>
      </main>
    );
  }
  return <page.Component />;
}
