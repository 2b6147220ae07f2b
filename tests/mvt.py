"""Reads Mapbox Vector Tiles (specification 2.1) for tests, independently of what wrote them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Feature:
    """Geometry as rings, lines or single points of tile units; `properties` and `id` as they stand in the tile."""

    id: int | None
    kind: int  # 1 point, 2 line, 3 polygon
    properties: dict[str, Any]
    parts: list[list[tuple[int, int]]]


@dataclass
class TileLayer:
    """One source layer."""

    name: str
    extent: int = 4096
    features: list[Feature] = field(default_factory=list)


def decode(tile: bytes) -> dict[str, TileLayer]:
    """Source layers by name."""
    layers = [_layer(body) for number, body in _fields(tile) if number == 3]
    return {layer.name: layer for layer in layers}


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    value: Any
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            assert kind == 2, f"unknown wire type {kind}"
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if not byte & 128:
            return value, at
        shift += 7


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(data: bytes) -> Any:
    number, value = next(_fields(data))
    if number == 1:
        return value.decode()
    if number == 6:
        return _signed(value)
    return bool(value) if number == 7 else value


def _layer(data: bytes) -> TileLayer:
    fields = list(_fields(data))
    keys = [value.decode() for number, value in fields if number == 3]
    values = [_value(value) for number, value in fields if number == 4]
    layer = TileLayer(next(value.decode() for number, value in fields if number == 1))
    layer.extent = next((value for number, value in fields if number == 5), 4096)
    for number, value in fields:
        if number == 2:
            layer.features.append(_feature(value, keys, values))
    return layer


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    parts = dict(_fields(data))
    tags = _packed(parts.get(2, b""))
    properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(parts.get(1), parts[3], properties, _geometry(_packed(parts[4])))


def _geometry(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, times = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(times):
            if command == 7:
                parts[-1].append(parts[-1][0])
                continue
            x, y = x + _signed(commands[at]), y + _signed(commands[at + 1])
            at += 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts
