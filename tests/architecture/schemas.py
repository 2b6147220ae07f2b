"""Does a value agree with a schema of the OpenAPI document? The part of JSON Schema 2020-12 that the document uses.

An unknown keyword is an error, so that nothing passes because nobody looked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

Schema = Mapping[str, Any]

SAYINGS = frozenset({"title", "description", "default", "examples", "$defs"})
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
FORMATS: Mapping[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}
MEASURES: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "minItems": lambda value, least: len(value) >= least,
    "maxItems": lambda value, most: len(value) <= most,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "enum": lambda value, allowed: value in allowed,
    "const": lambda value, only: value == only,
}


def resolved(schema: Schema, document: Schema) -> Schema:
    """The schema that a reference points to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def faults(schema: Schema, value: Any, document: Schema, where: str = "") -> Iterator[str]:
    """Where and how the value disagrees; nothing when it agrees."""
    schema = resolved(schema, document)
    if "anyOf" in schema:
        if all(list(faults(one, value, document, where)) for one in schema["anyOf"]):
            yield f"{where}: {value!r} is none of the alternatives"
        return
    if "type" in schema and not TYPES[schema["type"]](value):
        yield f"{where}: {value!r} is no {schema['type']}"
        return
    for keyword, wanted in schema.items():
        if keyword in MEASURES:
            if not MEASURES[keyword](value, wanted):
                yield f"{where}: {value!r} breaks {keyword} {wanted!r}"
        elif keyword == "format":
            yield from _format_faults(wanted, value, where)
        elif keyword in {"items", "prefixItems"}:
            parts = wanted if keyword == "prefixItems" else [wanted] * len(value)
            for place, (part, one) in enumerate(zip(parts, value, strict=False)):
                yield from faults(part, one, document, f"{where}[{place}]")
        elif keyword not in SAYINGS | {"type", "properties", "required", "additionalProperties"}:
            raise NotImplementedError(f"{where}: the keyword {keyword} is not looked at")
    if schema.get("type") == "object":
        yield from _object_faults(schema, value, document, where)


def _format_faults(name: str, value: str, where: str) -> Iterator[str]:
    try:
        FORMATS[name](value)
    except ValueError:
        yield f"{where}: {value!r} is no {name}"


def _object_faults(schema: Schema, value: Mapping[str, Any], document: Schema, where: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}: {name} is missing"
    for name, one in value.items():
        if name in known:
            yield from faults(known[name], one, document, f"{where}.{name}")
        elif others is False:
            yield f"{where}: {name} is unknown"
        elif isinstance(others, dict):
            yield from faults(others, one, document, f"{where}.{name}")
