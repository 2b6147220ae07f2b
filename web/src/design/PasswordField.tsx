// Owns the field of a password: hidden, and shown as long as its own button is pressed in.
import { type Ref, useId, useState } from "react";
import { useText } from "../i18n/language";
import { EyeIcon } from "./icons";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What a password manager is to do with it. */
  readonly use: "current-password" | "new-password";
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly help?: string;
  readonly fault?: string | null;
}

export function PasswordField({ label, value, onChange, use, inputRef, help, fault = null }: Props) {
  const text = useText();
  const id = useId();
  const [shown, setShown] = useState(false);
  const describedBy = [help === undefined ? null : `${id}-help`, fault === null ? null : `${id}-fault`].filter((part) => part !== null).join(" ");
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <div className="password">
        <input
          id={id}
          ref={inputRef}
          className="input"
          type={shown ? "text" : "password"}
          name={use}
          autoComplete={use}
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          maxLength={512}
          required
          aria-invalid={fault !== null}
          aria-describedby={describedBy === "" ? undefined : describedBy}
          onChange={(event) => onChange(event.target.value)}
        />
        <button type="button" className="button plain square" aria-label={text("password.show")} aria-pressed={shown} onClick={() => setShown(!shown)}>
          <EyeIcon off={shown} />
        </button>
      </div>
      {help === undefined ? null : (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {fault === null ? null : (
        <span className="fault" role="alert" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}
