"""The OpenAPI document: complete, true, and with examples that work."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from gridgov.api.app import create_app
from gridgov.bootstrap import House, build
from tests import sample
from tests.architecture.schemas import faults, resolved
from tests.architecture.stage import CANNOT, FORMS, ONCE, Stage
from tests.photos import heif

Document = dict[str, Any]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
FORM, FILE = "multipart/form-data", {"type": "string", "format": "binary"}
PERSONAL = frozenset({"reporter", "phone", "contact", "name_sealed", "phone_sealed", "reporter_name", "reporter_phone"})


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Written without a database: a house opens no connection before somebody asks."""
    house = build("postgresql://nobody@nowhere/none", "demo", tmp_path_factory.mktemp("home"))
    return create_app(house).openapi()


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of all."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


# --- what each operation has to say ------------------------------------------------------------------------------


def gaps(document: Document) -> Iterator[str]:
    """What an operation or one of its parameters leaves unsaid."""
    seen: set[str] = set()
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        for key in ("summary", "description", "tags", "operationId"):
            if not operation.get(key):
                yield f"{where} has no {key}"
        if operation["operationId"] in seen:
            yield f"{where} shares its operationId"
        seen.add(operation["operationId"])
        yield from (f"{where}: {gap}" for gap in _answer_gaps(operation))
        for parameter in operation.get("parameters", ()):
            if not parameter.get("description"):
                yield f"{where}: {parameter['name']} has no description"
            if not _examples(parameter) and not _speaks_for_itself(parameter["schema"], document):
                yield f"{where}: {parameter['name']} has no example"
    for name, schema in document["components"]["schemas"].items():
        if not schema.get("description"):
            yield f"{name} has no description"


def _answer_gaps(operation: dict[str, Any]) -> Iterator[str]:
    good = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
    if not any(answer.get("content") for answer in good.values()):
        yield "no answer has a form"
    for status, answer in good.items():
        if "schema" not in answer.get("content", {}).get("application/json", {"schema": ()}):
            yield f"{status} has no schema"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media == FORM:
            yield from _form_gaps(content["schema"])
        elif media != "application/json":
            yield f"takes {media}"


def _form_gaps(schema: Mapping[str, Any]) -> Iterator[str]:
    """A form is for files: each part says what it is, how many it may be, and is no text or JSON in disguise."""
    for name, part in schema["properties"].items():
        if not part.get("description"):
            yield f"the part {name} has no description"
        if part.get("type") != "array" or "maxItems" not in part or part["items"] != FILE:
            yield f"the part {name} is not a bounded number of files"
    if not set(schema.get("required", ())) & set(schema["properties"]):
        yield "no part is required"


def _examples(parameter: dict[str, Any]) -> list[Any]:
    return list(parameter.get("examples", ()) or parameter["schema"].get("examples", ()))


def _speaks_for_itself(schema: Mapping[str, Any], document: Document) -> bool:
    """A closed set of words, yes or no, or a default."""
    kinds = [resolved(one, document) for one in schema.get("anyOf", [schema])]
    return "default" in schema or all("enum" in kind or kind["type"] in {"boolean", "null"} for kind in kinds)


def test_nothing_is_left_unsaid(document: Document) -> None:
    assert len(list(operations(document))) >= 10
    assert not list(gaps(document))


def untrue_errors(document: Document) -> Iterator[str]:
    """Errors that are not described as problem bodies, or are not described at all."""
    for method, path, operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        for status, answer in errors.items():
            if answer.get("content") != PROBLEM:
                yield f"{method} {path} {status} is no problem body"
        if path.startswith("/api/") and not {"422", "404", "503"} <= set(errors):
            yield f"{method} {path} does not say how it fails"
    if "HTTPValidationError" in document["components"]["schemas"]:
        yield "a form of error of its own"


def test_every_error_is_a_problem_body(document: Document) -> None:
    assert not list(untrue_errors(document))


# --- examples ----------------------------------------------------------------------------------------------------


def wrong_examples(document: Document) -> Iterator[str]:
    """Examples that their own schema refuses."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            for example in _examples(parameter):
                yield from faults(parameter["schema"], example, document, f"{method} {path} {parameter['name']}")
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            yield from faults(schema, example, document, name)
        for field, part in schema.get("properties", {}).items():
            for example in part.get("examples", ()):
                yield from faults(part, example, document, f"{name}.{field}")


def test_every_example_agrees_with_its_schema(document: Document) -> None:
    assert not list(wrong_examples(document))


def bodies(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(method, path, schema) of every body that is sent."""
    for method, path, operation in operations(document):
        if "application/json" in (content := operation.get("requestBody", {}).get("content", {})):
            yield method, path, resolved(content["application/json"]["schema"], document)


