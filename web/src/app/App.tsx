// Owns the frame around every page: language, theme, data, what happens when a page is missing or breaks.
import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { LanguageProvider, useText } from "../i18n/language";
import { client } from "../state/queries";
import { ThemeProvider } from "../state/theme";
import { Boundary } from "./Boundary";
import { pageAt } from "./pages";
import "./app.css";

export function App() {
  return (
    <ThemeProvider>
      <LanguageProvider>
        <QueryClientProvider client={client}>
          <Boundary>
            <Suspense fallback={<Opening />}>
              <CurrentPage />
            </Suspense>
          </Boundary>
        </QueryClientProvider>
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

function Opening() {
  const text = useText();
  return (
    <main className="alone" aria-busy="true">
      <p>{text("app.loading")}</p>
    </main>
  );
}
