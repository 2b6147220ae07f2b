import { afterEach, describe, expect, test, vi } from "vitest";
import type { Problem} from "../src/api/http";
import { carryCsrf, changing, onStranger, problemOf, sendJson, told, Unreachable } from "../src/api/http";
import { str } from "../src/api/check";
import { saysRefusal } from "../src/features/session/refusal";
import { textFor } from "../src/i18n/text";

const refusal = (status: number, code: string, retryAfter: string | null = null): Problem =>
  problemOf(status, "", retryAfter, JSON.stringify({ status, title: "t", detail: "d", code, remedy: "r" }));

afterEach(() => {
  carryCsrf(null);
  vi.unstubAllGlobals();
});

describe("a refusal", () => {
  test("is read with its remedy and the time of the next try", () => {
    expect(refusal(429, "too-many-requests", "90")).toMatchObject({ status: 429, code: "too-many-requests", message: "d", remedy: "r", retryS: 90 });
    expect(refusal(429, "x", "Wed, 21 Oct 2026 07:28:00 GMT").retryS).toBeNull();
    expect(problemOf(502, "Bad Gateway", null, "<html>")).toMatchObject({ status: 502, message: "Bad Gateway", code: "" });
  });

  test("that says who asks is not who it was makes the page ask again; others do not", () => {
    let asked = 0;
    const stop = onStranger(() => (asked += 1));
    for (const code of ["session-ended", "not-signed-in", "foreign-request", "post-ended"]) told(refusal(401, code));
    expect(asked).toBe(4);
    for (const code of ["sign-in-refused", "not-permitted", "bad-input", ""]) told(refusal(401, code));
    expect(asked).toBe(4);
    stop();
    told(refusal(401, "session-ended"));
    expect(asked).toBe(4);
  });
});

describe("a change", () => {
  test("repeats the token of the session, and nothing when nobody is signed in", () => {
    expect(changing()).toEqual({});
    carryCsrf("abc");
    expect(changing()).toEqual({ "x-csrf-token": "abc" });
  });

  test("goes out with token, method and body; a broken connection is named", async () => {
    const network = vi.fn<typeof fetch>(() => Promise.resolve(new Response('"ok"', { status: 200 })));
    vi.stubGlobal("fetch", network);
    carryCsrf("abc");
    expect(await sendJson("PUT", "/session/post", { post: 7 }, str)).toEqual({ status: 200, value: "ok" });
    expect(network).toHaveBeenCalledWith("/api/v1/session/post", {
      credentials: "same-origin",
      method: "PUT",
      headers: { "x-csrf-token": "abc", "content-type": "application/json" },
      body: '{"post":7}',
    });
    network.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await expect(sendJson("DELETE", "/session", undefined, str)).rejects.toBeInstanceOf(Unreachable);
  });
});

describe("what is said of a try to sign in that did not succeed", () => {
  const zh = textFor("zh");
  const en = textFor("en");
  test("wrong, locked with the minutes, unreachable, anything else", () => {
    expect(saysRefusal(en, null, 0)).toBeNull();
    expect(saysRefusal(zh, refusal(401, "sign-in-refused"), 0)).toContain("账号或密码不对");
    expect(saysRefusal(zh, refusal(429, "too-many-requests", "61"), 61)).toContain("2 分钟");
    expect(saysRefusal(en, refusal(429, "too-many-requests", "60"), 60)).toContain("in 1 minute.");
    expect(saysRefusal(en, refusal(429, "too-many-requests", "60"), 0)).toBeNull();
    expect(saysRefusal(en, new Unreachable("/"), 0)).toContain("does not answer");
    expect(saysRefusal(en, refusal(503, "unavailable"), 0)).toBe("d");
  });
});