def test_every_body_has_a_whole_example(document: Document) -> None:
    found = list(bodies(document))
    assert found
    assert not [path for _, path, schema in found if not schema.get("examples")]


def test_the_examples_work(
    document: Document, house: House, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is sent to a real server, and each answer has the form that the document promises."""
    monkeypatch.setattr(sample, "LON0", 116.88)  # the sample city is put where the examples are: in the demo city
    monkeypatch.setattr(sample, "LAT0", 33.115)
    stage = Stage(house)
    refused: set[str] = set()
    for method, path, operation in operations(document):
        times = 1 if f"{method} {path}" in ONCE else 2
        for carried in _carried(path, operation, document) * times:
            basis = next(_queries(operation))
            address, query = path.format(**basis["path"]), basis["query"]
            answer = api.request(method, address, params=query, headers=stage.headers(method, path), **carried)
            refused |= _agrees(document, path, method, answer)
    stage.await_seal()
    for method, path, operation in operations(document):
        if method == "get":
            for query in _queries(operation):
                address = path.format(**query["path"])
                headers = stage.headers(method, path) | query["header"]
                refused |= _agrees(document, path, method, api.get(address, params=query["query"], headers=headers))
    played = {f"{method} {path}" for method, path, operation in operations(document) if _played(method, operation)}
    assert refused == set(CANNOT) & played, "whatever is excused needs the excuse"


def test_what_cannot_be_played_is_there_and_says_why(document: Document) -> None:
    there = {f"{method} {path}" for method, path, _ in operations(document)}
    assert set(CANNOT) | ONCE <= there
    assert all(CANNOT.values())


def _carried(path: str, operation: dict[str, Any], document: Document) -> list[dict[str, Any]]:
    """What is sent with each example of a body; to a form a photo, or what else it takes."""
    content = operation.get("requestBody", {}).get("content", {})
    if FORM in content:
        return [
            {
                "files": [
                    (name, ("photo", FORMS.get(path) or heif.heic())) for name in content[FORM]["schema"]["required"]
                ]
            }
        ]
    if "application/json" not in content:
        return []
    schema = resolved(content["application/json"]["schema"], document)
    return [{"json": example} for example in schema.get("examples", ())]


def _queries(operation: dict[str, Any]) -> Iterator[dict[str, dict[str, Any]]]:
    """What is required, then the same with every other example in turn."""
    parameters = operation.get("parameters", ())
    basis: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in parameters:
        if parameter["required"]:
            basis[parameter["in"]][parameter["name"]] = _examples(parameter)[0]
    yield basis
    for parameter in parameters:
        for example in _examples(parameter):
            query = copy.deepcopy(basis)
            query[parameter["in"]][parameter["name"]] = example
            yield query


def _agrees(document: Document, path: str, method: str, answer: httpx.Response) -> set[str]:
    """Whether the answer is what the document promises; the operation, if it was refused and may be."""
    operation = f"{method} {path}"
    most = 500 if operation in CANNOT else 400
    assert answer.status_code < most, f"{method} {answer.request.url}: {answer.text}"
    described = document["paths"][path][method]["responses"][str(answer.status_code)]
    media = answer.headers.get("content-type", "").partition(";")[0]
    assert media in (described.get("content") or {""}), f"{answer.request.url}: {media}"
    if media.endswith("json"):
        wrong = list(faults(described["content"][media]["schema"], answer.json(), document, path))
        assert not wrong, f"{answer.request.url}: {wrong}"
    return {operation} if answer.status_code >= 400 else set()


def _played(method: str, operation: dict[str, Any]) -> bool:
    return method == "get" or "requestBody" in operation


# --- personal data -----------------------------------------------------------------------------------------------


def fields(schema: Mapping[str, Any], document: Document) -> set[str]:
    """Names of all fields that a schema can hold at any depth."""
    found: set[str] = set()
    waiting: list[Any] = [schema]
    seen: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            reference = part.get("$ref")
            if reference is not None and reference not in seen:
                seen.add(reference)
                waiting.append(resolved(part, document))
            properties = part.get("properties", {})
            found |= set(properties)
            waiting.extend(properties.values())
            waiting.extend(value for key, value in part.items() if key not in {"properties", "examples", "default"})
    return found


# What may answer with a contact, by permissions of its own.
CONTACTS = {
    "/api/v1/incidents/{incident_id}/contact",
    "/api/v1/incidents/{incident_id}/contact/reveal",
    "/api/v1/cases/{case_id}/contact",
    "/api/v1/cases/{case_id}/contact/reveal",
}


def test_no_other_answer_can_hold_a_reporters_contact(document: Document) -> None:
    answered: dict[bool, set[str]] = {True: set(), False: set()}
    for _, path, operation in operations(document):
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                answered[path in CONTACTS] |= fields(content.get("schema", {}), document)
    assert {"category", "path", "place", "lead"} <= answered[False]
    assert not answered[False] & PERSONAL
    assert answered[True] & PERSONAL
    sent = set().union(*(fields(schema, document) for _, _, schema in bodies(document)))
    assert {"reporter", "phone"} <= sent  # what is looked for can be seen


# --- controls: a document that is spoilt is seen to be ---------------------------------------------------------


def _without_summary(document: Document) -> None:
    del document["paths"]["/api/v1/city"]["get"]["summary"]


def _without_parameter_example(document: Document) -> None:
    parameter = next(p for p in document["paths"]["/api/v1/route"]["get"]["parameters"] if p["name"] == "category")
    parameter.pop("examples", None)
    parameter["schema"].pop("examples", None)


def _without_answer(document: Document) -> None:
    document["paths"]["/api/v1/city"]["get"]["responses"]["200"]["content"]["application/json"] = {}


def _with_form_of_text(document: Document) -> None:
    path = document["paths"]["/api/v1/incidents/{incident_id}/attachments"]
    path["post"]["requestBody"]["content"][FORM]["schema"]["properties"]["file"]["items"] = {"type": "string"}


def _with_form_without_bound(document: Document) -> None:
    path = document["paths"]["/api/v1/incidents/{incident_id}/attachments"]
    del path["post"]["requestBody"]["content"][FORM]["schema"]["properties"]["file"]["maxItems"]


def _with_other_media(document: Document) -> None:
    path = document["paths"]["/api/v1/incidents/{incident_id}/attachments"]
    path["post"]["requestBody"]["content"]["text/plain"] = {"schema": {"type": "string"}}


def _with_plain_error(document: Document) -> None:
    answer = document["paths"]["/api/v1/city"]["get"]["responses"]["422"]
    answer["content"] = {"application/json": answer["content"]["application/problem+json"]}


def _with_wrong_parameter(document: Document) -> None:
    parameter = next(p for p in document["paths"]["/api/v1/route"]["get"]["parameters"] if p["name"] == "lon")
    parameter["schema"]["examples"] = parameter["examples"] = ["east"]


def _with_wrong_field(document: Document) -> None:
    document["components"]["schemas"]["ReportBody"]["properties"]["happened_at"]["examples"] = ["yesterday"]


def _with_wrong_body(document: Document) -> None:
    document["components"]["schemas"]["ReportBody"]["examples"][0]["nmae"] = "misspelt"


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (gaps, _without_summary),
        (gaps, _without_parameter_example),
        (gaps, _without_answer),
        (gaps, _with_form_of_text),
        (gaps, _with_form_without_bound),
        (gaps, _with_other_media),
        (untrue_errors, _with_plain_error),
        (wrong_examples, _with_wrong_parameter),
        (wrong_examples, _with_wrong_field),
        (wrong_examples, _with_wrong_body),
    ],
)
def test_what_is_spoilt_is_seen(
    document: Document, check: Callable[[Document], Iterator[str]], spoil: Callable[[Document], None]
) -> None:
    spoilt = copy.deepcopy(document)
    spoil(spoilt)
    assert len(list(check(spoilt))) == 1


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, True),
        ({"type": "number", "minimum": 0}, -1),
        ({"type": "string", "format": "uuid"}, "x"),
        ({"type": "string", "pattern": "^a$"}, "b"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1]),
        ({"type": "object", "required": ["a"]}, {}),
        ({"type": "object", "additionalProperties": False}, {"a": 1}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"a": 1}),
    ],
)
def test_a_value_that_disagrees_is_seen(schema: dict[str, Any], value: object) -> None:
    assert list(faults(schema, value, {}))


def test_a_keyword_that_nobody_looks_at_is_an_error() -> None:
    with pytest.raises(NotImplementedError):
        list(faults({"type": "integer", "multipleOf": 2}, 3, {}))
