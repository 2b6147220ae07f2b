// Owns the menu of whoever is signed in: who, in which post; another post, another password, signing out.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { changePost, type Post } from "../../api/session";
import { CheckIcon, PersonIcon } from "../../design/icons";
import { Switches } from "../../design/Switches";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import type { Text } from "../../i18n/text";
import { leave, take, useSession } from "../../state/session";
import { PasswordDialog } from "./PasswordDialog";
import "./session.css";

export function AccountMenu() {
  const text = useText();
  const id = useId();
  const session = useSession();
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const [changed, setChanged] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const leaving = useMutation({ mutationFn: leave });

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  const { post } = session;
  const role = session.post?.role_names[text.lang] ?? session.account ?? "";
  return (
    <div
      className="account"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
      onBlur={(event) => {
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className="button plain"
        aria-expanded={open}
        aria-controls={id}
        aria-label={text("account.menu", { role })}
        onClick={() => {
          setOpen(!open);
          setChanged(false);
        }}
      >
        <PersonIcon />
        <span className="wide">{role}</span>
      </button>
      <div id={id} className="account-panel" role="group" aria-label={text("account")} hidden={!open}>
        <div className="account-who">
          <strong>{session.account}</strong>
          {session.title === "" ? null : <span>{session.title}</span>}
          {post === null ? null : <span className="soft">{postText(post, text)}</span>}
        </div>
        {changed ? (
          <p className="notice" role="status">
            {text("password.changed")}
          </p>
        ) : null}
        {session.posts.length > 1 ? <Posts current={post} posts={session.posts} onDone={close} /> : null}
        <div className="account-switches">
          <Switches />
        </div>
        <div className="account-actions">
          {session.own_password ? (
            <button type="button" className="button plain" onClick={() => setChanging(true)}>
              {text("password.change")}
            </button>
          ) : null}
          <button type="button" className="button plain" disabled={leaving.isPending} onClick={() => leaving.mutate()}>
            {text("account.leave")}
          </button>
        </div>
        {leaving.error === null ? null : <Trouble error={leaving.error} title={text("account.leave.failed")} />}
      </div>
      {changing && session.account !== null ? (
        <PasswordDialog
          account={session.account}
          onClose={() => setChanging(false)}
          onChanged={(next) => {
            setChanging(false);
            setChanged(true);
            take(next);
          }}
        />
      ) : null}
    </div>
  );
}

/** The posts that somebody holds, the present one marked; choosing another shows the pages anew, as that post sees them. */
export function Posts({ current, posts, onDone }: { readonly current: Post | null; readonly posts: readonly Post[]; readonly onDone?: () => void }) {
  const text = useText();
  const id = useId();
  const switching = useMutation({ mutationFn: changePost, onSuccess: take });
  return (
    <div className="posts">
      <p className="label" id={id}>
        {text("account.posts")}
      </p>
      <ul aria-labelledby={id}>
        {posts.map((post) => {
          const here = post.id === current?.id;
          return (
            <li key={post.id}>
              <button type="button" className="button plain" aria-current={here ? "true" : undefined} disabled={switching.isPending} onClick={() => (here ? onDone?.() : switching.mutate(post))}>
                <span className="check">{here ? <CheckIcon /> : null}</span>
                <span>
                  {post.role_names[text.lang]}
                  <span className="below">{placeText(post, text)}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {switching.error === null ? null : <Trouble error={switching.error} title={text("account.posts.failed")} />}
    </div>
  );
}

const placeText = (post: Post, text: Text): string => (post.place.kind === "city" ? text("account.place.city") : post.place.names[text.lang]);
const postText = (post: Post, text: Text): string => `${post.role_names[text.lang]} · ${placeText(post, text)}`;
