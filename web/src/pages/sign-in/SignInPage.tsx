// Owns the page that everybody sees first: signing in, and a resident's question about a matter, which needs no account.
import { useEffect, useState } from "react";
import type { Session } from "../../api/session";
import { Mark } from "../../design/Mark";
import { Switches } from "../../design/Switches";
import { Trouble } from "../../design/Trouble";
import { LookUp } from "../../features/incidents/LookUp";
import { type ProviderFailure, SignInForm } from "../../features/session/SignInForm";
import { useText } from "../../i18n/language";
import { useCity } from "../../state/queries";
import { take, useSession, useStanding } from "../../state/session";
import { backTo, SIGN_IN } from "../../state/standing";
import "./sign-in.css";

const ZONE = "Asia/Shanghai";

export function SignInPage() {
  const text = useText();
  const session = useSession();
  const { left, before } = useStanding();
  const city = useCity();
  const [provider] = useState(failureIn);
  useEffect(() => {
    const title = text("signin.document", { app: text("app.name") });
    document.title = title;
    return () => {
      document.title = text("app.name");
    };
  }, [text]);
  useEffect(forgetFailure, []);

  const enter = (next: Session): void => {
    if (location.pathname === SIGN_IN) {
      history.replaceState(null, "", backTo(location.search, location.origin));
      dispatchEvent(new PopStateEvent("popstate"));
    }
    take(next);
  };
  const name = city.data?.names[text.lang];
  return (
    <div className="sign-in">
      <header className="sign-in-head">
        <Mark />
        <span className="sign-in-name">{text("app.name")}</span>
        {city.data?.demo === true ? <span className="tag">{text("app.demo")}</span> : null}
        <div className="switches">
          <Switches />
        </div>
      </header>
      <main className="sign-in-body">
        <div className="sign-in-title">
          <h1>{name === undefined ? text("signin") : text("signin.title", { city: name })}</h1>
          <p className="soft">{text("signin.what")}</p>
          {left === null ? null : (
            <p className="notice" role="status">
              {text(left === "ended" ? "signin.ended" : "signin.out")}
            </p>
          )}
          {city.isError ? <Trouble error={city.error} onRetry={() => void city.refetch()} /> : null}
        </div>
        <SignInForm session={session} before={before} provider={provider} backTo={here()} onSignedIn={enter} />
        <LookUp timeZone={city.data?.timezone ?? ZONE} />
      </main>
    </div>
  );
}

/** Where the browser is to come back to from the provider. */
const here = (): string => (location.pathname === SIGN_IN ? backTo(location.search, location.origin) : location.pathname + location.search);

const FAILED = "sign-in";

function failureIn(): ProviderFailure | null {
  const how = new URLSearchParams(location.search).get(FAILED);
  return how === "refused" || how === "unavailable" ? how : null;
}

/** Said once: the address is kept, and sent to others, without it. */
function forgetFailure(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has(FAILED)) return;
  url.searchParams.delete(FAILED);
  history.replaceState(null, "", url);
}
