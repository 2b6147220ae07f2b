// Owns signing in: with account and password, at the provider where there is one, as one of the demo's people where it is a demo.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { Problem } from "../../api/http";
import { type Demo, isRefused, oidcAddress, type Session, signIn } from "../../api/session";
import { PasswordField } from "../../design/PasswordField";
import { useText } from "../../i18n/language";
import { saysRefusal } from "./refusal";

export type ProviderFailure = "refused" | "unavailable";

interface Props {
  readonly session: Session;
  /** The account whose session ran out. */
  readonly before: string | null;
  /** How the provider sent the browser back without success. */
  readonly provider: ProviderFailure | null;
  readonly backTo: string;
  readonly onSignedIn: (session: Session) => void;
}

export function SignInForm({ session, before, provider, backTo, onSignedIn }: Props) {
  const text = useText();
  const id = useId();
  const [name, setName] = useState(before ?? "");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const trying = useMutation({
    mutationFn: (as: { name: string; password: string }) => signIn(as.name, as.password),
    onSuccess: onSignedIn,
    onError: (error) => {
      if (isRefused(error)) passwordField.current?.select();
    },
  });
  const waitS = useWait(trying.error);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const empty = name.trim() === "" ? nameField : password === "" ? passwordField : null;
    setMissing(empty !== null);
    if (empty === null) trying.mutate({ name, password });
    else empty.current?.focus();
  };
  const asDemo = (as: string, demo: Demo): void => {
    setMissing(false);
    setName(as);
    setPassword(demo.password);
    trying.mutate({ name: as, password: demo.password });
  };

  const trouble = missing ? text("signin.missing") : saysRefusal(text, trying.error, waitS);
  return (
    <>
      <form className="sign-in-form" onSubmit={submit} noValidate aria-label={text("signin")}>
        {provider === null || trying.isPending || trouble !== null ? null : (
          <p className="notice bad" role="alert">
            {text(`signin.provider.${provider}`)}
          </p>
        )}
        <div className="field">
          <label className="label" htmlFor={id}>
            {text("signin.account")}
          </label>
          <input
            id={id}
            ref={nameField}
            className="input"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            // The one thing to do on this page.
            autoFocus={before === null}
            value={name}
            maxLength={80}
            required
            aria-invalid={missing && name.trim() === ""}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <PasswordField label={text("signin.password")} use="current-password" value={password} onChange={setPassword} inputRef={passwordField} />
        {trouble === null ? null : (
          <p className="notice bad" role="alert">
            {trouble}
          </p>
        )}
        <button type="submit" className="button primary" disabled={trying.isPending}>
          {text(trying.isPending ? "signin.busy" : "signin")}
        </button>
        {session.oidc ? (
          <a className="button" href={oidcAddress(backTo)}>
            {text("signin.provider")}
          </a>
        ) : null}
      </form>
      {session.demo === null ? null : <DemoAccounts demo={session.demo} busy={trying.isPending} onChoose={asDemo} />}
    </>
  );
}

function DemoAccounts({ demo, busy, onChoose }: { readonly demo: Demo; readonly busy: boolean; readonly onChoose: (name: string, demo: Demo) => void }) {
  const text = useText();
  const title = useId();
  return (
    <section className="demo-accounts" aria-labelledby={title}>
      <h2 id={title}>{text("signin.demo")}</h2>
      <p className="help">{text("signin.demo.what", { password: demo.password })}</p>
      <ul>
        {demo.accounts.map((account) => (
          <li key={account.name}>
            <button type="button" className="button plain" disabled={busy} onClick={() => onChoose(account.name, demo)}>
              <span className="name">{text.lang === "zh" ? account.title : spoken(account.name)}</span>
              <span className="soft">{account.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The demo's accounts are named after their roles, in English: "grid-worker". */
const spoken = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");

/** Seconds until the next try can succeed, counted down; 0 = now. */
function useWait(error: Error | null): number {
  const until = error instanceof Problem && error.retryS !== null && error.status === 429 ? error.retryS * 1000 : 0;
  const [left, setLeft] = useState(0);
  const [of, setOf] = useState<Error | null>(null);
  if (of !== error) {
    setOf(error);
    setLeft(until);
  }
  useEffect(() => {
    if (until === 0) return undefined;
    const end = Date.now() + until;
    const timer = setInterval(() => setLeft(Math.max(0, end - Date.now())), 1000);
    return () => clearInterval(timer);
  }, [error, until]);
  return Math.ceil(left / 1000);
}
