"""A browser as far as cookies go: it keeps what it is given, and repeats the page's token with each change."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie
from types import TracebackType
from typing import Any, Self

import httpx

from gridgov.api.deps import COOKIE, CSRF_HEADER


def told(answer: httpx.Response) -> str:
    """What an answer tells, but for the number that each request has."""
    return str(sorted((name, value) for name, value in answer.json().items() if name != "request_id"))


class Browser:
    """On plain HTTP of this machine, which browsers trust like HTTPS and client libraries do not."""

    def __init__(self, base: str) -> None:
        self.client = httpx.Client(base_url=base, timeout=60)
        self.jar: dict[str, str] = {}
        self.given: dict[str, Morsel[str]] = {}
        self.csrf: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.client.close()

    @property
    def cookie(self) -> str | None:
        return self.jar.get(COOKIE)

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """One request with the cookies that are held and, for a change, the page's token."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar else {}
        if method != "GET" and self.csrf is not None:
            sent[CSRF_HEADER] = self.csrf
        answer = self.client.request(method, path, headers=sent | (headers or {}), **more)
        self.keep(answer)
        return answer

    def keep(self, answer: httpx.Response) -> None:
        """Takes the cookies of an answer, and its token."""
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.given[name] = morsel
                gone = morsel["max-age"] == "0" or (
                    morsel["expires"] and parsedate_to_datetime(morsel["expires"]).year < 2000
                )
                if gone:
                    self.jar.pop(name, None)
                else:
                    self.jar[name] = morsel.value
        if answer.headers.get("content-type", "").startswith("application/json"):
            body = answer.json()
            if isinstance(body, dict) and "csrf" in body:
                self.csrf = body["csrf"]

    def sign_in(self, name: str, password: str) -> httpx.Response:
        return self.ask("POST", "/api/v1/session", json={"name": name, "password": password})

    def session(self) -> dict[str, Any]:
        """What the server says of this browser."""
        answer = self.ask("GET", "/api/v1/session")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body
