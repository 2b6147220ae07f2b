// Owns the dialog around changing the password: modal, closed by Escape, the focus goes back to where it was.
import { useEffect, useId, useRef } from "react";
import type { Session } from "../../api/session";
import { useText } from "../../i18n/language";
import { PasswordForm } from "./PasswordForm";

interface Props {
  readonly account: string;
  readonly onClose: () => void;
  readonly onChanged: (session: Session) => void;
}

export function PasswordDialog({ account, onClose, onChanged }: Props) {
  const text = useText();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open !== false) return;
    dialog.current.showModal();
    // By itself the focus would go to the name, which is there for password managers alone.
    dialog.current.querySelector<HTMLElement>("input[type=password]")?.focus();
  }, []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={onClose} onKeyDown={(event) => event.stopPropagation()}>
      <h2 id={id}>{text("password.title")}</h2>
      <PasswordForm account={account} onChanged={onChanged} onCancel={onClose} />
    </dialog>
  );
}
