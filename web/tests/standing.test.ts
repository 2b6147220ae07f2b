import { describe, expect, test } from "vitest";
import type { Session } from "../src/api/session";
import { backTo, identityOf, step, type Standing, UNKNOWN } from "../src/state/standing";

const NOBODY: Session = {
  account: null, title: "", role: "resident", role_names: { zh: "居民", en: "resident" }, post: null, posts: [],
  permissions: [], channels: [], must_change: false, own_password: false, csrf: null, notices: [], oidc: false, demo: null,
};
const POST = { id: "7", role: "planner", role_names: { zh: "", en: "" }, place: { kind: "area", id: "9", code: "1", names: { zh: "", en: "" }, in_force: true }, until: null };
const somebody = (account: string): Session => ({ ...NOBODY, account, role: "planner", post: POST, posts: [POST], csrf: "x" });
const known = (from: Standing, session: Session): Standing => step(from, { kind: "known", session });

describe("who is signed in", () => {
  test("at the start nobody has left", () => {
    expect(known(UNKNOWN, NOBODY)).toMatchObject({ left: null, before: null });
  });

  test("a session that ran out is said to have ended, and its account is remembered", () => {
    const after = known(known(UNKNOWN, somebody("g0001")), NOBODY);
    expect(after).toMatchObject({ left: "ended", before: "g0001" });
    expect(known(after, NOBODY)).toMatchObject({ left: "ended", before: "g0001" });
    expect(known(after, somebody("g0002"))).toMatchObject({ left: null, before: null });
  });

  test("a cookie that was over when the page was opened is said too", () => {
    const ended = { ...NOBODY, notices: [{ code: "session-ended", text: { zh: "", en: "" } }] };
    expect(known(UNKNOWN, ended)).toMatchObject({ left: "ended", before: null });
  });

  test("signing out is not running out, and nobody's name is kept", () => {
    const after = known(step(known(UNKNOWN, somebody("g0001")), { kind: "out" }), NOBODY);
    expect(after).toMatchObject({ left: "out", before: null });
  });

  test("no answer changes nothing that is known", () => {
    const error = new Error("away");
    expect(step(UNKNOWN, { kind: "failed", error })).toMatchObject({ session: null, error });
    const in_ = known(UNKNOWN, somebody("g0001"));
    expect(step(in_, { kind: "failed", error })).toBe(in_);
    expect(known(step(UNKNOWN, { kind: "failed", error }), NOBODY).error).toBeNull();
  });

  test("another account or another post is another identity", () => {
    const one = somebody("g0001");
    const found = [NOBODY, one, somebody("g0002"), { ...one, post: { ...POST, id: "8" } }].map(identityOf);
    expect(new Set(found).size).toBe(4);
    expect(identityOf({ ...one, csrf: "y" })).toBe(identityOf(one));
  });
});

describe("where to go after signing in", () => {
  const origin = "https://grid.example";
  test.each([
    ["", "/"],
    ["?to=/%3Fat%3D116.9,33.1%26table%3D1", "/?at=116.9,33.1&table=1"],
    ["?to=/desk%23x", "/desk#x"],
    ["?to=https://grid.example/desk", "/desk"],
    ["?to=https://elsewhere.example/", "/"],
    ["?to=//elsewhere.example/", "/"],
    ["?to=/%5Celsewhere.example", "/"],
    ["?to=%5C%5Celsewhere.example", "/"],
    ["?to=javascript:alert(1)", "/"],
    ["?to=/sign-in", "/"],
    ["?to=/api/v1/session/oidc", "/"],
    ["?to=http://[", "/"],
  ])("%s leads to %s", (search, wanted) => expect(backTo(search, origin)).toBe(wanted));
});
