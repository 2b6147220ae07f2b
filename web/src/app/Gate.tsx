// Owns who gets to see a page: nobody without an account and a post. The address stays, so that signing in leads to it.
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, type ReactNode, useEffect, useState } from "react";
import { Trouble } from "../design/Trouble";
import { Banner } from "../features/session/Banner";
import { forgetWriting } from "../features/incidents/draft";
import { useText } from "../i18n/language";
import { newClient } from "../state/queries";
import { ask, useStanding } from "../state/session";
import { backTo, identityOf, SIGN_IN } from "../state/standing";
import { Opening } from "./Opening";

const SignInPage = lazy(async () => ({ default: (await import("../pages/sign-in/SignInPage")).SignInPage }));
const BetweenPage = lazy(async () => ({ default: (await import("../pages/sign-in/BetweenPage")).BetweenPage }));

export function Gate({ children }: { readonly children: ReactNode }) {
  const { session, error, left } = useStanding();
  useEffect(() => {
    if (left === "out") forgetWriting();
  }, [left]);
  if (session === null) return error === null ? <Opening /> : <Unknown error={error} />;
  return <Fetched key={identityOf(session)}>{pageFor(session, children)}</Fetched>;
}

function pageFor(session: { readonly account: string | null; readonly must_change: boolean; readonly post: unknown }, page: ReactNode): ReactNode {
  if (session.account === null) return <SignInPage />;
  if (session.must_change || session.post === null) return <BetweenPage />;
  if (location.pathname === SIGN_IN) return <Forward />;
  return (
    <div className="frame">
      <Banner />
      {page}
    </div>
  );
}

/** What is fetched under one identity is nobody else's: a new one begins with nothing. */
function Fetched({ children }: { readonly children: ReactNode }) {
  const [client] = useState(newClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

/** Nothing to sign in to for whoever is signed in. */
function Forward() {
  useEffect(() => location.replace(backTo(location.search, location.origin)), []);
  return <Opening />;
}

/** The server cannot be asked who we are. */
function Unknown({ error }: { readonly error: Error }) {
  const text = useText();
  return (
    <main className="alone">
      <h1>{text("app.name")}</h1>
      <Trouble error={error} title={text("app.unknown")} onRetry={() => void ask()} />
    </main>
  );
}
