"""Watching pages: every request and every complaint of the browser is written down and judged at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request

LOCAL_SCHEMES = {"data", "blob", "about"}
FAILED_LOAD = "Failed to load resource"  # a refused request (4xx, offline); the stories judge those themselves


@dataclass
class Watch:
    """What the pages of one story did."""

    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", self._error)

    @property
    def foreign(self) -> list[str]:
        """Requests that went anywhere but to our own server."""
        ours = urlsplit(self.base)[:2]
        return [url for url in self.requests if urlsplit(url).scheme not in LOCAL_SCHEMES and urlsplit(url)[:2] != ours]

    def verdict(self) -> None:
        assert self.requests, "the page asked for nothing: it was not watched"
        assert self.foreign == []
        assert self.complaints == []

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(FAILED_LOAD):
            self.complaints.append(message.text)

    def _error(self, error: Error) -> None:
        self.complaints.append(str(error))
