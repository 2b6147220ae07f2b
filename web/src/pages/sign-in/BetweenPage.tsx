// Owns the page of somebody who is signed in and may not go on yet: with the first password of an administrator's, or without a post.
import { useMutation } from "@tanstack/react-query";
import { Mark } from "../../design/Mark";
import { Switches } from "../../design/Switches";
import { Trouble } from "../../design/Trouble";
import { Posts } from "../../features/session/AccountMenu";
import { PasswordForm } from "../../features/session/PasswordForm";
import { useText } from "../../i18n/language";
import { leave, take, useSession } from "../../state/session";
import "./sign-in.css";

export function BetweenPage() {
  const text = useText();
  const session = useSession();
  const leaving = useMutation({ mutationFn: leave });
  return (
    <div className="sign-in">
      <header className="sign-in-head">
        <Mark />
        <span className="sign-in-name">{text("app.name")}</span>
        <div className="switches">
          <Switches />
        </div>
      </header>
      <main className="between">
        <h1>{text(session.must_change ? "password.title" : "account.between")}</h1>
        {session.notices.map((notice) => (
          <p key={notice.code} className="notice" role="status">
            {notice.text[text.lang]}
          </p>
        ))}
        {session.must_change ? <PasswordForm account={session.account ?? ""} onChanged={take} onCancel={null} /> : null}
        {!session.must_change && session.posts.length > 0 ? <Posts current={null} posts={session.posts} /> : null}
        <p className="soft">{text("account.as", { account: session.account ?? "" })}</p>
        <button type="button" className="button" disabled={leaving.isPending} onClick={() => leaving.mutate()}>
          {text("account.leave")}
        </button>
        {leaving.error === null ? null : <Trouble error={leaving.error} title={text("account.leave.failed")} />}
      </main>
    </div>
  );
}
