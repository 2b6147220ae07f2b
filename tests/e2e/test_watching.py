"""The controls: what the other stories rely on would be noticed if it went wrong."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import OpenPage
from tests.e2e.pixels import colours, difference
from tests.e2e.watch import Watch

pytestmark = pytest.mark.browser


def test_a_foreign_picture_is_caught(browser: Browser, base: str) -> None:
    watch = Watch(base)
    context = browser.new_context()
    page = context.new_page()
    watch.over(page)
    # Nothing leaves this machine: the request is cut off, but it was made, and that is what counts.
    page.route("**/*", lambda route: route.abort() if "elsewhere" in route.request.url else route.continue_())
    page.set_content('<img src="http://elsewhere.example/pixel.png">')
    page.wait_for_timeout(200)
    context.close()
    assert watch.foreign == ["http://elsewhere.example/pixel.png"]
    with pytest.raises(AssertionError):
        watch.verdict()


def test_an_inline_script_is_refused_and_complained_about(browser: Browser, base: str) -> None:
    watch = Watch(base)
    context = browser.new_context()
    page = context.new_page()
    watch.over(page)
    answer = page.goto(base + "/")
    assert answer is not None
    policy = answer.header_value("content-security-policy")
    assert policy is not None
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.intruder = 1' }))"
    )
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://elsewhere.example/pixel.png' }))")
    page.wait_for_timeout(200)
    assert page.evaluate("window.intruder") is None
    context.close()
    refused = [text for text in watch.complaints if "Content Security Policy" in text]
    assert len(refused) >= 2


def test_a_blank_map_would_be_seen(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_content("<body style='background:#f4f4f2'>")
    blank = colours(browser, page)
    context.close()
    assert len(blank) == 1
    assert difference(blank, blank) == 0
    assert difference(blank, {0x123456: 1.0}) == 1


def test_nothing_is_asked_of_others_and_nothing_is_complained_about(open_page: OpenPage, watch: Watch) -> None:
    open_page("/?paint=heat&at=116.9,33.12")
    layers = {url.split("/tiles/")[1].split("/")[0] for url in watch.requests if "/tiles/" in url}
    assert {"areas", "streets", "incidents"} <= layers
    watch.verdict()
