// Owns changing one's own password.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Problem } from "../../api/http";
import { changePassword, type Session } from "../../api/session";
import { PasswordField } from "../../design/PasswordField";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";

interface Props {
  readonly account: string;
  readonly onChanged: (session: Session) => void;
  /** null: there is no way around it. */
  readonly onCancel: (() => void) | null;
}

export function PasswordForm({ account, onChanged, onCancel }: Props) {
  const text = useText();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [differs, setDiffers] = useState(false);
  const changing = useMutation({ mutationFn: () => changePassword(old, fresh), onSuccess: onChanged });
  const problem = changing.error instanceof Problem ? changing.error : null;
  const at = (field: string): string | null => (problem?.field === field ? [problem.message, problem.remedy ?? ""].join(" ").trim() : null);
  const faultOld = at("old");
  const faultNew = at("password") ?? at("new");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setDiffers(fresh !== again);
    if (fresh === again) changing.mutate();
  };
  return (
    <form className="password-form" onSubmit={submit}>
      {/* A password manager has to know whose password this is. */}
      <input className="visually-hidden" type="text" name="username" autoComplete="username" value={account} readOnly tabIndex={-1} aria-hidden="true" />
      <PasswordField label={text("password.old")} use="current-password" value={old} onChange={setOld} fault={faultOld} />
      <PasswordField label={text("password.new")} use="new-password" value={fresh} onChange={setFresh} help={text("password.new.help")} fault={faultNew} />
      <PasswordField label={text("password.again")} use="new-password" value={again} onChange={setAgain} fault={differs ? text("password.differs") : null} />
      {changing.error === null || faultOld !== null || faultNew !== null ? null : <Trouble error={changing.error} title={text("password.failed")} />}
      <div className="actions">
        <button type="submit" className="button primary" disabled={changing.isPending}>
          {text("password.change")}
        </button>
        {onCancel === null ? null : (
          <button type="button" className="button plain" onClick={onCancel}>
            {text("dialog.cancel")}
          </button>
        )}
      </div>
    </form>
  );
}
