"""Where in a city file something stands, and what was probably meant.

Owns turning pydantic's errors into sentences with key, line and remedy. Does not own the form of the file
(`cityfile.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gridgov.interop.files.choose import closest

_Path = tuple[str | int, ...]
_HEADER = re.compile(r"^\s*(\[{1,2})\s*([A-Za-z0-9_.\-]+)\s*\]{1,2}")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")
_MOST_SHOWN = 8


def line_index(text: str) -> Mapping[_Path, int]:
    """Path of a key -> line, by reading headers and `key =` at the beginning of a line (a hint, no parser)."""
    lines: dict[_Path, int] = {}
    counts: Counter[_Path] = Counter()
    here: _Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            here = ()
            names = header.group(2).split(".")
            for depth, name in enumerate(names):
                here = (*here, name)
                last = depth == len(names) - 1
                if header.group(1) == "[[" and last:
                    counts[here] += 1
                if counts[here]:
                    here = (*here, counts[here] - 1)
            lines.setdefault(here, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*here, key.group(1)), number)
    return lines


def explain(error: ValidationError, model: type[BaseModel], lines: Mapping[_Path, int]) -> tuple[str, str]:
    """The first key that is wrong, and a text that names all (at most 8): line, key, what is wrong, what to write."""
    found = error.errors(include_url=False)
    sentences = []
    for one in found[:_MOST_SHOWN]:
        path = _place(one)
        line = _line(path, lines)
        where = f"line {line}: " if line else ""
        sentences.append(f"{where}{_shown(path)}: {_what(one, model, path)}")
    if len(found) == 1:
        return _shown(_place(found[0])), sentences[0]
    if len(found) > _MOST_SHOWN:
        sentences.append(f"and {len(found) - _MOST_SHOWN} more.")
    return _shown(_place(found[0])), "".join(f"\n  - {sentence}" for sentence in sentences) + "\n"


def _place(one: Any) -> _Path:
    return tuple(part for part in one["loc"] if not _is_tag(part))


def _is_tag(part: str | int) -> bool:
    """Pydantic adds the member of a union to the place ("bool", "tuple[str, ...]", "function-before[…]")."""
    return isinstance(part, str) and (part in ("bool", "datetime", "date") or "[" in part)


def _shown(path: _Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


def _line(path: _Path, lines: Mapping[_Path, int]) -> int | None:
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def _what(one: Any, model: type[BaseModel], path: _Path) -> str:
    kind = one["type"]
    if kind == "extra_forbidden":
        return f"unknown key. {closest(str(path[-1]), _keys_at(model, path[:-1]), 'Keys here')}"
    if kind == "string_pattern_mismatch":
        return f"{one['input']!r} does not match {one['ctx']['pattern']}."
    if kind == "missing":
        return "is missing."
    message = str(one["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    given = one.get("input")
    shown = "" if isinstance(given, dict | list | tuple) else f", not {given!r}"
    if kind == "value_error":
        return f"{message}."
    return f"should be {message[0].lower()}{message[1:]}{shown}."


def _keys_at(model: type[BaseModel], path: _Path) -> list[str]:
    """The keys that may stand at a place of the file."""
    for part in path:
        if isinstance(part, int):
            continue
        field = next(
            (f for name, f in model.model_fields.items() if part in (name, f.alias)),
            None,
        )
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return [key for key in keys if key != "folder"]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
