"""Errors as problem bodies (RFC 9457). The only place that knows status numbers; each error that leaves is counted."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gridgov.platform import metrics
from gridgov.platform.errors import (
    BadInput,
    Conflict,
    GridgovError,
    NotFound,
    Refused,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
)
from gridgov.platform.limits import RateLimited
from gridgov.platform.request import current

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[GridgovError], int, str], ...] = (
    (TooLarge, 413, "More than is taken at once"),
    (TooSlow, 408, "It did not come in time"),
    (Unauthenticated, 401, "Nobody is signed in"),
    (TooMany, 429, "Asked too often"),
    (BadInput, 422, "What was sent cannot be taken"),
    (NotFound, 404, "There is no such thing"),
    (Conflict, 409, "It stands otherwise already"),
    (Refused, 403, "Not allowed"),
    (Unavailable, 503, "Not possible right now"),
)


class Problem(BaseModel):
    """A problem body: what happened, about which field, and what to do."""

    type: str = Field(examples=["urn:gridgov:problem:category-unknown"])
    title: str = Field(examples=["What was sent cannot be taken"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The city has no matter “0601”."])
    code: str = Field(examples=["category-unknown"])
    field: str | None = Field(default=None, examples=["category"])
    remedy: str | None = Field(default=None, examples=["List them with /api/v1/categories."])
    instance: str | None = Field(default=None, examples=["/api/v1/route"])
    request_id: str | None = Field(default=None, examples=["kgmplhnojcadfbei"])
    changes: list[dict[str, Any]] | None = Field(
        default=None, description="Of a conflict, where it is known: what others did meanwhile."
    )


BEFORE_ROUTES = frozenset({408, 413})  # answered by the guards for every route alike
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": title} for _, status, title in STATUS if status not in BEFORE_ROUTES
}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the media type of its errors; FastAPI writes that of the route's own answer."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    (body,) = response["content"].values()
                    response["content"] = {MEDIA_TYPE: body}
    return document


def problem(
    request: Request,
    status: int,
    title: str,
    detail: str,
    code: str,
    *,
    retry_s: int = 2,
    changes: Any = None,
    **more: str | None,
) -> JSONResponse:
    """One problem body. It names the request, so that a person can say which one failed, and the log can be asked."""
    metrics.problem(code)
    asked = current()
    body = Problem(
        type=f"urn:gridgov:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        instance=request.url.path,
        request_id=asked.id if asked else None,
        changes=changes,
        **more,
    )
    headers = {"Retry-After": str(retry_s)} if status in (429, 503) else None
    if status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(body.model_dump(exclude_none=True), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def answer(request: Request, error: GridgovError) -> JSONResponse:
    """The problem body of one of our own errors."""
    status, title = next(((s, t) for kind, s, t in STATUS if isinstance(error, kind)), (500, "Something broke"))
    if isinstance(error, RateLimited):
        metrics.limited(error.rule)
    if isinstance(permission := error.facts.get("permission"), str):
        metrics.refused(permission)
    retry_s = error.retry_s if isinstance(error, TooMany) else 2
    return problem(
        request, status, title, error.detail, error.code, retry_s=retry_s, changes=error.facts.get("changes"),
        field=error.field, remedy=error.remedy,
    )  # fmt: skip


def broken(request: Request) -> JSONResponse:
    """The answer where the platform itself has failed: without a word of what is in the log."""
    return problem(
        request,
        500,
        "Something broke",
        "An error in the platform itself; it is in the log.",
        "internal",
        remedy="What you sent can be sent again safely.",
    )


def install(app: FastAPI) -> None:
    """Every error of this application leaves as a problem body.

    The handlers are coroutines: a plain function would wait for a thread, of which there is none when it matters.
    """

    @app.exception_handler(GridgovError)
    async def _known(request: Request, error: GridgovError) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
        detail = f"{first['msg']}." if not str(first["msg"]).endswith(".") else str(first["msg"])
        code = "malformed-body" if first["type"] == "json_invalid" else "bad-field"
        remedy = (
            "Send valid JSON." if code == "malformed-body" else "The description of the API is at /api/openapi.json."
        )
        field = None if code == "malformed-body" else ".".join(place) or None
        return problem(request, 422, "What was sent cannot be taken", detail, code, field=field, remedy=remedy)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http")
        body = problem(request, error.status_code, str(error.detail), str(error.detail), code)
        body.headers.update(error.headers or {})
        return body

    @app.exception_handler(Exception)
    async def _broken(request: Request, _error: Exception) -> JSONResponse:
        return broken(request)
