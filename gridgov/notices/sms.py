"""Short messages without a vendor: through an HTTP gateway that a template describes, or into a folder.

Owns two adapters of `channels.Gateway`. An adapter for a vendor's own interface is one more class of that form. Texts
and numbers go to the gateway and nowhere else: neither is logged or kept.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote

import httpx

from gridgov.notices.channels import Gateway, NotSent, Short
from gridgov.notices.texts import parts
from gridgov.platform.settings import Settings

MOST_PARTS = 4
TIMEOUT_S = 10.0
_PLACE = re.compile(r"\{(phone|text|id)\}")
SPOOL, POSTED = "spool:", "post:"


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """A gateway that is asked by one request.

    `template`: an address with `{phone}`, `{text}` and, where the gateway takes one, `{id}`. With `posted`, its query
    becomes the form of a POST. `token`: sent as bearer token. Any 2xx counts as taken.
    """

    template: str
    posted: bool = False
    token: str | None = field(default=None, repr=False)

    def send(self, short: Short) -> int:
        """Raises `NotSent`; 4xx other than 408 and 429 is final."""
        count = _counted(short)
        values = {"phone": short.to, "text": short.text, "id": str(short.ident)}
        headers = {"Idempotency-Key": str(short.ident)} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        try:
            with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
                if self.posted:
                    address, _, query = self.template.partition("?")
                    form = {name: _put(value, values) for name, value in parse_qsl(query, keep_blank_values=True)}
                    status = client.post(address, data=form, headers=headers).status_code
                else:
                    safe = {name: quote(value, safe="") for name, value in values.items()}
                    status = client.get(_put(self.template, safe), headers=headers).status_code
        except httpx.HTTPError as problem:
            raise NotSent("sms-gateway-unreachable", type(problem).__name__) from None
        if not 200 <= status < 300:
            raise NotSent(
                "sms-gateway-refused", str(status), final=400 <= status < 500 and status not in (401, 403, 408, 429)
            )
        return count


@dataclass(frozen=True, slots=True)
class Spool:
    """A folder from which others send: one file a message, JSON, named by its id, so that a repeat is the same file."""

    folder: Path

    def send(self, short: Short) -> int:
        """Raises `NotSent` when the folder cannot be written to. The file is whole, or not there."""
        count = _counted(short)
        document = {"id": str(short.ident), "phone": short.to, "text": short.text, "parts": count}
        half = self.folder / f".{short.ident}.half"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.folder / f"{short.ident}.json")
        except OSError as problem:
            raise NotSent("sms-folder-unwritable", type(problem).__name__) from None
        return count


def chosen(settings: Settings) -> Gateway | None:
    """The adapter that is set, if any."""
    written = settings.sms
    if written is None:
        return None
    if written.startswith(SPOOL):
        return Spool(Path(written.removeprefix(SPOOL)))
    return HttpGateway(written.removeprefix(POSTED), written.startswith(POSTED), settings.sms_token)


def _put(template: str, values: dict[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], template)


def _counted(short: Short) -> int:
    count = parts(short.text)
    if count > MOST_PARTS:
        raise NotSent("sms-too-long", f"{count} parts", final=True)
    return count
