// Owns the shapes of who is signed in, in which post and with what; and the calls that change that.
import { bool, type Decoded, id, list, names, nullable, object, str, withDefault } from "./check";
import { carryCsrf, getJson, Problem, sendJson } from "./http";

const post = object({
  id,
  role: str,
  role_names: names,
  /** Of the whole city ("city"), of an area or an agency; the city's own has no names. */
  place: object({ kind: str, id: nullable(id), code: nullable(str), names, in_force: bool }),
  until: nullable(str),
});
/** A post (岗位): one role in one place, for a time. */
export type Post = Decoded<typeof post>;

const session = object({
  account: nullable(str),
  title: withDefault(str, ""),
  role: str,
  role_names: names,
  post: nullable(post),
  posts: list(post),
  permissions: list(str),
  /** By which the role may report, the usual one first. */
  channels: withDefault(list(str), []),
  must_change: bool,
  /** Whether the account has a password that it may change. */
  own_password: withDefault(bool, false),
  csrf: nullable(str),
  notices: list(object({ code: str, text: names })),
  /** Whether one can sign in at a provider. */
  oidc: bool,
  demo: nullable(object({ password: str, accounts: list(object({ name: str, title: str })) })),
});
export type Session = Decoded<typeof session>;
export type Demo = NonNullable<Session["demo"]>;

/** Where the browser goes to sign in at the provider, and comes back to. */
export const oidcAddress = (backTo: string): string => `/api/v1/session/oidc?${new URLSearchParams({ back_to: backTo }).toString()}`;

export const fetchSession = async (): Promise<Session> => carried(await getJson("/session", {}, session));

export const signIn = async (name: string, password: string): Promise<Session> =>
  carried((await sendJson("POST", "/session", { name, password }, session)).value);

export const signOut = async (): Promise<Session> => carried((await sendJson("DELETE", "/session", undefined, session)).value);

export const changePost = async (to: Post): Promise<Session> =>
  carried((await sendJson("PUT", "/session/post", { post: Number(to.id) }, session)).value);

export const changePassword = async (old: string, fresh: string): Promise<Session> =>
  carried((await sendJson("PUT", "/session/password", { old, new: fresh }, session)).value);

/** Every later change repeats the token of the session that was told last. */
function carried(of: Session): Session {
  carryCsrf(of.csrf);
  return of;
}

/** The code of a refused name or password; also of a sign-in at the provider that did not succeed. */
export const REFUSED = "sign-in-refused";
export const isRefused = (error: unknown): boolean => error instanceof Problem && error.code === REFUSED;
