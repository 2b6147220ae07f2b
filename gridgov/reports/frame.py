"""The frame of a page that asks nothing of any network: everything it needs goes in as text.

Owns Leaflet inside the page, the policy that forbids requests, and what may stand in a script. Does not own what a page
shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def whole(page: str, *, name: str, title: str, facts: Mapping[str, Any], scripts: Sequence[str] = ()) -> str:
    """What folium rendered, with `static/NAME.{html,css,js}` around it and `facts` as REPORT for its script. `scripts`:
    more of Leaflet's."""
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{_escaped(title)}</title>",
        *(f"<style>{_style(one)}</style>" for one in ("leaflet/leaflet.css", f"{name}.css")),
        *(_script(_asset(f"leaflet/{one}")) for one in ("leaflet.js", *scripts)),
    ]
    page = page.replace("<html>", '<html lang="zh-CN">', 1).replace("<head>", "<head>\n" + "\n".join(head), 1)
    page = re.sub(r",\s*initial-scale=1\.0,\s*maximum-scale=1\.0,\s*user-scalable=no", ", initial-scale=1", page)
    page = page.replace("<body>", f"<body>\n{_asset(f'{name}.html')}", 1)
    told = _script(f"const REPORT = {_json(facts)};")
    return page.replace("</html>", f"{told}\n{_script(_asset(f'{name}.js'))}\n</html>", 1)


@cache
def _asset(name: str) -> str:
    """A file of `static/`; a script loses its pointer to a source map, which developer tools would fetch."""
    text = (STATIC / name).read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE) if name.endswith(".js") else text


def _style(name: str) -> str:
    """A style sheet without pictures from other files (Leaflet's markers and collapsed switch; neither is used)."""
    return re.sub(r"url\((?!data:|#)[^)]*\)", "none", _asset(name))


def _script(code: str) -> str:
    return "<script>" + re.sub(r"</(?=script)", r"<\\/", code, flags=re.IGNORECASE) + "</script>"


def _json(value: Any) -> str:
    """JSON that may stand in a script: no character that could end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
