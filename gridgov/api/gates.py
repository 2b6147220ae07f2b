"""Every route has a row in the one table, and every row a route: otherwise the application is not made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from gridgov.auth.matrix import OPEN_TO_ALL, ROUTES, permissions, route_permission

Gates = dict[Callable[..., Any], str]


class UngatedRoute(RuntimeError):
    """A route without a permission, or a row of the table for a route that is not there."""


def gates(routers: Iterable[tuple[str, APIRouter]]) -> Gates:
    """What answers -> the permission it needs, of all routers with their prefixes. Raises `UngatedRoute`."""
    found: Gates = {}
    seen: set[str] = set()
    for row, endpoint in _operations(routers):
        permission = route_permission(*row.split(" ", 1))
        if permission is None:
            raise UngatedRoute(f"{row} has no row in gridgov/auth/matrix.py")
        if permission not in permissions():
            raise UngatedRoute(f"{row}: the table has no permission {permission}")
        if found.setdefault(endpoint, permission) != permission:
            raise UngatedRoute(f"{row}: one function answers for several permissions")
        seen.add(row)
    dead = sorted(set(ROUTES) - seen)
    if dead:
        raise UngatedRoute(f"the table has rows for routes that are not there: {', '.join(dead)}")
    return found


def _operations(routers: Iterable[tuple[str, APIRouter]]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for prefix, router in routers:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise UngatedRoute(f"{prefix}: {route} cannot be given a permission")
            path = prefix + route.path_format
            for method in sorted((route.methods or set()) - {"HEAD"}):
                if path not in OPEN_TO_ALL:
                    yield f"{method} {path}", route.endpoint
